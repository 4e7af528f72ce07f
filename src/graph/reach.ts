/** What can be reached from entities along relations, nearest first. */
import { reachedFrom } from '../../queries/reach.js'
import { all, type Work } from '../database/work.js'
import type { Budget } from '../model/budget.js'
import { compareIds } from '../model/id.js'
import type { Place } from '../state/place.js'
import { checkReached, portions, stepGiven, stepShape, type Walk, type WalkOptions } from './walk.js'

/** How far, along which relations. */
export interface ReachableOptions<RelationType extends string = string> extends WalkOptions<RelationType> {
  /** At most so many relations away. Default: any number. */
  maxDepth?: number | undefined
}

/** An entity that can be reached, and how many relations away it is at least. */
export interface Reached {
  id: string
  depth: number
}

/** What can be reached from an entity, without itself, by depth, then id. */
export function* reachableAt(place: Place, id: string, walk: Walk, budget: Budget): Work<Reached[]> {
  const reached: Reached[] = []
  let depth = 0
  for (const level of yield* levelsFrom(place, [id], 0, walk, budget)) {
    depth++
    for (const one of level) reached.push({ id: one, depth })
  }
  return reached
}

/**
 * The entities that are first reached after one relation, after two, and so on, each level by id; of
 * the starts, which are reached already, `counted` count as entities.
 *
 * Level by level, a statement for each some thousand entities of one. That way each entity is looked
 * at once, however many ways lead to it: a recursive statement can only tell apart rows that have
 * their depth in them, so around a cycle it would go for ever.
 */
export function* levelsFrom(
  place: Place,
  starts: readonly string[],
  counted: number,
  walk: Walk,
  budget: Budget,
): Work<string[][]> {
  const seen = new Set(starts)
  const uncounted = seen.size - counted
  const most = walk.maxEntities + uncounted
  const shape = stepShape(place, walk, walk.direction, budget)
  // That many are one too many, whichever of them were seen before.
  const given = { ...stepGiven(place, walk), limit: Number.isFinite(most) ? most + 1 : -1 }
  const levels: string[][] = []
  let edge: readonly string[] = [...seen]

  while (edge.length > 0 && levels.length < walk.maxDepth) {
    const level: string[] = []
    for (const { some } of portions(edge, budget)) {
      for (const { id } of yield* all(reachedFrom(shape), { ...given, ids: some })) {
        if (seen.has(id)) continue
        seen.add(id)
        level.push(id)
      }
      checkReached(seen.size - uncounted, walk)
    }
    budget.check()
    if (level.length > 0) levels.push(level.sort(compareIds))
    edge = level
  }
  return levels
}
