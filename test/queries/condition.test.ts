import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { type FilterGiven, type FilterShape, holdsOf } from '../../queries/condition.js'
import { listOf } from '../../queries/parameter.js'
import { allOf } from '../../queries/relation.js'
import { type ElementName, stateOf } from '../../queries/standing.js'
import { family } from '../../queries/statement.js'
import { all } from '../../src/database/work.js'
import { readKept } from '../../src/graph/filter.js'
import type { EntityFilter, RelationFilter } from '../../src/index.js'
import { type Place, placeOfVersion } from '../../src/state/place.js'
import { collect, idsOf } from '../given/collect.js'
import { databaseOf, fork } from '../given/fork.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'

/** Which of some ids a filter keeps, asked of one state each: as a step of a traversal would. */
const keptOf = family<
  FilterShape & { element: ElementName; place: Place['shape'] },
  FilterGiven & Place & { wanted: readonly string[] },
  { id: string }
>((shape, _db, given, dialect) => {
  const { element, place } = shape
  const state = stateOf({ dialect, element, place, given, id: sql.ref('wanted.value') })
  const { column } = state
  const kept = allOf([state.alive, ...holdsOf({ dialect, element, shape, given, column })])
  return sql`select ${column('id')} as id from ${listOf(dialect, given.wanted, 'wanted')} ${state.join} where ${kept}`
})

const filters: (EntityFilter & RelationFilter)[] = [
  {},
  { tag: 'x' },
  { tag: '' },
  { tag: 'é'.repeat(256) },
  { tag: 'é'.repeat(257) },
  { type: 'A' },
  { type: ['B', 'C'] },
  { ids: ['a', 'c', 'none'] },
  { createdAfter: 1, createdBefore: 3 },
  { metadata: { n: { gte: 2 } } },
  { tag: 'x', type: 'A', metadata: { n: { ne: 2, lt: 9 }, tags: { contains: 'x' }, missing: { ne: 1 } } },
]
const ofRelations: (EntityFilter & RelationFilter)[] = [
  { from: 'a' },
  { to: 'a' },
  { touching: 'b', type: 'R' },
  { from: 'a', to: 'b', metadata: { n: { in: [1, 2] } } },
]

describe.each(dialects)('conditions of a row on %s', (dialect) => {
  it('keep what a list of the same filter keeps, at any place', async () => {
    await using universe = await openUniverseOn(dialect)
    await fill(universe)
    const ids = ['a', 'b', 'c', 'd', 'r', 's', 't', 'none']
    let kept = 0
    for (const versionId of ['v1', 'v2', 'v3', 'onX']) {
      const view = universe.at({ version: versionId })
      for (const filter of filters) {
        const found = await ask(universe, 'entity', versionId, filter, ids)
        expect(found, JSON.stringify(filter)).toEqual(idsOf(await collect(view.eachEntity(filter))))
        kept += found.length
      }
      for (const { tag: _tag, ...filter } of [...filters, ...ofRelations]) {
        const found = await ask(universe, 'relation', versionId, filter, ids)
        expect(found, JSON.stringify(filter)).toEqual(idsOf(await collect(view.eachRelation(filter))))
        kept += found.length
      }
    }
    expect(kept).toBeGreaterThan(80)
  })
})

async function ask(
  universe: Universe,
  element: ElementName,
  versionId: string,
  filter: EntityFilter & RelationFilter,
  wanted: readonly string[],
): Promise<string[]> {
  const rows = await databaseOf(universe).read(function* () {
    const place = yield* placeOfVersion(versionId)
    const issues: never[] = []
    const { filter: shape, given } = readKept(filter, issues)
    expect(issues).toEqual([])
    const statement = keptOf({ ...shape, element, place: place.shape })
    return yield* all(statement, { ...place, ...given, wanted } as never)
  })
  return idsOf(rows).sort()
}

async function fill(universe: Universe): Promise<void> {
  const long = ['é'.repeat(256), 'é'.repeat(257)]
  const at = (versionId: string, timestamp: number) => ({ versionId, timestamp })
  await universe.commit(
    'First',
    (draft) => {
      draft.createEntity('A', { n: 1, tags: ['x', 'y'] }, { id: 'a' })
      draft.createEntity('A', { n: 2, tags: 'x' }, { id: 'b' })
      draft.createEntity('B', { n: '2', tags: { 0: 'x' } }, { id: 'c' })
      draft.createRelation('R', 'a', 'b', { n: 1 }, { id: 'r' })
      draft.createRelation('S', 'b', 'a', { n: 3, tags: ['x'] }, { id: 's' })
    },
    at('v1', 1),
  )
  await universe.commit(
    'Second',
    (draft) => {
      draft.updateEntity('a', { n: 5, tags: ['', ...long] })
      draft.createEntity('C', { n: 3, tags: [1, 'x'] }, { id: 'd' })
      draft.createRelation('R', 'a', 'a', { n: 2 }, { id: 't' })
    },
    at('v2', 2),
  )
  await universe.commit('Third', (draft) => draft.deleteEntity('a', { cascade: true }), at('v3', 3))
  await fork(universe, 'x', 'v2')
  await universe.commit('On x', (draft) => draft.updateEntity('b', { tags: ['x'] }), { ...at('onX', 4), branch: 'x' })
}
