import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReachableOptions } from '../../src/index.js'
import { refusalOf } from '../given/refused.js'
import { makeTown, type Town } from '../given/town.js'
import { dialects, openUniverseOn, type View } from '../model/open.js'

describe.each(dialects)('what can be reached on %s', (dialect) => {
  let town: Town
  beforeAll(async () => {
    town = await makeTown(dialect)
  })
  afterAll(() => town.universe.close())

  const reached = async (view: View, id: string, options: ReachableOptions = {}) =>
    (await view.reachable(id, options)).map((one) => `${one.depth} ${one.id}`)

  it('comes by depth, then id, through cycles, and without the start', async () => {
    expect(await reached(town.past, 'ada')).toEqual(['1 acme', '1 bob', '2 cy', '2 mill', '3 dan'])
    expect(await reached(town.past, 'ada', { direction: 'in' })).toEqual(['1 cy', '2 bob'])
    expect(await reached(town.past, 'mill', { direction: 'both' })).toEqual([
      '1 bob',
      '2 ada',
      '2 cy',
      '3 acme',
      '3 dan',
    ])
    expect(await reached(town.past, 'dan')).toEqual([])
  })

  it('is as of the view, at the head and in the past', async () => {
    expect(await reached(town.head, 'ada')).toEqual(['1 acme', '1 bob', '1 dan'])
    expect(await reached(town.head, 'mill', { direction: 'both' })).toEqual([])
    expect(await reached(town.universe.at({ time: 0 }), 'ada')).toEqual([])
  })

  it('may be limited in depth and to types of relations', async () => {
    expect(await reached(town.past, 'ada', { maxDepth: 0 })).toEqual([])
    expect(await reached(town.past, 'ada', { maxDepth: 1 })).toEqual(['1 acme', '1 bob'])
    expect(await reached(town.past, 'ada', { relationType: 'KNOWS', maxDepth: 2 })).toEqual(['1 bob', '2 cy'])
    expect(await reached(town.past, 'bob', { relationType: ['WORKS_AT', 'LIKES'] })).toEqual(['1 mill'])
    expect(await reached(town.past, 'ada', { relationType: [] })).toEqual([])
    expect(await reached(town.past, 'ada', { relationType: 'knows' })).toEqual([])
    expect(await reached(town.past, 'ada', { maxDepth: Number.POSITIVE_INFINITY })).toHaveLength(5)
  })

  it('of what is not there is nothing, and no error', async () => {
    for (const id of ['nobody', 'k1', '', '\ud800']) expect(await reached(town.past, id)).toEqual([])
  })

  it('is all of it or an error, never a part', async () => {
    expect(await reached(town.past, 'ada', { maxEntities: 5 })).toHaveLength(5)
    const error = await refusalOf(() => town.past.reachable('ada', { maxEntities: 4 }))
    expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', maximum: 4, hint: expect.stringContaining('maxEntities') })
    expect(await refusalOf(() => town.head.reachable('ada', { maxEntities: 0 }))).toMatchObject({ maximum: 0 })
    expect(await reached(town.past, 'ada', { maxEntities: 2, maxDepth: 1 })).toHaveLength(2)
    expect(await reached(town.past, 'dan', { maxEntities: 0 })).toEqual([])
  })

  it('is ten thousand entities unless more are allowed', async () => {
    await using universe = await openUniverseOn(dialect)
    const many = Array.from({ length: 10_001 }, (_, n) => `e${n}`)
    await universe.commit('Star', (draft) => {
      draft.createEntities([{ entityType: 'Hub', id: 'hub' }, ...many.map((id) => ({ entityType: 'Leaf', id }))])
      draft.createRelations(many.map((to) => ({ relationType: 'R', from: 'hub', to })))
    })

    expect(await refusalOf(() => universe.head.reachable('hub'))).toMatchObject({ maximum: 10_000 })
    expect(await universe.head.reachable('hub', { maxEntities: 10_001 })).toHaveLength(10_001)
    expect(await universe.head.reachable('hub', { maxEntities: Number.POSITIVE_INFINITY })).toHaveLength(10_001)
  })

  it('goes as deep as relations lead', async () => {
    await using universe = await openUniverseOn(dialect)
    const ids = Array.from({ length: 1_001 }, (_, n) => `e${n}`)
    await universe.commit('Chain', (draft) => {
      draft.createEntities(ids.map((id) => ({ entityType: 'Link', id })))
      for (let n = 1; n < ids.length; n++) draft.createRelation('R', `e${n - 1}`, `e${n}`)
      draft.createRelation('R', 'e1000', 'e0')
    })

    const all = await universe.head.reachable('e0')
    expect(all.at(-1)).toEqual({ id: 'e1000', depth: 1_000 })
    expect(all.map(({ depth }) => depth)).toEqual(Array.from({ length: 1_000 }, (_, n) => n + 1))
    const path = await universe.head.shortestPath('e0', 'e999')
    expect(path?.entities.map(({ id }) => id)).toEqual(ids.slice(0, 1_000))
  })

  it('is refused with options that are none', async () => {
    const bad: unknown[] = [
      null,
      5,
      { direction: 'up' },
      { relationType: 5 },
      { relationType: ['\ud800'] },
      { maxDepth: -1 },
      { maxDepth: 1.5 },
      { maxDepth: '3' },
      { maxDepth: null },
      { maxEntities: Number.NaN },
      { maxEntities: -1 },
      { maxEntitys: 5 },
      { depth: 1 },
      { deadline: -1 },
    ]
    for (const options of bad) {
      for (const call of [
        () => town.past.reachable('ada', options as never),
        () => town.head.shortestPath('ada', 'bob', options as never),
      ]) {
        expect(await refusalOf(call), JSON.stringify(options)).toMatchObject({ code: 'VALIDATION' })
      }
    }
    expect(await refusalOf(() => town.past.reachable(5 as never))).toMatchObject({ code: 'VALIDATION' })
    expect(await refusalOf(() => town.universe.at('nowhere').reachable('ada'))).toMatchObject({ code: 'NOT_FOUND' })
  })
})
