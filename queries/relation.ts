/** Relations by id and by their ends, and neighbours, at any place. */
import { type RawBuilder, sql } from 'kysely'
import {
  elements,
  type Fragment,
  inOrder,
  listOf,
  type Past,
  type PlaceGiven,
  type PlaceShape,
  pointAt,
  standing,
  stateOf,
  union,
} from './standing.js'
import { type Dialect, family, statement } from './statement.js'
import type { RelationTable } from './tables.js'

/** A relation at `main`'s head. Cost: one probe. */
export const relationById = statement((db, given: { id: string }) =>
  db.selectFrom('relation').select(elements.relation.columns).where('id', '=', given.id),
)

/** A relation as it stands at a place in the past, with `to_sequence`: see `pointAt`. */
export const relationAt = {
  trunk: relationAtPlace('trunk'),
  lineage: relationAtPlace('lineage'),
}

function relationAtPlace(place: PlaceShape) {
  return statement<PlaceGiven & { id: string }, Past<RelationTable>>(
    (_db, given, dialect) => pointAt({ dialect, element: 'relation', place, given }) as RawBuilder<Past<RelationTable>>,
  )
}

/** The relations of these ids that stand at a place, in no order. */
export const relationsByIds = family<{ place: PlaceShape }, PlaceGiven & { ids: readonly string[] }, RelationTable>(
  ({ place }, _db, given, dialect) => {
    const state = stateOf({ dialect, element: 'relation', place, given, id: sql.ref('wanted.value') })
    return sql<RelationTable>`select ${state.columns} from ${listOf(dialect, given.ids, 'wanted')} ${state.join}
      where ${state.alive}`
  },
)

/** Ids of the relations that touch one of these entities, with both ends; a relation may come twice. */
export const relationsOfEntities = family<
  { place: PlaceShape },
  PlaceGiven & { ids: readonly string[] },
  Pick<RelationTable, 'id' | 'from_entity' | 'to_entity'>
>(({ place }, _db, given, dialect) => {
  const columns = sql`s.id, s.from_entity, s.to_entity`
  const part = (column: 'from_entity' | 'to_entity') =>
    union(
      standing({
        dialect,
        element: 'relation',
        place,
        given,
        access: { historyIndex: ends[column].historyIndex, headIndex: ends[column].headIndex },
        columns,
        condition: sql`${sql.ref(`s.${column}`)} in (select value from ${listOf(dialect, given.ids, 'wanted')})`,
      }),
    )
  return sql`${part('from_entity')} union all ${part('to_entity')}`
})

/** The indexes that lead with an end. */
export const ends = {
  from_entity: { headIndex: 'from_entity_idx', historyIndex: 'relation_history_from_idx' },
  to_entity: { headIndex: 'to_entity_idx', historyIndex: 'relation_history_to_idx' },
} as const

export interface NeighbourShape {
  place: PlaceShape
  direction: 'out' | 'in' | 'both'
  /** One type is compared, several are looked up in a list. */
  relationTypes: 'any' | 'one' | 'many'
  entityTypes: 'any' | 'many'
  after: boolean
}

export interface NeighbourGiven extends PlaceGiven {
  id: string
  relationType: string
  relationTypes: readonly string[]
  entityTypes: readonly string[]
  after: string
  limit: number
}

/**
 * A relation with the entity at its other end, as an array: the columns of `elements.relation` in
 * their order, then those of `elements.entity`.
 */
export type NeighbourRow = readonly (string | number | null)[]

/**
 * The relations of an entity with the entities at their other ends, each as it stands at the place;
 * by relation id where SQLite is asked, the caller makes sure. A self-loop comes once.
 *
 * Cost: the relations that stand, up to eight index entries for each; with `entityTypes` all of them
 * are joined before the limit.
 */
