/** The shortest path between two entities. */
import { firstReachedFrom, type ReachGiven, reachedFrom, relationsBetween } from '../../queries/reach.js'
import { all, type Work } from '../database/work.js'
import type { Budget } from '../model/budget.js'
import type { Direction, Entity, Relation } from '../model/entity.js'
import { compareIds } from '../model/id.js'
import type { Place } from '../state/place.js'
import { entitiesById, relationsById } from './elements.js'
import { checkReached, portions, stepGiven, stepShape, type Walk, type WalkOptions } from './walk.js'

/** Along which relations, and how far at most. */
export interface PathOptions<RelationType extends string = string> extends WalkOptions<RelationType> {
  /** At most so many relations. Default: any number. */
  maxDepth?: number | undefined
}

/** A walk: its entities in their order, and between each two of them the relation that leads on. */
export interface Path<E = Entity, R = Relation> {
  entities: E[]
  /** One less than entities. */
  relations: R[]
}

/** One end of the search. */
interface End {
  direction: Direction
  /** What was reached from it, each with the entity that it was reached from. */
  parents: Map<string, string | undefined>
  /** What was reached last, in the order that settles ties. */
  edge: string[]
  order: (a: Found, b: Found) => number
  depth: number
}

/** An entity, and the position at the edge of the first that leads to it. */
interface Found {
  id: string
  position: number
}

const reversed = { out: 'in', in: 'out', both: 'both' } as const

/**
 * Searched from both ends, level by level, each time from the one with fewer entities at its edge.
 *
 * The edge of the start is kept in the order of the paths that lead to it, that of the goal by id; what
 * is reached from several is reached from the first of them. So of all shortest paths the one is found
 * whose entities come first, compared one after the other by id.
 */
export function* shortestPathAt(
  place: Place,
  from: string,
  to: string,
  walk: Walk,
  budget: Budget,
): Work<Path | undefined> {
  const ends = yield* entitiesById(place, from === to ? [from] : [from, to], budget)
  if (ends.size < (from === to ? 1 : 2)) return undefined
  if (from === to) return { entities: [...ends.values()], relations: [] }

  const byPath = (a: Found, b: Found) => a.position - b.position || compareIds(a.id, b.id)
  const start = endAt(from, walk.direction, byPath)
  const goal = endAt(to, reversed[walk.direction], (a, b) => compareIds(a.id, b.id))
  let reached = 0
  while (start.depth + goal.depth < walk.maxDepth) {
    if (start.edge.length === 0 || goal.edge.length === 0) return undefined
    const [end, other] = start.edge.length <= goal.edge.length ? [start, goal] : [goal, start]
    reached = yield* widen(place, end, other, reached, walk, budget)
    const meeting = start.edge.find((id) => goal.parents.has(id))
    if (meeting !== undefined) return yield* pathThrough(place, meeting, start, goal, walk, budget)
  }
  return undefined
}

function endAt(id: string, direction: Direction, order: End['order']): End {
  return { direction, parents: new Map([[id, undefined]]), edge: [id], order, depth: 0 }
}

/** Moves an end's edge one relation on; how many entities are then reached from either end, the ends aside. */
function* widen(place: Place, end: End, other: End, before: number, walk: Walk, budget: Budget): Work<number> {
  const shape = stepShape(place, walk, end.direction, budget)
  // As many as may be reached, the two ends, and one too many.
  const limit = Number.isFinite(walk.maxEntities) ? walk.maxEntities + 3 : -1
  const given = { ...stepGiven(place, walk), limit }
  const found: Found[] = []
  let reached = before
  for (const { from, some } of portions(end.edge, budget)) {
    // Grouping sorts, and a sort does not look at the clock: where one entity leads to all it is not needed.
    const rows = yield* all<ReachGiven, { id: string; position?: number }>(
      some.length === 1 ? reachedFrom(shape) : firstReachedFrom(shape),
      { ...given, ids: some },
    )
    for (const { id, position = 0 } of rows) {
      if (end.parents.has(id)) continue
      end.parents.set(id, some[position])
      found.push({ id, position: from + position })
      if (!other.parents.has(id)) reached++
    }
    checkReached(reached, walk)
  }
  budget.check()
  end.edge = found.sort(end.order).map(({ id }) => id)
  end.depth++
  return reached
}

function* pathThrough(place: Place, meeting: string, start: End, goal: End, walk: Walk, budget: Budget): Work<Path> {
  const before = chain(start.parents, meeting).reverse()
  const after = chain(goal.parents, meeting)
  // Each relation is looked for from the side that it was found from: the other may be a hub.
  const first = yield* relationsAlong(place, pairs(before), start.direction, walk, budget)
  const second = yield* relationsAlong(
    place,
    pairs(after).map(([a, b]) => [b, a]),
    goal.direction,
    walk,
    budget,
  )
  const entityIds = [...before, ...after.slice(1)]
  const relationIds = [...first, ...second]
  const entities = yield* entitiesById(place, entityIds, budget)
  const relations = yield* relationsById(place, relationIds, budget)
  return {
    entities: entityIds.map((id) => entities.get(id) as Entity),
    relations: relationIds.map((id) => relations.get(id) as Relation),
  }
}

/** From an entity to the end that it was reached from. */
function chain(parents: ReadonlyMap<string, string | undefined>, from: string): string[] {
  const ids: string[] = []
  for (let id: string | undefined = from; id !== undefined; id = parents.get(id)) ids.push(id)
  return ids
}

function pairs(ids: readonly string[]): [string, string][] {
  return ids.slice(1).map((id, index) => [ids[index] as string, id])
}

/** The least relation by id from the first to the second entity of each pair. */
function* relationsAlong(
  place: Place,
  between: readonly (readonly [string, string])[],
  direction: Direction,
  walk: Walk,
  budget: Budget,
): Work<string[]> {
  const shape = stepShape(place, walk, direction, budget)
  const ids: string[] = []
  for (const { from, some } of portions(between, budget)) {
    const given = { ...stepGiven(place, walk), ids: some.map((pair) => JSON.stringify(pair)) }
    for (const { position, id } of yield* all(relationsBetween(shape), given)) ids[from + position] = id
  }
  return ids
}
