import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PathOptions } from '../../src/index.js'
import { refusalOf } from '../given/refused.js'
import { makeTown, type Town } from '../given/town.js'
import { dialects, openUniverseOn, type View } from '../model/open.js'

describe.each(dialects)('the shortest path on %s', (dialect) => {
  let town: Town
  beforeAll(async () => {
    town = await makeTown(dialect)
  })
  afterAll(() => town.universe.close())

  const path = async (view: View, from: string, to: string, options: PathOptions = {}) => {
    const found = await view.shortestPath(from, to, options)
    return found?.entities
      .map(({ id }, index) => `${index > 0 ? `${found.relations[index - 1]?.id} ` : ''}${id}`)
      .join(' ')
  }

  it('is the walk from one to the other, its entities and relations in their order', async () => {
    expect(await path(town.past, 'ada', 'dan')).toBe('ada k1 bob k3 cy k5 dan')
    expect(await path(town.past, 'dan', 'ada', { direction: 'in' })).toBe('dan k5 cy k3 bob k1 ada')
    expect(await path(town.past, 'ada', 'dan', { direction: 'both' })).toBe('ada k4 cy k5 dan')
    expect(await path(town.past, 'dan', 'mill', { direction: 'both', relationType: ['KNOWS', 'WORKS_AT'] })).toBe(
      'dan k5 cy k3 bob w2 mill',
    )
  })

  it('is as of the view, each entity and relation with its own state', async () => {
    expect(await path(town.head, 'ada', 'dan')).toBe('ada l1 dan')
    const then = await town.past.shortestPath('cy', 'dan')
    const now = await town.head.shortestPath('cy', 'dan')
    expect([then?.entities[1]?.metadata.age, now?.entities[1]?.metadata.age]).toEqual([1, 2])
    expect(then?.relations).toEqual([await town.past.relation('k5')])
    expect(await path(town.head, 'bob', 'mill')).toBeUndefined()
  })

  it('from an entity to itself is that entity alone', async () => {
    expect(await path(town.past, 'ada', 'ada')).toBe('ada')
    expect(await path(town.past, 'ada', 'ada', { maxDepth: 0, maxEntities: 0, relationType: [] })).toBe('ada')
    expect(await path(town.past, 'nobody', 'nobody')).toBeUndefined()
  })

  it('is undefined where none leads, an end is not there, or it would be too long', async () => {
    expect(await path(town.past, 'dan', 'ada')).toBeUndefined()
    expect(await path(town.past, 'ada', 'nobody')).toBeUndefined()
    expect(await path(town.past, 'k1', 'ada')).toBeUndefined()
    expect(await path(town.past, 'ada', 'dan', { maxDepth: 2 })).toBeUndefined()
    expect(await path(town.past, 'ada', 'dan', { maxDepth: 3 })).toBe('ada k1 bob k3 cy k5 dan')
    expect(await path(town.past, 'ada', 'dan', { relationType: 'WORKS_AT' })).toBeUndefined()
  })

  it('of several is the one whose entities come first, and then whose relations do', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Ladder', (draft) => {
      for (const id of ['s', 'a', 'b', '\uffee', '\u{1f600}', 't']) draft.createEntity('T', {}, { id })
      // The first relation by id leads the worse way.
      draft.createRelation('R', 's', 'b', {}, { id: '0' })
      draft.createRelation('R', 's', 'a', {}, { id: '2' })
      draft.createRelation('R', 's', 'a', {}, { id: '1' })
      for (const [index, id] of ['\u{1f600}', '\uffee'].entries()) {
        draft.createRelation('R', 'b', id, {}, { id: `b${index}` })
        draft.createRelation('R', 'a', id, {}, { id: `a${index}` })
        draft.createRelation('R', id, 't', {}, { id: `t${index}` })
      }
    })

    expect(await path(universe.head, 's', 't')).toBe('s 1 a a1 \uffee t1 t')
    expect(await path(universe.head, 't', 's', { direction: 'in' })).toBe('t t1 \uffee a1 a 1 s')
    expect(await path(universe.at((await universe.versions.latest())?.versionId as string), 's', 't')).toBe(
      's 1 a a1 \uffee t1 t',
    )
  })

  it('is found or is an error where more would have to be reached than may be', async () => {
    expect(await path(town.past, 'ada', 'dan', { maxEntities: 4 })).toBe('ada k1 bob k3 cy k5 dan')
    expect(await refusalOf(() => path(town.past, 'ada', 'dan', { maxEntities: 0 }))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      maximum: 0,
    })
    expect(await path(town.past, 'ada', 'bob', { maxEntities: 1 })).toBe('ada k1 bob')
  })
})
