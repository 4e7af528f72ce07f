/** Reaching: what relations lead to from a list of entities, a level at a time, at any place. */
import { sql } from 'kysely'
import { type HopDirection, hop, type TypesMode } from './hop.js'
import { listOf } from './parameter.js'
import type { Fragment, PlaceGiven, PlaceShape } from './standing.js'
import { type Dialect, family } from './statement.js'

export interface ReachShape {
  place: PlaceShape
  direction: HopDirection
  relationTypes: TypesMode
  timed: boolean
}

export interface ReachGiven extends PlaceGiven {
  relationType: string
  relationTypes: readonly string[]
  ids: readonly string[]
  /** At most so many rows; −1: all. */
  limit: number
}

/**
 * The entities at the far ends, each once, in no order.
 *
 * Cost: the relations of the list that stand, no more of them than it takes to find `limit` entities.
 */
export const reachedFrom = family<ReachShape, ReachGiven, { id: string }>(
  (shape, _db, given, dialect) => sql`
    select distinct id from (${hopOf(shape, given, dialect, (far) => sql`${far} as id`)}) as found limit ${given.limit}`,
)

/**
 * The same, each with the position in the list of the first entity that leads to it.
 *
 * Cost: the relations of the list that stand.
 */
export const firstReachedFrom = family<ReachShape, ReachGiven, { id: string; position: number }>(
  (shape, _db, given, dialect) => sql`
    select id, min(position) as position
    from (${hopOf(shape, given, dialect, (far) => sql`wanted.key as position, ${far} as id`)}) as found
    group by id limit ${given.limit}`,
)

/** The relations that lead on from the entities of the list, as arrays: a relation's id, and that of the entity it leads to. */
export const relationsFrom = family<ReachShape, ReachGiven, readonly [id: string, to: string]>(
  (shape, _db, given, dialect) => hopOf(shape, given, dialect, (far) => sql`s.id, ${far} as other`) as never,
  { asArrays: true },
)

/** The least relation from the first to the second entity of each pair (JSON), with the pair's position. */
export const relationsBetween = family<ReachShape, ReachGiven, { position: number; id: string }>(
  (shape, _db, given, dialect) => {
    const end = (index: number) =>
      dialect === 'sqlite' ? sql`wanted.value ->> ${sql.lit(index)}` : sql`wanted.value::jsonb ->> ${sql.lit(index)}`
    const found = hopOf(shape, given, dialect, () => sql`wanted.key as position, s.id as id`, {
      id: end(0),
      condition: (far) => sql`${far} = ${end(1)}`,
    })
    return sql`select position, min(id) as id from (${found}) as found group by position`
  },
)

function hopOf(
  shape: ReachShape,
  given: ReachGiven,
  dialect: Dialect,
  columns: (far: Fragment) => Fragment,
  pairs: { id?: Fragment; condition?: (far: Fragment) => Fragment } = {},
): Fragment {
  const parts = hop({
    ...shape,
    dialect,
    given,
    outer: listOf(dialect, given.ids, 'wanted'),
    id: sql.ref('wanted.value'),
    relationType: sql`${given.relationType}`,
    relationTypesList: given.relationTypes,
    columns,
    ...pairs,
  })
  return sql.join(parts, sql` union all `)
}
