import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NeighbourOptions } from '../../src/index.js'
import { pagesOf } from '../given/collect.js'
import { refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn, type Universe, type View } from '../model/open.js'

describe.each(dialects)('neighbours on %s', (dialect) => {
  let universe: Universe
  let past: View
  beforeAll(async () => {
    universe = await openUniverseOn(dialect)
    const version = await universe.commit('A small town', (draft) => {
      for (const id of ['ada', 'bob', 'cy']) draft.createEntity('Person', { v: 1 }, { id })
      draft.createEntity('Company', { v: 1 }, { id: 'acme' })
      draft.createRelation('KNOWS', 'ada', 'bob', { v: 1 }, { id: '1' })
      draft.createRelation('KNOWS', 'ada', 'bob', {}, { id: '2' })
      draft.createRelation('KNOWS', 'bob', 'ada', {}, { id: '3' })
      draft.createRelation('KNOWS', 'ada', 'ada', {}, { id: '4' })
      draft.createRelation('WORKS_AT', 'ada', 'acme', {}, { id: '5' })
      draft.createRelation('LIKES', 'cy', 'ada', {}, { id: '\uffee' })
      draft.createRelation('LIKES', 'cy', 'ada', {}, { id: '\u{1f600}' })
    })
    past = universe.at({ version: version.versionId })
    await universe.commit('Everything changes', (draft) => {
      draft.updateEntity('bob', { v: 2 })
      draft.updateRelation('1', { v: 2 })
      draft.deleteRelation('5')
      draft.createRelation('WORKS_AT', 'ada', 'bob', {}, { id: '5' })
      draft.deleteEntity('cy', { cascade: true })
      draft.createEntity('Robot', {}, { id: 'cy' })
    })
  })
  afterAll(() => universe.close())

  const pairs = async (view: View, id: string, options: NeighbourOptions = {}) => {
    const items = await pagesOf((next) => view.neighbours(id, { ...options, ...next }))
    if (options.entityType === undefined) {
      const { direction, relationType } = options
      expect(await view.degree(id, { direction, relationType })).toBe(items.length)
    }
    return items.map(({ entity, relation }) => `${relation.id} ${entity.id}`)
  }

  it('are listed by relation id in each direction, a loop once, parallels each', async () => {
    expect(await pairs(past, 'ada')).toEqual(['1 bob', '2 bob', '4 ada', '5 acme'])
    expect(await pairs(past, 'ada', { direction: 'in' })).toEqual(['3 bob', '4 ada', '\uffee cy', '\u{1f600} cy'])
    const both = ['1 bob', '2 bob', '3 bob', '4 ada', '5 acme', '\uffee cy', '\u{1f600} cy']
    expect(await pairs(past, 'ada', { direction: 'both' })).toEqual(both)
    for (const limit of [1, 2, 3, 7]) expect(await pairs(past, 'ada', { direction: 'both', limit })).toEqual(both)
    expect(await pairs(universe.head, 'ada', { direction: 'both' })).toEqual([
      '1 bob',
      '2 bob',
      '3 bob',
      '4 ada',
      '5 bob',
    ])
    expect(await pairs(universe.head, 'cy', { direction: 'both' })).toEqual([])
  })

  it('are as they were then, relation and entity alike', async () => {
    const [then] = (await past.neighbours('ada')).items
    const [now] = (await universe.head.neighbours('ada')).items

    expect([then?.entity.metadata, then?.relation.metadata]).toEqual([{ v: 1 }, { v: 1 }])
    expect([now?.entity.metadata, now?.relation.metadata]).toEqual([{ v: 2 }, { v: 2 }])
    expect(then?.entity).toEqual(await past.entity('bob'))
    expect(then?.relation).toEqual(await past.relation('1'))
  })

  it('may be asked for by types, one or several, of relation and of entity', async () => {
    const both = { direction: 'both' } as const
    expect(await pairs(past, 'ada', { relationType: 'KNOWS' })).toEqual(['1 bob', '2 bob', '4 ada'])
    expect(await pairs(past, 'ada', { ...both, relationType: ['WORKS_AT', 'LIKES'], limit: 2 })).toHaveLength(3)
    expect(await pairs(past, 'ada', { relationType: [] })).toEqual([])
    expect(await pairs(past, 'ada', { relationType: 'knows' })).toEqual([])
    expect(await pairs(past, 'ada', { ...both, entityType: 'Company' })).toEqual(['5 acme'])
    expect(await pairs(universe.head, 'ada', { ...both, entityType: 'Company' })).toEqual([])
    expect(await pairs(past, 'ada', { ...both, entityType: ['Company', 'Person'], limit: 2 })).toHaveLength(7)
    expect(await pairs(past, 'ada', { ...both, entityType: [] })).toEqual([])
    expect(await pairs(past, 'ada', { ...both, entityType: 'Person', relationType: 'LIKES', limit: 1 })).toHaveLength(2)
  })

  it('of what is not there are none, and no error', async () => {
    expect(await past.neighbours('nobody')).toEqual({ items: [] })
    expect(await past.neighbours('1')).toEqual({ items: [] })
    expect(await past.degree('nobody')).toBe(0)
  })

  it('are refused with options that are none', async () => {
    const bad = [
      null,
      5,
      { direction: 'up' },
      { relationType: 5 },
      { relationType: [null] },
      { relationType: '\ud800' },
      { entityType: {} },
      { tpye: 'x' },
      { deadline: -1 },
    ]
    for (const options of bad) {
      for (const view of [universe.head, past]) {
        const refused = { code: 'VALIDATION' }
        expect(await refusalOf(() => view.neighbours('ada', options as never)), JSON.stringify(options)).toMatchObject(
          refused,
        )
        expect(await refusalOf(() => view.degree('ada', options as never)), JSON.stringify(options)).toMatchObject(
          refused,
        )
      }
    }
    expect(await refusalOf(() => past.neighbours('ada', { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'ABORT',
    })
    expect(await refusalOf(() => past.degree('ada', { signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORT' })
  })

  it('are as many as there are, on a hub of thousands whose relations come and go', async () => {
    await using own = await openUniverseOn(dialect)
    await own.commit('Hub', (draft) => {
      draft.createEntity('Hub', {}, { id: 'hub' })
      for (let n = 0; n < 3_000; n++) {
        draft.createEntity('Leaf', {}, { id: `e${n}` })
        draft.createRelation(n % 2 ? 'ODD' : 'EVEN', 'hub', `e${n}`, {}, { id: `r${`${n}`.padStart(4, '0')}` })
      }
    })
    const start = await own.versions.latest()
    await own.commit('Fewer', (draft) => {
      for (let n = 0; n < 2_990; n++) draft.deleteRelation(`r${`${n}`.padStart(4, '0')}`)
    })
    const then = own.at({ version: start?.versionId as string })

    expect(await pairs(then, 'hub', { limit: 1_000 })).toHaveLength(3_000)
    expect(await pairs(then, 'hub', { limit: 700, relationType: 'ODD' })).toHaveLength(1_500)
    expect(await pairs(own.head, 'hub')).toHaveLength(10)
  })
})
