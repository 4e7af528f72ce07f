import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collect, idsOf, pagesOf } from '../given/collect.js'
import { randomOperations } from '../given/operations.js'
import { refusalOf } from '../given/refused.js'
import { Dice } from '../laws/dice.js'
import { listEntities, listRelations } from '../model/filter.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'
import { emptyState } from '../model/state.js'
import { ModelUniverse, type ModelVersion } from '../model/universe.js'

const types = [undefined, 'Person', ['Company'], ['Person', 'KNOWS'], [], 'nothing'] as const
const orders = [{}, { order: 'desc' }, { orderBy: 'createdAt' }, { orderBy: 'updatedAt', order: 'desc' }] as const

describe.each(dialects)('filters on %s', (dialect) => {
  let universe: Universe
  let model: ModelUniverse
  beforeAll(async () => {
    universe = await openUniverseOn(dialect)
    model = new ModelUniverse()
    const dice = new Dice(11)
    for (let index = 0; index < 40; index++) {
      const operations = randomOperations(model.head?.state ?? emptyState, dice, 6)
      const timestamp = 100 + Math.floor(index / 3)
      const version = `v${index}`
      model.append({ version, parents: model.head ? [model.head.versionId] : [], timestamp, operations })
      await universe.commit('', operations as never, { versionId: version, timestamp })
    }
  })
  afterAll(() => universe.close())

  /** Every combination of these, at the head and in the past, by one page, by pages and by a stream. */
  async function ask<F extends object>(element: 'entities' | 'relations', filters: F[]) {
    const list = (element === 'entities' ? listEntities : listRelations) as (
      state: ModelVersion['state'],
      filter: object,
    ) => { id: string }[]
    for (const version of [model.head, model.versions[20], model.versions[3]] as ModelVersion[]) {
      const view = version === model.head ? universe.head : universe.at({ version: version.versionId })
      for (const filter of filters) {
        const message = `${version.versionId} ${JSON.stringify(filter)}`
        const expected = list(version.state, filter)
        expect((await view[element]({ limit: 1_000, ...filter })).items, message).toEqual(expected)
        expect((await view[element]({ limit: 2, offset: 1, ...filter })).items, message).toEqual(expected.slice(1, 3))
        expect(await pagesOf<object>((next) => view[element]({ limit: 3, ...filter, ...next })), message).toEqual(
          expected,
        )
        const stream: AsyncIterable<object> =
          element === 'entities' ? view.eachEntity(filter) : view.eachRelation(filter)
        expect(await collect(stream), message).toEqual(expected)
        expect((await view.count(filter))[element], message).toBe(expected.length)
      }
    }
  }

  it('of entities keep what they say, alone and together', async () => {
    const filters = types.flatMap((type) =>
      [undefined, 'red', '', 'nobody'].flatMap((tag) =>
        [undefined, ['a', 'b', 'A', 'a', 'none'], []].flatMap((ids) =>
          orders.map((order) => given({ type, tag, ids, ...order })),
        ),
      ),
    )
    await ask('entities', filters)
  })

  it('by the moment of creation leave out both ends', async () => {
    const moments = [undefined, 99, 104, 108, 113, 120]
    const filters = moments.flatMap((createdAfter) =>
      moments.flatMap((createdBefore) =>
        [{}, { type: 'Person' }, { tag: 'red', orderBy: 'createdAt' }].map((rest) =>
          given({ createdAfter, createdBefore, ...rest }),
        ),
      ),
    )
    await ask('entities', filters)
    const asDates = await universe.head.entities({ createdAfter: new Date(104), createdBefore: new Date(113) })
    expect(asDates).toEqual(await universe.head.entities({ createdAfter: 104, createdBefore: 113 }))
    const between = await universe.head.entities({ createdAfter: 103.5, createdBefore: 104.5 })
    expect(between.items).toEqual(listEntities(model.head?.state as never, { createdAfter: 103, createdBefore: 105 }))
  })

  it('of relations keep what they say, alone and together', async () => {
    const ends = [undefined, 'a', 'b']
    const filters = [undefined, 'KNOWS', ['KNOWS', '_'], []].flatMap((type) =>
      ends.flatMap((from) =>
        ends.flatMap((to) =>
          ends.flatMap((touching) =>
            [undefined, ['r', 'r1']].map((ids) => given({ type, from, to, touching, ids, order: 'desc' as const })),
          ),
        ),
      ),
    )
    await ask('relations', filters.slice())
    await ask(
      'relations',
      orders.map((order) => ({ touching: 'a', ...order })),
    )
  })

  it('that only one kind of element has keep nothing of the other', async () => {
    const { head } = universe
    expect((await head.count({ tag: 'red' })).relations).toBe(0)
    expect((await head.count({ tag: 'red' })).entities).toBe((await head.entities({ tag: 'red' })).items.length)
    for (const end of ['from', 'to', 'touching']) expect((await head.count({ [end]: 'a' })).entities).toBe(0)
    expect(await head.count({ tag: 'red', from: 'a' })).toEqual({ entities: 0, relations: 0 })
  })

  it('refuse what they do not know', async () => {
    const { head } = universe
    const both = [
      null,
      5,
      'x',
      { tpye: 'x' },
      { type: 5 },
      { type: null },
      { type: ['x', 5] },
      { type: '\ud800' },
      { ids: 'a' },
      { ids: [5] },
      { ids: ['\ud800'] },
      { createdAfter: '2024' },
      { createdAfter: Number.NaN },
      { createdBefore: new Date(Number.NaN) },
      { createdBefore: 2 ** 60 },
      { createdBefore: null },
      { orderBy: 'name' },
      { orderBy: 'constructor' },
      { order: 'up' },
      { deadline: -1 },
      { deadline: 'x' },
    ]
    for (const filter of [...both, { from: 'a' }, { tag: 5 }, { tag: '\udc00' }, { tag: null }]) {
      expect(await refusalOf(() => head.entities(filter as never)), JSON.stringify(filter)).toMatchObject({
        code: 'VALIDATION',
      })
      expect(await refusalOf(() => collect(head.eachEntity(filter as never)))).toMatchObject({ code: 'VALIDATION' })
    }
    for (const filter of [...both, { tag: 'x' }, { from: 5 }, { to: ['a'] }, { touching: '\ud800' }]) {
      expect(await refusalOf(() => head.relations(filter as never)), JSON.stringify(filter)).toMatchObject({
        code: 'VALIDATION',
      })
      if (filter !== null && typeof filter === 'object' && 'tag' in filter) continue
      expect(await refusalOf(() => head.count(filter as never)), JSON.stringify(filter)).toMatchObject({
        code: 'VALIDATION',
      })
    }
    expect(await refusalOf(() => head.entities({ type: 'x', tpye: 1, order: 'up' } as never))).toMatchObject({
      issues: [{ path: '/tpye' }, { path: '/order' }],
    })
  })

  it('take only short strings in the list `tags` for tags', async () => {
    await using own = await openUniverseOn(dialect)
    const long = 'é'.repeat(256)
    await own.commit('Tags', (draft) => {
      draft.createEntity('T', { tags: ['x', 'x', 1, null, ['y'], { z: 1 }, long, `${long}!`] }, { id: 'a' })
      draft.createEntity('T', { tags: 'x' }, { id: 'b' })
      draft.createEntity('T', { tags: { 0: 'x' } }, { id: 'c' })
      draft.createEntity('T', { sub: { tags: ['x'] } }, { id: 'd' })
    })
    const tagged = async (tag: string) => idsOf((await own.head.entities({ tag })).items)

    expect([await tagged('x'), await tagged(long)]).toEqual([['a'], ['a']])
    for (const tag of ['X', '1', 'null', 'y', 'z', `${long}!`, '%']) expect(await tagged(tag)).toEqual([])
  })
})

function given<F extends object>(filter: F): F {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as F
}
