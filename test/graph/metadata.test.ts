import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MetadataConditions } from '../../src/index.js'
import { collect, idsOf, pagesOf } from '../given/collect.js'
import { refusalOf } from '../given/refused.js'
import { nested, refusedValues } from '../given/values.js'
import { operators, twins } from '../laws/conditions.js'
import { type Conditions, type EntityFilter, listEntities, listRelations } from '../model/filter.js'
import type { Json, JsonObject } from '../model/json.js'
import { dialects, openUniverseOn, type Universe, type View } from '../model/open.js'
import type { Operation } from '../model/operation.js'
import { ModelUniverse } from '../model/universe.js'

describe.each(dialects)('filters on metadata on %s', (dialect) => {
  let universe: Universe
  let model: ModelUniverse
  beforeAll(async () => {
    universe = await openUniverseOn(dialect)
    model = new ModelUniverse()
    // At the head every entity has the value of the one before it.
    for (const [version, shift] of [
      ['then', 0],
      ['now', 1],
    ] as const) {
      const operations = twins.flatMap((_, place): Operation[] => {
        const value = twins[(place + shift) % twins.length] as Json
        const metadata: JsonObject = { v: value, o: { v: value }, list: [value, twins[place] as Json], k: [[value]] }
        if (version === 'now') {
          const changes = [{ op: 'set', path: '', value: metadata } as const]
          return [
            { op: 'updateEntity', id: `e${place}`, changes },
            { op: 'updateRelation', id: `r${place}`, changes },
          ]
        }
        const ends = { from: `e${place}`, to: 'bare' }
        return [
          { op: 'createEntity', id: `e${place}`, entityType: place % 2 ? 'Odd' : 'Even', metadata },
          { op: 'createRelation', id: `r${place}`, relationType: 'R', ...ends, metadata },
        ]
      })
      if (version === 'then') operations.unshift({ op: 'createEntity', id: 'bare', entityType: 'Even', metadata: {} })
      const parents = model.head ? [model.head.versionId] : []
      model.append({ version, parents, timestamp: 5, operations })
      await universe.commit(version, operations as never, { versionId: version, timestamp: 5 })
    }
  })
  afterAll(() => universe.close())

  const views = (): [View, ReturnType<ModelUniverse['get']>['state']][] => [
    [universe.head, model.get('now').state],
    [universe.at({ version: 'then' }), model.get('then').state],
  ]

  it.each(operators)('%s compares every value with every other as JSON does, now and then', async (operator) => {
    const wanted = wantedFor(operator)
    let decided = 0
    for (const [view, state] of views()) {
      for (const path of ['v', 'o.v', '/o/v', 'list', 'list.0', '/k/0/0', 'missing']) {
        for (const value of wanted) {
          const metadata = { [path]: { [operator]: value } }
          const expected = idsOf(listEntities(state, { metadata }))
          const kept = idsOf((await view.entities({ metadata, limit: 1_000 })).items)
          expect(kept, JSON.stringify(metadata)).toEqual(expected)
          if (expected.length > 0 && expected.length <= twins.length) decided++
        }
      }
    }
    expect(decided).toBeGreaterThan(wanted.length)
  })

  it('hold together, however many, and together with everything else that a filter knows', async () => {
    const some: Record<string, Conditions> = {
      v: { ne: null, notIn: [1, 'a'] },
      'o.v': { ne: true },
      '/k/0/0': { notIn: ['9'] },
      missing: { ne: 0 },
    }
    const one = { v: { gte: 'a', lt: 'é' } }
    const rests: EntityFilter[] = [
      {},
      { type: 'Odd' },
      { type: ['Odd', 'Even'], order: 'desc' },
      { ids: ['e3', 'e5', 'e20', 'e21', 'bare', 'none'] },
      { createdAfter: 4, createdBefore: 6, orderBy: 'createdAt' },
      { createdAfter: 5 },
    ]
    for (const [view, state] of views()) {
      for (const metadata of [some, one, {}]) {
        for (const rest of rests) {
          const filter = { metadata, ...rest } as EntityFilter & { metadata: MetadataConditions }
          const message = JSON.stringify(filter)
          const expected = listEntities(state, filter)
          expect(await pagesOf((next) => view.entities({ ...filter, limit: 7, ...next })), message).toEqual(expected)
          expect((await view.entities({ ...filter, offset: 2, limit: 3 })).items, message).toEqual(expected.slice(2, 5))
          expect(await collect(view.eachEntity(filter)), message).toEqual(expected)
          const relations = listRelations(state, { metadata, touching: 'bare' })
          expect(await collect(view.eachRelation({ metadata, touching: 'bare' })), message).toEqual(relations)
          const { type: _type, ids: _ids, ...both } = filter
          const count = { entities: listEntities(state, both).length, relations: listRelations(state, both).length }
          expect(await view.count(both), message).toEqual(count)
        }
      }
    }
  })

  it('refuse a cursor of another condition, not of the same in another order', async () => {
    const page = (metadata: MetadataConditions, cursor?: string) =>
      universe.head.entities({ metadata, limit: 2, cursor })
    const three = { v: { ne: 1, notIn: [2] }, 'o.v': { ne: 5 } }
    const { cursor } = await page(three)

    expect((await page({ 'o.v': { ne: 5 }, '/v': { notIn: [2], ne: 1 } }, cursor)).items).toHaveLength(2)
    for (const other of [{}, { v: { ne: 1, notIn: [2] } }, { ...three, v: { ne: '1', notIn: [2] } }]) {
      expect(await refusalOf(() => page(other, cursor))).toMatchObject({ issues: [{ path: '/cursor' }] })
    }
  })

  it('find every key, however it is written', async () => {
    await using own = await openUniverseOn(dialect)
    const keys = [
      '',
      'a.b',
      'a"b',
      'a\\',
      "a'b",
      '[0]',
      '$',
      '#',
      '*',
      '0',
      '00',
      '-1',
      'é',
      '\u{1f600}',
      '\u0001',
      '~',
      '/',
    ]
    await own.commit('Keys', (draft) => {
      for (const [n, key] of keys.entries()) draft.createEntity('T', { [key]: { deep: n } }, { id: `e${n}` })
      draft.createEntity('T', { constructor: 1 }, { id: 'own' })
      draft.createEntity('T', {}, { id: 'none' })
    })
    const find = async (metadata: MetadataConditions) => idsOf((await own.head.entities({ metadata })).items)

    for (const [n, key] of keys.entries()) {
      const pointer = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}/deep`
      expect(await find({ [pointer]: { eq: n } }), key).toEqual([`e${n}`])
      if (!key.includes('.') && key !== '/') expect(await find({ [`${key}.deep`]: { gte: 0 } }), key).toEqual([`e${n}`])
      expect(await find({ [`${pointer}/deeper`]: { gte: 0 } }), key).toEqual([])
    }
    expect(await find({ constructor: { ne: 5 } })).toHaveLength(keys.length + 2)
    expect(await find({ constructor: { eq: 1 }, toString: { ne: 1 } } as never)).toEqual(['own'])
    expect(await find({ '/': { eq: { deep: 0 } } })).toEqual(['e0'])
    expect(await find({ '': { eq: { deep: 0 } } })).toEqual(['e0'])
  })

  it('take an index for an index under an array alone, and a key under an object alone', async () => {
    await using own = await openUniverseOn(dialect)
    await own.commit('Indexes', (draft) => {
      draft.createEntity('T', { x: [[1, 2], { 0: 3 }] }, { id: 'array' })
      draft.createEntity('T', { x: { 0: { 1: 2 }, 1: [3], '01': 4, 4294967296: 5 } }, { id: 'object' })
      draft.createEntity('T', { x: '01' }, { id: 'text' })
      draft.createEntity('T', { x: [{ a: 1, last: 2 }, 3] }, { id: 'members' })
    })
    const find = async (path: string, value: Json) =>
      idsOf((await own.head.entities({ metadata: { [path]: { eq: value } } })).items)

    expect(await find('x.0.1', 2)).toEqual(['array', 'object'])
    expect(await find('/x/1/0', 3)).toEqual(['array', 'object'])
    expect(await find('x.0', [1, 2])).toEqual(['array'])
    expect(await find('x.01', 4)).toEqual(['object'])
    expect(await find('x.4294967296', 5)).toEqual(['object'])
    for (const path of [
      'x.2',
      'x.-1',
      'x.#',
      'x.00.1',
      'x.0.01',
      'x.0.1.0',
      'x.-',
      'x.length',
      'x.+1',
      'x. 1',
      'x.1 ',
      'x.a',
      'x.last',
      'x.*',
      `x.${'9'.repeat(40)}`,
    ]) {
      for (const value of [1, 2, 3, '0', '1', null]) expect(await find(path, value), path).toEqual([])
    }
  })

  it('order strings by their UTF-8 bytes and numbers by their value, to the last bit', async () => {
    await using own = await openUniverseOn(dialect)
    const numbers = [
      -(2 ** 70),
      -(2 ** 53),
      -1.5,
      0,
      5e-324,
      0.1,
      0.1 + 2e-17,
      1,
      2 ** 53,
      2 ** 62,
      2 ** 63,
      1e21,
      1.7e308,
    ]
    const texts = ['', '"', 'A', 'Z', 'a', 'a\u0001', 'ab', 'é', '\uffee', '\u{1f600}']
    await own.commit('In order', (draft) => {
      for (const [n, v] of numbers.entries()) draft.createEntity('N', { v }, { id: `n${`${n}`.padStart(2, '0')}` })
      for (const [n, v] of texts.entries()) draft.createEntity('T', { v }, { id: `t${n}` })
    })
    const find = async (condition: Conditions) => idsOf((await own.head.entities({ metadata: { v: condition } })).items)
    const count = async (condition: Conditions) => (await find(condition)).length

    for (const values of [numbers, texts] as (number | string)[][]) {
      for (const [n, value] of values.entries()) {
        expect(await count({ lt: value }), `${value}`).toBe(n)
        expect(await count({ lte: value }), `${value}`).toBe(n + 1)
        expect(await count({ gt: value }), `${value}`).toBe(values.length - n - 1)
        expect(await count({ gte: value, lte: value }), `${value}`).toBe(1)
        expect(await count({ eq: value }), `${value}`).toBe(1)
      }
    }
    expect(await find({ gte: -0, lte: -0 })).toEqual(['n03'])
    expect(await find({ in: [-0, 'a'] })).toEqual(['n03', 't4'])
  })

  it('see what a large and a deep value hold', async () => {
    await using own = await openUniverseOn(dialect)
    const long = 'é'.repeat(200_000)
    await own.commit('Large', (draft) => {
      draft.createEntity('T', { long: `${long}x`, list: Array.from({ length: 20_000 }, (_, n) => n) }, { id: 'large' })
      draft.createEntity('T', { deep: nested(63) as Json }, { id: 'deep' })
    })
    const find = async (metadata: MetadataConditions) => idsOf((await own.head.entities({ metadata })).items)

    expect(await find({ long: { endsWith: 'éx', startsWith: long, contains: 'éx' } })).toEqual(['large'])
    expect(await find({ 'list.19999': { eq: 19_999 }, list: { contains: 12_345 } })).toEqual(['large'])
    expect(await find({ deep: { eq: nested(63) as Json } })).toEqual(['deep'])
    expect(await find({ [`/deep${'/0'.repeat(62)}`]: { eq: [] } })).toEqual(['deep'])
    expect(await find({ [`/deep${'/0'.repeat(63)}`]: { ne: 1 } })).toEqual(['deep', 'large'])
    expect(await find({ [`deep${'.0'.repeat(5_000)}`]: { eq: [] } })).toEqual([])
    expect(await find({ [`deep${'.a'.repeat(50_000)}`]: { ne: 1 } })).toEqual(['deep', 'large'])
  })

  it('say where something is wrong with them', async () => {
    const { head } = universe
    const refuse = async (metadata: unknown, ...paths: string[]) => {
      for (const ask of [
        () => head.entities({ metadata } as never),
        () => head.relations({ metadata } as never),
        () => head.count({ metadata } as never),
        () => collect(head.eachRelation({ metadata } as never)),
      ]) {
        const error = await refusalOf(ask)
        expect(error).toMatchObject({ code: 'VALIDATION' })
        expect((error as unknown as { issues: { path: string }[] }).issues.map(({ path }) => path)).toEqual(paths)
      }
    }
    for (const bad of [null, 5, 'x', [], new Map(), [{ eq: 1 }], () => 1]) await refuse(bad, '/metadata')
    for (const bad of [null, 5, 'x', true, [], [1], new Date(), new Map([['eq', 1]])])
      await refuse({ a: bad }, '/metadata/a')
    await refuse({ a: { equals: 1 } }, '/metadata/a/equals')
    await refuse({ a: { constructor: 1 } }, '/metadata/a/constructor')
    await refuse({ 'a/b': { EQ: 1, ne: 1, neq: 2 } }, '/metadata/a~1b/EQ', '/metadata/a~1b/neq')
    for (const path of ['__proto__', 'a.__proto__', '/a/__proto__', '/~2', '/a~', 'a\ud800', '/a\u0000', '\udc00']) {
      const [pointer] = [path.replaceAll('~', '~0').replaceAll('/', '~1')]
      await refuse(JSON.parse(`{${JSON.stringify(path)}:{"eq":1}}`), `/metadata/${pointer}`)
    }
    await refuse(JSON.parse('{"a":{"__proto__":1}}'), '/metadata/a/__proto__')
    await refuse(JSON.parse('{"a":{"eq":{"b":{"__proto__":1}}}}'), '/metadata/a/eq/b/__proto__')
    for (const operator of ['gt', 'gte', 'lt', 'lte']) {
      for (const bad of [null, true, [], {}, new Date(), 1n, Number.NaN, '\ud800']) {
        await refuse({ a: { [operator]: bad } }, `/metadata/a/${operator}`)
      }
    }
    for (const operator of ['startsWith', 'endsWith']) {
      for (const bad of [null, 1, ['a'], {}, '\ud800', 'a\u0000']) {
        await refuse({ a: { [operator]: bad } }, `/metadata/a/${operator}`)
      }
    }
    for (const operator of ['in', 'notIn']) {
      for (const bad of [null, 1, 'abc', {}, new Set([1])])
        await refuse({ a: { [operator]: bad } }, `/metadata/a/${operator}`)
      await refuse(
        { a: { [operator]: [1, undefined, Number.NaN] } },
        `/metadata/a/${operator}/1`,
        `/metadata/a/${operator}/2`,
      )
    }
    await refuse(
      { a: { eq: 1, gt: true }, '__proto__.x': { x: 1 } },
      '/metadata/a/gt',
      '/metadata/__proto__.x',
      '/metadata/__proto__.x/x',
    )
  })

  it.each(refusedValues.filter(([name]) => !/64 levels|MiB/.test(name)))('refuse %s', async (_name, make) => {
    for (const operator of ['eq', 'ne', 'contains']) {
      const error = await refusalOf(() => universe.head.entities({ metadata: { a: { [operator]: make() } } } as never))
      expect(error).toMatchObject({ code: 'VALIDATION' })
      expect(error.message).toContain(`/metadata/a/${operator}`)
    }
  })

  it('leave out what is undefined', async () => {
    const whole = await universe.head.entities()
    expect(await universe.head.entities({ metadata: undefined })).toEqual(whole)
    expect(await universe.head.entities({ metadata: {} })).toEqual(whole)
    expect(await universe.head.entities({ metadata: { v: undefined } })).toEqual(whole)
    expect(await universe.head.entities({ metadata: { v: {} } })).toEqual(whole)
    expect(await universe.head.entities({ metadata: { v: { eq: undefined, in: undefined } } })).toEqual(whole)
  })
})

function wantedFor(operator: (typeof operators)[number]): Json[] {
  const ordered = twins.filter((value) => typeof value === 'number' || typeof value === 'string')
  switch (operator) {
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return ordered
    case 'startsWith':
    case 'endsWith':
      return ordered.filter((value) => typeof value === 'string')
    case 'in':
    case 'notIn':
      return [[], twins, ...twins.map((value) => [value, 'a', 1])]
    default:
      return [...twins]
  }
}
