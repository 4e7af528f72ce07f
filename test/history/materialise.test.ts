import { describe, expect, it } from 'vitest'
import { randomOperations } from '../given/operations.js'
import { refusalOf } from '../given/refused.js'
import { Dice } from '../laws/dice.js'
import { dialects, openUniverseOn } from '../model/open.js'
import { byId, emptyState } from '../model/state.js'
import { ModelUniverse } from '../model/universe.js'

describe.each(dialects)('materialise on %s', (dialect) => {
  it('reads the same state through the indexes and from the deltas, at every version', async () => {
    await using universe = await openUniverseOn(dialect)
    const model = new ModelUniverse()
    const dice = new Dice(21)
    for (let index = 0; index < 80; index++) {
      const operations = randomOperations(model.head?.state ?? emptyState, dice, 5)
      const parents = model.head ? [model.head.versionId] : []
      const { versionId, timestamp } = model.append({ version: `v${index}`, parents, timestamp: index, operations })
      await universe.commit('', operations as never, { versionId, timestamp })
    }
    for (const { versionId, state, dataHash, sequence } of model.versions) {
      for (const from of ['index', 'deltas', undefined] as const) {
        const found = await universe.materialise(versionId, { from })
        expect(found.version).toMatchObject({ versionId, dataHash, sequence })
        expect([...found.entities]).toEqual(byId(state.entities.values()))
        expect([...found.relations]).toEqual(byId(state.relations.values()))
      }
    }
  })

  it('of no version is the empty graph', async () => {
    await using universe = await openUniverseOn(dialect)
    for (const from of ['index', 'deltas'] as const) {
      const found = await universe.materialise('main', { from })
      expect([found.version, [...found.entities], [...found.relations]]).toEqual([undefined, [], []])
    }
    await universe.commit('x', (draft) => draft.createEntity('T'), { timestamp: 5 })
    expect([...(await universe.materialise({ time: 4 }, { from: 'deltas' })).entities]).toEqual([])
    expect([...(await universe.materialise({ time: 5 }, { from: 'deltas' })).entities]).toHaveLength(1)
  })

  it('is refused for what is not there, and for another way to read', async () => {
    await using universe = await openUniverseOn(dialect)
    expect(await refusalOf(() => universe.materialise('nowhere'))).toMatchObject({ code: 'NOT_FOUND' })
    for (const bad of [null, undefined, 5, {}]) {
      expect(await refusalOf(() => universe.materialise(bad as never))).toMatchObject({ code: 'VALIDATION' })
    }
    for (const from of ['snapshot', null, 5]) {
      expect(await refusalOf(() => universe.materialise('main', { from: from as never }))).toMatchObject({
        code: 'VALIDATION',
      })
    }
    const signal = AbortSignal.abort()
    expect(await refusalOf(() => universe.materialise('main', { signal }))).toMatchObject({ code: 'ABORT' })
  })
})
