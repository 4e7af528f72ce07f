import { describe, expect, it } from 'vitest'
import { type Conditions, listEntities, listRelations, tagsOf } from './filter.js'
import type { JsonObject } from './json.js'
import type { Entity, Relation, State } from './state.js'
import {
  allPaths,
  degree,
  neighbours,
  pathLength,
  reachable,
  shortestPath,
  subgraph,
  traverse,
  validAt,
} from './walk.js'

function entity(id: string, metadata: JsonObject = {}, more: Partial<Entity> = {}): Entity {
  return { id, entityType: 'Person', metadata, createdAt: 1, updatedAt: 1, ...more }
}

function relation(id: string, from: string, to: string, more: Partial<Relation> = {}): Relation {
  return { id, relationType: 'KNOWS', from, to, metadata: {}, createdAt: 1, updatedAt: 1, ...more }
}

function stateOf(entities: Entity[], relations: Relation[] = []): State {
  return {
    entities: new Map(entities.map((one) => [one.id, one])),
    relations: new Map(relations.map((one) => [one.id, one])),
  }
}

const idsOf = (elements: { id: string }[]) => elements.map(({ id }) => id)

describe('lists of the model', () => {
  it('orders ids by bytes, and by id among equals', () => {
    const state = stateOf([
      entity('\u{1f600}'),
      entity('\u{ffee}', {}, { createdAt: 2 }),
      entity('a'),
      entity('B', {}, { createdAt: 2 }),
    ])

    expect(idsOf(listEntities(state))).toEqual(['B', 'a', '\u{ffee}', '\u{1f600}'])
    expect(idsOf(listEntities(state, { orderBy: 'createdAt' }))).toEqual(['a', '\u{1f600}', 'B', '\u{ffee}'])
    const newestFirst = { orderBy: 'createdAt', order: 'desc' } as const
    expect(idsOf(listEntities(state, newestFirst))).toEqual(['\u{ffee}', 'B', '\u{1f600}', 'a'])
  })

  it('excludes both ends of a range of time, and lists relations by their ends', () => {
    const state = stateOf(
      [entity('a'), entity('b', {}, { createdAt: 2 }), entity('c', {}, { createdAt: 3 })],
      [relation('r', 'a', 'b'), relation('s', 'b', 'c'), relation('t', 'b', 'b', { relationType: 'LIKES' })],
    )

    expect(idsOf(listEntities(state, { createdAfter: 1, createdBefore: 3 }))).toEqual(['b'])
    expect(idsOf(listRelations(state, { from: 'b' }))).toEqual(['s', 't'])
    expect(idsOf(listRelations(state, { to: 'b' }))).toEqual(['r', 't'])
    expect(idsOf(listRelations(state, { touching: 'b', type: 'KNOWS' }))).toEqual(['r', 's'])
  })

  it('takes short strings in the array `tags` for tags, each once', () => {
    const tags = ['red', 'red', 1, null, ['blue'], '', 'é'.repeat(256), 'é'.repeat(257)]

    expect(tagsOf(entity('a', { tags }))).toEqual(['red', '', 'é'.repeat(256)])
    expect(tagsOf(entity('a', { tags: 'red' }))).toEqual([])
    expect(tagsOf(entity('a', { tags: { 0: 'red' } }))).toEqual([])
  })

  it('compares metadata by JSON type; a missing key is only unequal', () => {
    const metadata = {
      n: 30,
      s: '30',
      none: null,
      list: ['red', 1],
      a: { b: 'Äb' },
      'a/b': 1,
      yes: true,
    }
    const state = stateOf([entity('x', metadata)])
    const holds = (key: string, conditions: Conditions) =>
      listEntities(state, { metadata: { [key]: conditions } }).length === 1

    expect(holds('n', { eq: 30 })).toBe(true)
    expect(holds('s', { eq: 30 })).toBe(false)
    expect(holds('yes', { eq: 1 })).toBe(false)
    expect(holds('n', { gt: 29, lt: 31 })).toBe(true)
    expect(holds('s', { gte: 30 })).toBe(false)
    expect(holds('none', { eq: null })).toBe(true)
    expect(holds('missing', { eq: null })).toBe(false)
    expect(holds('missing', { ne: 1 })).toBe(true)
    expect(holds('missing', { notIn: [1] })).toBe(true)
    expect(holds('missing', { in: [1] })).toBe(false)
    expect(holds('list', { contains: 'red' })).toBe(true)
    expect(holds('list', { contains: 're' })).toBe(false)
    expect(holds('a.b', { startsWith: 'Ä', endsWith: 'b', contains: 'Äb' })).toBe(true)
    expect(holds('/a~1b', { eq: 1 })).toBe(true)
  })
})

