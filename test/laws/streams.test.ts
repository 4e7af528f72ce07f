import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stepIntents } from '../model/generator.js'
import { historyOf, versionAt } from '../model/history.js'
import { dialects, openUniverseOn } from '../model/open.js'
import { ids } from '../model/values.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { play, recordOf, retimed, versionOf, versionsOf } from './play.js'
import { askAll, collect } from './questions.js'

describe.each(dialects)('streams on %s', { timeout: lawTimeout }, (dialect) => {
  it('carry a whole universe: equal hashes, equal answers', async () => {
    const size = { numRuns: 15, leastOperations: 250 }
    await holdLaw(fc.tuple(stepIntents(45), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      await using copy = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const { versions, head } = await play(universe, intents, course)
      const records = await collect(universe.export())
      expect(records.map(withoutBranch)).toEqual(versions.map(recordOf))

      const some = records.slice(0, dice.roll(records.length + 1))
      expect(await copy.import(some)).toEqual({ imported: some.length, skipped: 0 })
      const rest = { imported: records.length - some.length, skipped: some.length }
      expect(await copy.import(records)).toEqual(rest)

      expect(await collect(copy.export())).toEqual(records)
      if (!head) return
      expect(await copy.versions.history(head.versionId)).toEqual(versionsOf(versions).reverse())
      for (const { versionId, state } of dice.some(versions, 50)) {
        await askAll(copy.at({ version: versionId }), state, dice, 1)
      }
      await askAll(copy.head, head.state, dice, 2)
      expect(await copy.verify()).toMatchObject({ findings: [] })
    })
  })

  it('carry a part: what comes after one version, up to another', async () => {
    const size = { numRuns: 10, leastOperations: 150 }
    await holdLaw(fc.tuple(stepIntents(45), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const { versions } = await play(universe, intents, course)
      for (let round = 0; versions.length > 0 && round < 10; round++) {
        const [from, to] = [dice.pick(versions), dice.pick(versions)]
        const part = await collect(universe.export({ from: from.versionId, to: to.versionId }))
        const between = versions.filter(({ sequence }) => sequence > from.sequence && sequence <= to.sequence)
        expect(part.map(withoutBranch)).toEqual(between.map(recordOf))
      }
    })
  })

  it('bring histories whose clocks ran back, and they are read by sequence', async () => {
    const size = { numRuns: 15, leastOperations: 250 }
    await holdLaw(fc.tuple(stepIntents(45), fc.nat()), size, async ([intents, seed], course) => {
      await using source = await openUniverseOn(dialect)
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const played = await play(source, intents, course)
      const model = retimed(
        played,
        played.versions.map(() => dice.pick([-3, 0, 5, 5, 6, 7, 1_000])),
      )
      await universe.import(model.versions.map(recordOf))

      expect(await universe.versions.latest()).toEqual(model.head && versionOf(model.head))
      for (const moment of [-4, -3, -1, 0, 4, 5, 6, 7, 999, 1_000]) {
        const version = versionAt(model, moment)
        expect(await universe.versions.at(new Date(moment))).toEqual(version && versionOf(version))
      }
      for (const { versionId, state } of model.versions) {
        await askAll(universe.at({ version: versionId }), state, dice, 2)
      }
      for (const id of dice.some(ids, 30)) {
        const told = historyOf(model, id).map((one) => ({
          ...one,
          version: versionOf(one.version),
        }))
        expect(await universe.history(id)).toEqual(told)
      }
      expect(await universe.verify()).toMatchObject({ findings: [] })
    })
  })
})

function withoutBranch<T extends { branch?: unknown }>({ branch: _branch, ...record }: T): Omit<T, 'branch'> {
  return record
}
