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

/** Which of these ids are those of entities that stand at a place, in no order; with `types` the type of each. */
export const entitiesStanding = family<
  { place: PlaceShape; types: boolean },
  PlaceGiven & { ids: readonly string[] },
  readonly [id: string, entityType?: string]
>(
  ({ place, types }, _db, given, dialect) => {
    const state = stateOf({ dialect, element: 'entity', place, given, id: sql.ref('wanted.value') })
    // At the head whether one stands is said by the index of ids alone.
    const columns = types ? sql`wanted.value, ${state.column('entity_type')}` : sql`wanted.value`
    return sql`select ${columns} from ${listOf(dialect, given.ids, 'wanted')} ${state.join} where ${state.alive}`
  },
  { asArrays: true },
)
