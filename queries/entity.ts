/** Entities by id, at any place. */
import { sql } from 'kysely'
import { listOf } from './parameter.js'
import { pointReads } from './point.js'
import { type PlaceGiven, type PlaceShape, type StateRow, stateOf } from './standing.js'
import { family } from './statement.js'

/** One entity: see `pointReads`. */
export const entityPoint = pointReads('entity')

/** The entities of these ids that stand at a place, in no order. */
export const entitiesByIds = family<{ place: PlaceShape }, PlaceGiven & { ids: readonly string[] }, StateRow>(
  ({ place }, _db, given, dialect) => {
    const state = stateOf({ dialect, element: 'entity', place, given, id: sql.ref('wanted.value') })
    return sql<StateRow>`select ${state.columns} from ${listOf(dialect, given.ids, 'wanted')} ${state.join}
      where ${state.alive}`
  },
  { asArrays: true },
)

/** The types of the entities of these ids that stand at a place, in no order. */
export const entityTypesByIds = family<
  { place: PlaceShape },
  PlaceGiven & { ids: readonly string[] },
  readonly [id: string, entityType: string]
>(
  ({ place }, _db, given, dialect) => {
    const state = stateOf({ dialect, element: 'entity', place, given, id: sql.ref('wanted.value') })
    return sql`select wanted.value, ${state.column('entity_type')} from ${listOf(dialect, given.ids, 'wanted')} ${state.join}
      where ${state.alive}`
  },
  { asArrays: true },
)
