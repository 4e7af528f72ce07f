/** Entities by id, at any place. */
import { sql } from 'kysely'
import { elements, listOf, type PlaceGiven, type PlaceShape, pointAt, type StateRow, stateOf } from './standing.js'
import { type Dialect, family, statement } from './statement.js'

/** An entity at `main`'s head. Cost: one probe. */
export const entityById = statement<{ id: string }, StateRow>(
  (db, given) => db.selectFrom('entity').select(elements.entity.columns).where('id', '=', given.id) as never,
  { asArrays: true },
)

/** An entity as it stands at a place in the past: see `pointAt`. */
export const entityAt = {
  trunk: entityAtPlace('trunk', false),
  trunkPastFirst: entityAtPlace('trunk', true),
  lineage: entityAtPlace('lineage', false),
}

function entityAtPlace(place: PlaceShape, pastFirst: boolean) {
  return statement<PlaceGiven & { id: string }, StateRow>(
    (_db, given, dialect: Dialect) =>
      sql<StateRow>`${pointAt({ dialect, element: 'entity', place, given, pastFirst })}`,
    { asArrays: true },
  )
}

/** The entities of these ids that stand at a place, in no order. */
export const entitiesByIds = family<{ place: PlaceShape }, PlaceGiven & { ids: readonly string[] }, StateRow>(
  ({ place }, _db, given, dialect) => {
    const state = stateOf({ dialect, element: 'entity', place, given, id: sql.ref('wanted.value') })
    return sql<StateRow>`select ${state.columns} from ${listOf(dialect, given.ids, 'wanted')} ${state.join}
      where ${state.alive}`
  },
  { asArrays: true },
)
