/** Subgraphs: some entities and every relation among them. */
import { relationsFrom } from '../../queries/reach.js'
import { all, type Work } from '../database/work.js'
import type { Budget } from '../model/budget.js'
import type { Entity, Relation } from '../model/entity.js'
import { compareIds } from '../model/id.js'
import type { Place } from '../state/place.js'
import { entitiesById, relationsById } from './elements.js'
import { levelsFrom } from './reach.js'
import { checkReached, portions, stepGiven, stepShape, type Walk, type WalkOptions } from './walk.js'

/** What belongs to a subgraph besides the entities that are named. */
export interface SubgraphOptions<RelationType extends string = string> extends WalkOptions<RelationType> {
  /** What can be reached over so many relations. Default: 0, nothing more. */
  depth?: number | undefined
}

/** Entities and the relations among them, each by id. */
export interface Subgraph<E = Entity, R = Relation> {
  entities: E[]
  relations: R[]
}

/** The entities of these ids that stand, what can be reached from them, and every relation among all of these. */
export function* subgraphAt(place: Place, ids: readonly string[], walk: Walk, budget: Budget): Work<Subgraph> {
  const named = yield* entitiesById(place, ids, budget)
  checkReached(named.size, walk)
  const levels = yield* levelsFrom(place, [...named.keys()], named.size, walk, budget)
  const entities = yield* entitiesById(place, levels.flat(), budget)
  for (const [id, entity] of named) entities.set(id, entity)
  return {
    entities: [...entities.values()].sort((a, b) => compareIds(a.id, b.id)),
    relations: yield* relationsAmong(place, entities, undefined, budget),
  }
}

/** Every relation of these types that has both ends among these entities, by id. */
export function* relationsAmong(
  place: Place,
  entities: { keys(): Iterable<string>; has(id: string): boolean },
  relationTypes: readonly string[] | undefined,
  budget: Budget,
): Work<Relation[]> {
  const shape = stepShape(place, { relationTypes }, 'out', budget)
  const ids: string[] = []
  for (const { some } of portions([...entities.keys()], budget)) {
    const given = { ...stepGiven(place, { relationTypes }), ids: some }
    for (const [id, to] of yield* all(relationsFrom(shape), given)) if (entities.has(to)) ids.push(id)
  }
  budget.check()
  return [...(yield* relationsById(place, ids.sort(compareIds), budget)).values()]
}