describe('walks of the model', () => {
  const state = stateOf(
    [entity('a'), entity('b', {}, { entityType: 'Company' }), entity('c', {}, { validTo: 5 })],
    [
      relation('1', 'a', 'b'),
      relation('2', 'a', 'b'),
      relation('3', 'a', 'a'),
      relation('4', 'c', 'a', { relationType: 'LIKES' }),
    ],
  )
  const pairs = (...given: Parameters<typeof neighbours> extends [State, ...infer R] ? R : never) =>
    neighbours(state, ...given).map(({ entity: end, relation: by }) => `${by.id} ${end.id}`)

  it('counts each parallel relation, and a self-loop once in every direction', () => {
    expect(pairs('a')).toEqual(['1 b', '2 b', '3 a'])
    expect(pairs('a', { direction: 'in' })).toEqual(['3 a', '4 c'])
    expect(pairs('a', { direction: 'both' })).toEqual(['1 b', '2 b', '3 a', '4 c'])
    expect(pairs('a', { direction: 'both', relationType: ['LIKES', 'X'] })).toEqual(['4 c'])
    expect(pairs('a', { direction: 'both', entityType: 'Company' })).toEqual(['1 b', '2 b'])
    expect(degree(state, 'a', { direction: 'both' })).toBe(4)
    expect(pairs('nobody')).toEqual([])
  })

  it('reaches by depth, without the start, through cycles', () => {
    expect(reachable(state, 'c')).toEqual([
      { id: 'a', depth: 1 },
      { id: 'b', depth: 2 },
    ])
    expect(reachable(state, 'c', { maxDepth: 1 })).toEqual([{ id: 'a', depth: 1 }])
    expect(pathLength(state, 'c', 'b')).toBe(2)
    expect(pathLength(state, 'b', 'c')).toBeUndefined()
    expect(pathLength(state, 'b', 'b')).toBe(0)
  })

  it('settles ties by the ids of entities, then of relations', () => {
    const ids = ['s', 'x', 'y', 'm', 'n', 't']
    const square = stateOf(
      ids.map((id) => entity(id)),
      [
        relation('9', 's', 'x'),
        relation('1', 's', 'y'),
        relation('5', 'x', 't'),
        relation('4', 'x', 't'),
        relation('2', 'y', 't'),
        relation('3', 's', 's'),
      ],
    )

    expect(shortestPath(square, 's', 't')).toEqual({ entities: ['s', 'x', 't'], relations: ['9', '4'] })
    expect(shortestPath(square, 's', 't', { maxDepth: 1 })).toBeUndefined()
    expect(shortestPath(square, 't', 's')).toBeUndefined()
    expect(shortestPath(square, 's', 's')).toEqual({ entities: ['s'], relations: [] })
    expect(shortestPath(square, 's', 'nobody')).toBeUndefined()
  })

  it('passes over every way once, and over a self-loop once both ways', () => {
    const ways = (...steps: Parameters<typeof allPaths>[2]) =>
      allPaths(state, ['a'], steps).map(({ entities, relations }) => `${relations.join()} ${entities.join()}`)

    expect(ways({ direction: 'out' })).toEqual(['1 a,b', '2 a,b', '3 a,a'])
    expect(ways({ direction: 'both', types: 'KNOWS' }, { where: { type: 'Person' } })).toEqual(['3 a,a'])
    expect(ways({ direction: 'out' }, { direction: 'in', types: ['LIKES'] })).toEqual(['3,4 a,a,c'])
    expect(idsOf(traverse(state, ['c', 'nobody', 'c'], [{ direction: 'out' }, { direction: 'out' }]))).toEqual([
      'a',
      'b',
    ])
    expect(idsOf(traverse(state, ['c', 'nobody'], []))).toEqual(['c'])
  })

  it('makes a subgraph of what is named and reached, with every relation among it', () => {
    const { entities, relations } = subgraph(state, ['a', 'nobody'], { depth: 1 })

    expect([idsOf(entities), idsOf(relations)]).toEqual([
      ['a', 'b'],
      ['1', '2', '3'],
    ])
    expect(subgraph(state, ['b', 'c'])).toMatchObject({ entities: [{ id: 'b' }, { id: 'c' }], relations: [] })
  })

  it('hides a relation whose end is not valid', () => {
    expect(idsOf(listRelations(validAt(state, 4)))).toEqual(['1', '2', '3', '4'])
    expect(idsOf(listRelations(validAt(state, 5)))).toEqual(['1', '2', '3'])
  })
})
