import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Start, SubgraphOptions } from '../../src/index.js'
import { idsOf } from '../given/collect.js'
import { refusalOf } from '../given/refused.js'
import { makeTown, type Town } from '../given/town.js'
import { dialects, type View } from '../model/open.js'

describe.each(dialects)('subgraphs on %s', (dialect) => {
  let town: Town
  beforeAll(async () => {
    town = await makeTown(dialect)
  })
  afterAll(() => town.universe.close())

  const subgraph = async (view: View, ids: Start, options: SubgraphOptions = {}) => {
    const { entities, relations } = await view.subgraph(ids, options)
    return `${idsOf(entities).join(' ')} | ${idsOf(relations).join(' ')}`
  }

  it('are the entities that are named and every relation among them', async () => {
    expect(await subgraph(town.past, ['bob', 'ada', 'ada', 'nobody', 'k1'])).toBe('ada bob | k1 k2 k6')
    expect(await subgraph(town.past, 'ada')).toBe('ada | k6')
    expect(await subgraph(town.past, [])).toBe(' | ')
    expect(await subgraph(town.past, new Set(['cy', 'acme']))).toBe('acme cy | w3')
  })

  it('reach as far as they are told, and hold what is among all of it, of whatever type', async () => {
    expect(await subgraph(town.past, 'ada', { depth: 1 })).toBe('acme ada bob | k1 k2 k6 w1')
    expect(await subgraph(town.past, 'acme', { depth: 1, direction: 'in' })).toBe('acme ada cy | k4 k6 w1 w3')
    expect(await subgraph(town.past, 'cy', { depth: 1, relationType: 'KNOWS' })).toBe('ada cy dan | k4 k5 k6')
    expect(await subgraph(town.past, 'dan', { depth: Number.POSITIVE_INFINITY, direction: 'both' })).toBe(
      'acme ada bob cy dan mill | k1 k2 k3 k4 k5 k6 w1 w2 w3',
    )
  })

  it('are as of the view, state by state', async () => {
    expect(await subgraph(town.head, 'ada', { depth: 2 })).toBe('acme ada bob dan | k1 k2 k6 l1 w1')
    const [then, now] = [await town.past.subgraph('dan'), await town.head.subgraph('dan')]
    expect([then.entities, now.entities]).toEqual([[await town.past.entity('dan')], [await town.head.entity('dan')]])
    expect(await town.past.subgraph(then.entities)).toEqual(then)
  })

  it('are whole or an error', async () => {
    expect(await subgraph(town.past, 'ada', { depth: 1, maxEntities: 3 })).toBe('acme ada bob | k1 k2 k6 w1')
    for (const maxEntities of [2, 1, 0]) {
      expect(await refusalOf(() => town.past.subgraph('ada', { depth: 1, maxEntities }))).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        maximum: maxEntities,
      })
    }
  })

  it('are refused for what names no entities, and with options that are none', async () => {
    for (const ids of [null, undefined, 5, {}, [5], ['ada', null], { id: 5 }]) {
      expect(await refusalOf(() => town.past.subgraph(ids as never)), String(ids)).toMatchObject({ code: 'VALIDATION' })
    }
    for (const options of [null, { depth: -1 }, { maxDepth: 1 }, { depth: '1' }, { direction: 'up' }]) {
      const call = () => town.past.subgraph('ada', options as never)
      expect(await refusalOf(call), JSON.stringify(options)).toMatchObject({ code: 'VALIDATION' })
    }
  })
})
