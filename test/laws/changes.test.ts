import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyOperations } from '../model/apply.js'
import { diff, netOperations } from '../model/diff.js'
import { stepIntents } from '../model/generator.js'
import { dataHash } from '../model/hash.js'
import { historyOf } from '../model/history.js'
import { dialects, openUniverseOn } from '../model/open.js'
import { emptyState } from '../model/state.js'
import { ids } from '../model/values.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { play, versionOf } from './play.js'

describe.each(dialects)('changes on %s', { timeout: lawTimeout }, (dialect) => {
  it('of every id are told by its history, up to any version', async () => {
    const size = { numRuns: 20, leastOperations: 500 }
    await holdLaw(fc.tuple(stepIntents(60), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const model = await play(universe, intents, course)
      for (const id of [...ids, 'unknown']) {
        const told = (until = model.head) =>
          historyOf(model, id, until).map((entry) => ({
            ...entry,
            version: versionOf(entry.version),
          }))
        expect(await universe.history(id)).toEqual(told())
        if (!model.head) continue
        const until = dice.pick(model.versions)
        expect(await universe.history(id, { until: until.versionId })).toEqual(told(until))
      }
    })
  })

  it('between any two versions are their diff, and lead from one to the other', async () => {
    const size = { numRuns: 20, leastOperations: 350 }
    await holdLaw(fc.tuple(stepIntents(45), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const { versions } = await play(universe, intents, course)
      for (let round = 0; versions.length > 0 && round < 30; round++) {
        const [a, b] = [dice.pick(versions), dice.pick(versions)]
        expect(await universe.diff(a.versionId, b.versionId)).toEqual(diff(a.state, b.state))

        const operations = await universe.diff(a.versionId, b.versionId, { operations: true })
        expect(operations).toEqual(netOperations(a.state, b.state))
        expect(dataHash(applyOperations(a.state, operations))).toBe(b.dataHash)
      }
    })
  })

  it('committed to another universe lead it to the same content', async () => {
    const size = { numRuns: 15, leastOperations: 200 }
    await holdLaw(fc.tuple(stepIntents(30), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      await using other = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const { versions } = await play(universe, intents, course)
      let before: (typeof versions)[number] | undefined
      for (let round = 0; versions.length > 0 && round < 6; round++) {
        const next = dice.pick(versions)
        const operations = before
          ? await universe.diff(before.versionId, next.versionId, { operations: true })
          : netOperations(emptyState, next.state)
        const version = await other.commit('Leap', operations)
        expect(version.dataHash).toBe(next.dataHash)
        before = next
      }
    })
  })

  it('between two small states are found by a scan where many ids came and went', async () => {
    await using universe = await openUniverseOn(dialect)
    const many = Array.from({ length: 11_000 }, (_, n) => `e${n}`)
    const create = (id: string) => ({ op: 'createEntity', id, entityType: 'P', metadata: {} }) as const
    const remove = (id: string) => ({ op: 'deleteEntity', id }) as const
    const few = await universe.commit('Few', ['a', 'b', 'c'].map(create))
    await universe.commit('Many', many.map(create))
    const changes = [{ op: 'set', path: '/x', value: 1 } as const]
    const last = [remove('a'), { op: 'updateEntity', id: 'b', changes } as const, create('d')]
    const again = await universe.commit('Few again', [...many.map(remove), ...last])

    const { entities } = await universe.diff(few.versionId, again.versionId)
    expect(entities.created.map(({ id }) => id)).toEqual(['d'])
    expect(entities.deleted.map(({ id }) => id)).toEqual(['a'])
    expect(entities.updated.map(({ after }) => after.id)).toEqual(['b'])
    expect(entities.updated[0]?.changes).toEqual(changes)
  })
})
