/** Entities by id, at any place. */
import { sql } from 'kysely'
import { elements, listOf, type PlaceGiven, type PlaceShape, stateOf } from './standing.js'
import { family, statement } from './statement.js'
import type { EntityTable } from './tables.js'

/** An entity at `main`'s head. Cost: one probe. */
export const entityById = statement((db, given: { id: string }) =>
  db.selectFrom('entity').select(elements.entity.columns).where('id', '=', given.id),
)

/** An entity as it stands at a place in the past. Cost: two probes, and one more for each nearer lane. */
export const entityAt = family<{ place: PlaceShape }, PlaceGiven & { id: string }, EntityTable>(
  ({ place }, _db, given, dialect) => {
    const state = stateOf({ dialect, element: 'entity', place, given, id: sql.ref('wanted.value') })
    return sql<EntityTable>`select ${state.columns} from (select ${given.id} as value) as wanted ${state.join}
      where ${state.alive}`
  },
)

/** The entities of these ids that stand at a place, in no order. */
export const entitiesByIds = family<{ place: PlaceShape }, PlaceGiven & { ids: readonly string[] }, EntityTable>(
  ({ place }, _db, given, dialect) => {
    const state = stateOf({ dialect, element: 'entity', place, given, id: sql.ref('wanted.value') })
    return sql<EntityTable>`select ${state.columns} from ${listOf(dialect, given.ids, 'wanted')} ${state.join}
      where ${state.alive}`
  },
)
