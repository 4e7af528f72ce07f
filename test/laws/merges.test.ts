import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Merges, newTally, playMerges } from '../given/merges.js'
import { applyOperations } from '../model/apply.js'
import { diff, netOperations } from '../model/diff.js'
import { dataHash } from '../model/hash.js'
import { mergeBases } from '../model/history.js'
import { conflictsOf, mergedContents } from '../model/merge.js'
import { type Dialect, dialects, openUniverseOn } from '../model/open.js'
import { byId, emptyState, stamp } from '../model/state.js'
import { Dice } from './dice.js'
import { lawTimeout, runs, seed } from './law.js'

/** Plays histories with merges, and asks of each. */
async function holdOverMerges(
  dialect: Dialect,
  numRuns: number,
  ask: (merges: Merges, dice: Dice) => Promise<void>,
): Promise<ReturnType<typeof newTally>> {
  const tally = newTally()
  const property = fc.asyncProperty(fc.nat(), async (start) => {
    await using merges = await playMerges(dialect, start, 50, tally)
    await ask(merges, new Dice(start))
  })
  await fc.assert(property, { numRuns: runs(numRuns), seed, interruptAfterTimeLimit: lawTimeout * 0.8 })
  return tally
}

describe.each(dialects)('merges on %s', { timeout: lawTimeout }, (dialect) => {
  it('and reverts lead where the model says, whatever they bring together', async () => {
    const numRuns = 20
    const tally = await holdOverMerges(dialect, numRuns, async ({ universe, model, heads }) => {
      expect(await universe.verify()).toMatchObject({ findings: [] })
      await using copy = await openUniverseOn(dialect)
      await copy.import(universe.export())
      for (const [name, { versionId }] of heads) expect((await copy.versions.latest(name))?.versionId).toBe(versionId)
      for (const { versionId, versionHash } of model.versions) {
        expect((await copy.versions.get(versionId))?.versionHash).toBe(versionHash)
      }
    })
    // Else the histories prove nothing.
    if (runs(numRuns) < numRuns) return
    expect(tally.operations).toBeGreaterThan(2_000)
    expect(tally.merges).toBeGreaterThan(100)
    expect(tally.reverts).toBeGreaterThan(100)
    expect(tally.conflicting).toBeGreaterThan(0.3 * (tally.merges + tally.reverts))
    expect(tally.crossed).toBeGreaterThanOrEqual(15)
    expect(tally.forwards).toBeGreaterThanOrEqual(8)
    for (const kind of ['changed', 'deleted', 'created', 'replaced', 'end']) {
      expect(tally.kinds[kind], kind).toBeGreaterThanOrEqual(20)
    }
  })

  it('previewed between any two versions are as the model has them, with any base', async () => {
    await holdOverMerges(dialect, 8, async ({ universe, model }, dice) => {
      for (let round = 0; round < 12; round++) {
        const [ours, theirs] = [dice.pick(model.versions), dice.pick(model.versions)]
        const given = dice.chance(30) ? dice.pick(model.versions) : undefined
        const base = given ?? mergeBases(model, ours.versionId, theirs.versionId)[0]
        const three = { base: base?.state ?? emptyState, ours: ours.state, theirs: theirs.state }
        const merged = stamp(
          ours.state,
          mergedContents(three, (conflict) => conflict.ours),
          0,
        )

        const options = { into: ours.versionId, ...(given ? { base: given.versionId } : {}) }
        const preview = await universe.previewMerge(theirs.versionId, options)

        expect(preview.base?.versionId).toBe(base?.versionId)
        expect(preview.conflicts).toEqual(conflictsOf(three))
        expect(preview.operations).toEqual(netOperations(ours.state, merged))
        expect([...preview.entities].map(unstamped)).toEqual(byId(merged.entities.values()).map(unstamped))
        expect([...preview.relations].map(unstamped)).toEqual(byId(merged.relations.values()).map(unstamped))
      }
    })
  })

  it('are crossed by diffs that lead from any version to any other', async () => {
    await holdOverMerges(dialect, 8, async ({ universe, model }, dice) => {
      for (let round = 0; round < 25; round++) {
        const [a, b] = [dice.pick(model.versions), dice.pick(model.versions)]
        expect(await universe.diff(a.versionId, b.versionId)).toEqual(diff(a.state, b.state))
        const operations = await universe.diff(a.versionId, b.versionId, { operations: true })
        expect(operations).toEqual(netOperations(a.state, b.state))
        expect(dataHash(stamp(a.state, applyOperations(a.state, operations), 0))).toBe(b.dataHash)
      }
    })
  })

  it('are the same from either side but for who is ours, and nothing with oneself', async () => {
    await holdOverMerges(dialect, 8, async ({ universe, model, heads }, dice) => {
      for (let round = 0; round < 12; round++) {
        const [a, b] = [dice.pick(model.versions).versionId, dice.pick(model.versions).versionId]
        const here = await universe.previewMerge(b, { into: a })
        const there = await universe.previewMerge(a, { into: b })
        expect(there.base).toEqual(here.base)
        const turned = here.conflicts.map(({ ours, theirs, ...rest }) => ({ ...rest, ours: theirs, theirs: ours }))
        const withoutElement = ({ element: _element, ...rest }: { element: string }) => rest
        expect(there.conflicts.map(withoutElement)).toEqual(turned.map(withoutElement))
        if (here.conflicts.length > 0) continue
        expect([...there.entities].map(unstamped)).toEqual([...here.entities].map(unstamped))
        expect([...there.relations].map(unstamped)).toEqual([...here.relations].map(unstamped))
      }
      for (const [branch, { versionId }] of heads) {
        expect((await universe.merge(branch, { into: branch })).versionId).toBe(versionId)
        expect(await universe.previewMerge(branch, { into: branch })).toMatchObject({ operations: [], conflicts: [] })
      }
    })
  })

  it('and all else are undone by a revert, if nothing came later', async () => {
    await holdOverMerges(dialect, 8, async ({ universe, model, heads }) => {
      for (const [branch, head] of heads) {
        const before = model.find(head.parents[0])
        const { dataHash: hash } = await universe.revert({ branch }, { branch })
        expect(hash).toBe(before?.dataHash ?? '0'.repeat(64))
        expect((await universe.revert({ branch }, { branch })).dataHash).toBe(head.dataHash)
      }
    })
  })
})

/** What the timestamps of a preview are is not said before it is written. */
function unstamped<E extends { createdAt: number; updatedAt: number }>(element: E) {
  const { createdAt: _created, updatedAt: _updated, ...rest } = element
  return rest
}
