/** The states of many ids at a place, some at a time. */
import { entitiesByIds } from '../../queries/entity.js'
import { relationsByIds } from '../../queries/relation.js'
import type { PlaceGiven, PlaceShape, StateRow } from '../../queries/standing.js'
import type { Statement } from '../../queries/statement.js'
import { all, type Work } from '../database/work.js'
import type { Budget } from '../model/budget.js'
import type { Entity, Relation } from '../model/entity.js'
import type { Place } from '../state/place.js'
import { toEntity, toRelation } from '../state/rows.js'

/** How many states are read by one statement. */
export const statesAtOnce = 1_000

/** The entities of these ids that stand, by id, in the order of the ids. */
export function entitiesById(place: Place, ids: readonly string[], budget: Budget): Work<Map<string, Entity>> {
  return statesById(entitiesByIds, toEntity, place, ids, budget)
}

/** The relations of these ids that stand; as `entitiesById`. */
export function relationsById(place: Place, ids: readonly string[], budget: Budget): Work<Map<string, Relation>> {
  return statesById(relationsByIds, toRelation, place, ids, budget)
}

function* statesById<T>(
  statement: (shape: { place: PlaceShape }) => Statement<PlaceGiven & { ids: readonly string[] }, StateRow>,
  toValue: (row: StateRow) => T,
  place: Place,
  ids: readonly string[],
  budget: Budget,
): Work<Map<string, T>> {
  const found = new Map<string, T>()
  for (let from = 0; from < ids.length; from += statesAtOnce) {
    budget.check()
    const some = ids.slice(from, from + statesAtOnce)
    const rows = yield* all(statement({ place: place.shape }), { ...place, ids: some })
    const byId = new Map(rows.map((row) => [row[0], row]))
    for (const id of some) {
      const row = byId.get(id)
      if (row !== undefined) found.set(id, toValue(row))
    }
  }
  return found
}
