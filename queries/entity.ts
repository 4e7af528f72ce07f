/** Entities by id, at any place. */
import { type RawBuilder, sql } from 'kysely'
import { elements, listOf, type Past, type PlaceGiven, type PlaceShape, pointAt, stateOf } from './standing.js'
import { family, statement } from './statement.js'
import type { EntityTable } from './tables.js'

/** An entity at `main`'s head. Cost: one probe. */
export const entityById = statement((db, given: { id: string }) =>
  db.selectFrom('entity').select(elements.entity.columns).where('id', '=', given.id),
)

/** An entity as it stands at a place in the past, with `to_sequence`: see `pointAt`. */
export const entityAt = {
  trunk: entityAtPlace('trunk'),
  lineage: entityAtPlace('lineage'),
}

function entityAtPlace(place: PlaceShape) {
  return statement<PlaceGiven & { id: string }, Past<EntityTable>>(
    (_db, given, dialect) => pointAt({ dialect, element: 'entity', place, given }) as RawBuilder<Past<EntityTable>>,
  )
}

/** The entities of these ids that stand at a place, in no order. */
export const entitiesByIds = family<{ place: PlaceShape }, PlaceGiven & { ids: readonly string[] }, EntityTable>(
  ({ place }, _db, given, dialect) => {
    const state = stateOf({ dialect, element: 'entity', place, given, id: sql.ref('wanted.value') })
    return sql<EntityTable>`select ${state.columns} from ${listOf(dialect, given.ids, 'wanted')} ${state.join}
      where ${state.alive}`
  },
)