export const neighboursOf = family<NeighbourShape, NeighbourGiven, NeighbourRow>(
  (shape, _db, given, dialect) => {
    const { place } = shape
    const end = stateOf({
      dialect,
      element: 'entity',
      place,
      given,
      id: sql.ref('r.other'),
      prefix: 'end_',
    })
    if (place === 'head' && shape.entityTypes === 'any') return headNeighbours(shape, given, dialect)
    const relations = sql`select * from (${relationsOf(shape, given, dialect, relationColumns)}) as found`
    const limited = shape.entityTypes === 'any' ? sql`${relations} order by id limit ${given.limit}` : relations
    const types =
      shape.entityTypes === 'any'
        ? sql``
        : sql` and ${end.column('entity_type')} in (select value from ${listOf(dialect, given.entityTypes, 'allowed')})
            order by r.id limit ${given.limit}`
    return sql<NeighbourRow>`
      select ${sql.join(elements.relation.columns.map((column) => sql.ref(`r.${column}`)))}, ${end.columns}
      from (${limited}) as r ${end.join} where ${end.alive}${types}`
  },
  { asArrays: true },
)

/**
 * At the head the page is cut in the index that leads with the end, which holds all that it is cut
 * by; the rows themselves are then read for the page alone.
 */
function headNeighbours(shape: NeighbourShape, given: NeighbourGiven, dialect: Dialect): RawBuilder<NeighbourRow> {
  // A rowid is the shortest way back to the row, within one statement.
  const key = sql.raw(dialect === 'sqlite' ? 'rowid' : 'id')
  const keys = sql`select found.row_key from (
      ${relationsOf(shape, given, dialect, () => sql`s.id, s.${key} as row_key`)}
    ) as found order by found.id limit ${given.limit}`
  const other = {
    out: sql.ref('r.to_entity'),
    in: sql.ref('r.from_entity'),
    both: sql`case when r.from_entity = ${given.id} then r.to_entity else r.from_entity end`,
  }[shape.direction]
  const ends = elements.entity.columns.map((column) => sql`${sql.ref(`e.${column}`)} as ${sql.ref(`end_${column}`)}`)
  return sql<NeighbourRow>`
    select ${sql.join(elements.relation.columns.map((column) => sql.ref(`r.${column}`)))}, ${sql.join(ends)}
    from (${keys}) as page ${inOrder} relation as r ${inOrder} entity as e
    where r.${key} = page.row_key and e.id = ${other}`
}

/** How many relations `neighboursOf` would list without a filter on entities. */
export const degreeOf = family<Omit<NeighbourShape, 'entityTypes' | 'after'>, NeighbourGiven, { count: number }>(
  (shape, _db, given, dialect) => sql`
    select count(*) as count from (${relationsOf({ ...shape, after: false }, given, dialect, () => sql`s.id`)}) as found`,
)

const relationColumns = (other: 'from_entity' | 'to_entity') =>
  sql`${sql.join(elements.relation.columns.map((column) => sql.ref(`s.${column}`)))}, ${sql.ref(`s.${other}`)} as other`

function relationsOf(
  shape: Omit<NeighbourShape, 'entityTypes'>,
  given: NeighbourGiven,
  dialect: Dialect,
  columns: (other: 'from_entity' | 'to_entity') => Fragment,
): Fragment {
  const conditions: Fragment[] = []
  if (shape.relationTypes === 'one') conditions.push(sql`s.relation_type = ${given.relationType}`)
  if (shape.relationTypes === 'many') {
    conditions.push(sql`s.relation_type in (select value from ${listOf(dialect, given.relationTypes, 'wanted')})`)
  }
  if (shape.after) conditions.push(sql`s.id > ${given.after}`)
  const part = (near: 'from_entity' | 'to_entity', far: 'from_entity' | 'to_entity', more: Fragment[] = []) =>
    union(
      standing({
        dialect,
        element: 'relation',
        place: shape.place,
        given,
        access: { column: near, value: sql`${given.id}`, ...ends[near] },
        columns: columns(far),
        condition: allOf([...conditions, ...more]),
      }),
    )
  const out = () => part('from_entity', 'to_entity')
  if (shape.direction === 'out') return out()
  if (shape.direction === 'in') return part('to_entity', 'from_entity')
  return sql`${out()} union all ${part('to_entity', 'from_entity', [sql`s.from_entity <> ${given.id}`])}`
}

/** All of these conditions at once; none is always true. */
export function allOf(conditions: Fragment[]): Fragment | undefined {
  return conditions.length === 0 ? undefined : sql.join(conditions, sql` and `)
}
