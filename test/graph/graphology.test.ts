import communitiesOf from 'graphology-communities-louvain'
import rank from 'graphology-metrics/centrality/pagerank.js'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import type { JsonObject } from '../../src/index.js'
import { collect, idsOf } from '../given/collect.js'
import { refusalOf } from '../given/refused.js'
import { makeTown, type Town } from '../given/town.js'
import { dialects, openUniverseOn } from '../model/open.js'

// What these packages say they export is not what Node gives.
const louvain = communitiesOf as unknown as typeof communitiesOf.default
const pagerank = rank as unknown as typeof rank.default

describe.each(dialects)('graph objects on %s', (dialect) => {
  let town: Town
  beforeAll(async () => {
    town = await makeTown(dialect)
  })
  afterAll(() => town.universe.close())

  it('hold every entity and relation of the view, by their ids, in order', async () => {
    for (const view of [town.past, town.head]) {
      const graph = await view.toGraphology()
      expect([graph.type, graph.multi, graph.allowSelfLoops]).toEqual(['directed', true, true])
      expect(graph.mapNodes((id, attributes) => ({ id, ...attributes }))).toEqual(await collect(view.eachEntity()))
      expect(graph.mapEdges((id, attributes, from, to) => ({ id, from, to, ...attributes }))).toEqual(
        await collect(view.eachRelation()),
      )
    }
  })

  it('have types and metadata as attributes', async () => {
    const graph = await town.past.toGraphology()
    expectTypeOf(graph.getNodeAttribute('ada', 'metadata')).toEqualTypeOf<JsonObject>()
    expect(graph.getNodeAttribute('ada', 'entityType')).toBe('Person')
    expect(graph.getNodeAttribute('dan', 'metadata').age).toBe(1)
    expect(graph.getEdgeAttribute('w1', 'relationType')).toBe('WORKS_AT')
    expect(graph.hasEdge('ada', 'bob') && !graph.hasEdge('bob', 'ada')).toBe(true)
  })

  it('may be of what a filter keeps, with the relations among it, of some types', async () => {
    const people = await town.past.toGraphology({ type: 'Person' })
    expect([people.nodes(), people.edges()]).toEqual([
      ['ada', 'bob', 'cy', 'dan'],
      ['k1', 'k2', 'k3', 'k4', 'k5', 'k6'],
    ])
    const leads = await town.past.toGraphology({ tag: 'lead' })
    expect([leads.nodes(), leads.edges()]).toEqual([['cy'], []])
    const work = await town.past.toGraphology({ relationType: ['WORKS_AT', 'LIKES'] })
    expect([work.order, work.edges()]).toEqual([6, ['w1', 'w2', 'w3']])
    const backwards = await town.past.toGraphology({ type: 'Company', order: 'desc' })
    expect(backwards.nodes()).toEqual(['mill', 'acme'])
  })

  it('are taken by the algorithms of graphology', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Two circles and a bridge', (draft) => {
      const circle = (letter: string) => ['1', '2', '3', '4'].map((n) => `${letter}${n}`)
      for (const ids of [circle('a'), circle('b')]) {
        for (const id of ids) draft.createEntity('T', {}, { id })
        for (const from of ids) for (const to of ids) if (from !== to) draft.createRelation('R', from, to)
      }
      draft.createRelation('R', 'a1', 'b1')
    })
    const graph = await universe.head.toGraphology()
    const communities = louvain(graph)
    const ranks = pagerank(graph, { getEdgeWeight: null })

    expect(new Set(['a1', 'a2', 'a3', 'a4'].map((id) => communities[id])).size).toBe(1)
    expect(new Set(Object.values(communities)).size).toBe(2)
    expect(Object.values(ranks).reduce((sum, rank) => sum + rank)).toBeCloseTo(1)
    expect(Math.max(...Object.values(ranks))).toBe(ranks.b1)
  })

  it('are one state, and a copy', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Many', (draft) => {
      for (let n = 0; n < 2_500; n++) draft.createEntity('T', { n }, { id: `e${n}` })
      for (let n = 0; n < 2_500; n++) draft.createRelation('R', `e${n}`, `e${(n * 7) % 2_500}`, {}, { id: `r${n}` })
    })
    const made = universe.head.toGraphology()
    const changed = universe.commit('Meanwhile', (draft) => {
      for (let n = 0; n < 2_500; n++) draft.deleteEntity(`e${n}`, { cascade: true })
    })
    const [graph] = await Promise.all([made, changed])

    expect([graph.order, graph.size]).toEqual([2_500, 2_500])
    graph.setNodeAttribute('e1', 'metadata', {})
    expect((await universe.head.count()).entities).toBe(0)
  })

  it('take ids that are names of Object.prototype, and harm nothing', async () => {
    await using universe = await openUniverseOn(dialect)
    const ids = ['__proto__', 'constructor', 'toString', 'valueOf', 'plain']
    await universe.commit('Odd names', (draft) => {
      for (const id of ids) draft.createEntity('T', {}, { id })
      for (const from of ids) for (const to of ids) draft.createRelation('R', from, to, {}, { id: `${from} ${to}` })
    })
    const before = Object.getOwnPropertyNames(Object.prototype)
    const graph = await universe.head.toGraphology()

    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
    for (const from of ids) {
      expect(graph.outNeighbors(from).sort()).toEqual([...ids].sort())
      for (const to of ids) expect(graph.outEdges(from, to)).toEqual([`${from} ${to}`])
    }
    await universe.commit('One too odd', (draft) => draft.createEntity('T', {}, { id: 'hasOwnProperty' }))
    expect(await refusalOf(() => universe.head.toGraphology())).toMatchObject({ code: 'VALIDATION' })
    expect((await universe.head.toGraphology({ ids })).order).toBe(5)
  })

  it('are refused for filters that are not valid', async () => {
    const bad: unknown[] = [null, 5, { tpye: 'x' }, { limit: 5 }, { cursor: 'x' }, { offset: 1 }, { relationType: 5 }]
    for (const filter of [...bad, { type: 5 }, { deadline: -1 }]) {
      const call = () => town.past.toGraphology(filter as never)
      expect(await refusalOf(call), JSON.stringify(filter)).toMatchObject({ code: 'VALIDATION' })
    }
    expect(await refusalOf(() => town.universe.at('nowhere').toGraphology())).toMatchObject({ code: 'NOT_FOUND' })
    expect(idsOf((await town.past.entities()).items)).toHaveLength(6)
  })
})
