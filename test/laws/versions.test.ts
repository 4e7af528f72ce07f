import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stepIntents } from '../model/generator.js'
import { ancestors, children, firstParents, mergeBases, versionAt } from '../model/history.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'
import type { ModelUniverse } from '../model/universe.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { play, versionOf, versionsOf } from './play.js'
import { collect } from './questions.js'

describe.each(dialects)('versions on %s', { timeout: lawTimeout }, (dialect) => {
  it('are found by id, by moment, by chain and by kinship', async () => {
    const size = { numRuns: 20, leastOperations: 350 }
    await holdLaw(fc.tuple(stepIntents(45), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const model = await play(universe, intents, course)
      await expectLatest(universe, model)
      for (const { versionId, timestamp } of model.versions) {
        await expectKin(universe, model, versionId)
        for (const moment of [timestamp - 1, timestamp, timestamp + 1]) {
          const version = versionAt(model, moment)
          expect(await universe.versions.at(new Date(moment))).toEqual(version && versionOf(version))
        }
        const other = dice.pick(model.versions).versionId
        const bases = versionsOf(mergeBases(model, versionId, other))
        expect(await universe.versions.mergeBases(versionId, other)).toEqual(bases)
      }
    })
  })
})

async function expectLatest(universe: Universe, model: ModelUniverse): Promise<void> {
  expect(await universe.versions.latest()).toEqual(model.head && versionOf(model.head))
  if (model.head) return
  expect(await universe.versions.at(new Date(0))).toBeUndefined()
}

async function expectKin(universe: Universe, model: ModelUniverse, versionId: string): Promise<void> {
  const version = model.get(versionId)
  const { versions } = universe
  const chain = versionsOf(firstParents(model, version))
  expect(await versions.get(versionId)).toEqual(versionOf(version))
  expect(await versions.operations(versionId)).toEqual(version.operations)
  expect(await versions.history(versionId)).toEqual(chain)
  expect(await versions.history(versionId, { limit: 3 })).toEqual(chain.slice(0, 3))
  expect(await collect(versions.ancestors(versionId))).toEqual(versionsOf(ancestors(model, versionId)))
  // Of several, what any of them descends from: the root's and the middle one's are within already.
  const { length } = model.versions
  const several = [model.versions[0], model.versions[length >> 1], version].flatMap((one) => one ?? [])
  const union = new Set(several.flatMap((one) => ancestors(model, one.versionId)))
  const newestFirst = [...union].sort((a, b) => b.sequence - a.sequence)
  const listed = await collect(versions.ancestors(several.map((one) => ({ version: one.versionId }))))
  expect(listed).toEqual(versionsOf(newestFirst))
  expect(await versions.children(versionId)).toEqual(versionsOf(children(model, versionId)))
}
