/** Relations by id and by their ends, and neighbours, at any place. */
import { sql } from 'kysely'
import { isIn, listOf } from './parameter.js'
import { pointReads } from './point.js'
import { type Fragment, type PlaceGiven, type PlaceShape, type StateRow, standing, stateOf, union } from './standing.js'
import { type Dialect, family } from './statement.js'
import type { RelationTable } from './tables.js'

/** One relation: see `pointReads`. */
export const relationPoint = pointReads('relation')

/** The relations of these ids that stand at a place, in no order. */
export const relationsByIds = family<{ place: PlaceShape }, PlaceGiven & { ids: readonly string[] }, StateRow>(
  ({ place }, _db, given, dialect) => {
    const state = stateOf({ dialect, element: 'relation', place, given, id: sql.ref('wanted.value') })
    return sql<StateRow>`select ${state.columns} from ${listOf(dialect, given.ids, 'wanted')} ${state.join}
      where ${state.alive}`
  },
  { asArrays: true },
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
        access: {
          key: isIn(dialect, sql.ref(`s.${column}`), given.ids),
          ...ends[column],
        },
        columns,
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
  /** Whether it is the first of them by relation id that are wanted, or any. */
  first: boolean
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
 * A relation with the entity at its other end, as an array: `neighbourColumns` of the relation, then
 * those of the entity.
 */
export type NeighbourRow = StateRow

/** The id of the entity is an end of the relation. */
const neighbourColumns = {
  relation: [
    'id',
    'from_entity',
    'to_entity',
    'relation_type',
    'metadata',
    'created_at',
    'updated_at',
    'valid_from',
    'valid_to',
  ],
  entity: ['entity_type', 'metadata', 'created_at', 'updated_at', 'valid_from', 'valid_to'],
} as const

/**
 * The relations of an entity with the entities at their other ends, each as it stands at the place.
 * A self-loop comes once. They come in no order: sorting a few is cheaper where they are read. With
 * `first` the limit cuts by relation id, and all of them are looked at for it.
 *
 * Cost: the relations that stand, up to eight index entries for each; with `entityTypes` all of them
 * are joined before the limit.
 */
export const neighboursOf = family<NeighbourShape, NeighbourGiven, NeighbourRow>(
  (shape, _db, given, dialect) => {
    const { place } = shape
    const end = stateOf({ dialect, element: 'entity', place, given, id: sql.ref('r.other'), prefix: 'end_' })
    const relations = sql`select * from (${relationsOf(shape, given, dialect, neighbourRelation)}) as found`
    const ofTypes = shape.entityTypes === 'many'
    const page = shape.first && !ofTypes ? sql`${relations} order by id limit ${given.limit}` : relations
    const types = ofTypes ? sql` and ${isIn(dialect, end.column('entity_type'), given.entityTypes)}` : sql``
    const order = shape.first && ofTypes ? sql` order by r.id` : sql``
    return sql<NeighbourRow>`
      select ${sql.join(neighbourColumns.relation.map((column) => sql.ref(`r.${column}`)))},
        ${sql.join(neighbourColumns.entity.map((column) => end.column(column)))}
      from (${page}) as r ${end.join} where ${end.alive}${types}${order} limit ${given.limit}`
  },
  { asArrays: true },
)

const neighbourRelation = (other: 'from_entity' | 'to_entity') =>
  sql`${sql.join(neighbourColumns.relation.map((column) => sql.ref(`s.${column}`)))}, ${sql.ref(`s.${other}`)} as other`

/** How many relations `neighboursOf` would list without a filter on entities. */
export const degreeOf = family<
  Omit<NeighbourShape, 'entityTypes' | 'after' | 'first'>,
  NeighbourGiven,
  { count: number }
>(
  (shape, _db, given, dialect) => sql`
    select count(*) as count from (${relationsOf({ ...shape, after: false }, given, dialect, () => sql`s.id`)}) as found`,
)

function relationsOf(
  shape: Omit<NeighbourShape, 'entityTypes' | 'first'>,
  given: NeighbourGiven,
  dialect: Dialect,
  columns: (other: 'from_entity' | 'to_entity') => Fragment,
): Fragment {
  const conditions: Fragment[] = []
  if (shape.relationTypes === 'one') conditions.push(sql`s.relation_type = ${given.relationType}`)
  if (shape.relationTypes === 'many') {
    conditions.push(isIn(dialect, sql.ref('s.relation_type'), given.relationTypes))
  }
  if (shape.after) conditions.push(sql`s.id > ${given.after}`)
  const part = (near: 'from_entity' | 'to_entity', far: 'from_entity' | 'to_entity', more: Fragment[] = []) =>
    union(
      standing({
        dialect,
        element: 'relation',
        place: shape.place,
        given,
        access: { key: sql`${sql.ref(`s.${near}`)} = ${given.id}`, ...ends[near] },
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
