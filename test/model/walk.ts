/** From an entity along its relations, by looking at every relation of the state. */
import { type EntityFilter, isOneOf, listEntities } from './filter.js'
import { compareBytes } from './json.js'
import { byId, type Entity, isValidAt, type Relation, type State } from './state.js'

export type Direction = 'out' | 'in' | 'both'

export interface Walk {
  direction?: Direction
  relationType?: string | string[]
}

export interface Neighbour {
  entity: Entity
  relation: Relation
}

/** Pairs by relation id; a self-loop counts once in every direction. */
export function neighbours(
  state: State,
  id: string,
  walk: Walk & { entityType?: string | string[] } = {},
): Neighbour[] {
  const pairs: Neighbour[] = []
  for (const relation of byId(state.relations.values())) {
    if (!isOneOf(walk.relationType, relation.relationType)) continue
    const entity = state.entities.get(otherEnd(relation, id, walk.direction ?? 'out') ?? '')
    if (entity && isOneOf(walk.entityType, entity.entityType)) pairs.push({ entity, relation })
  }
  return pairs
}

export function degree(state: State, id: string, walk: Walk = {}): number {
  return neighbours(state, id, walk).length
}

/** Everything reachable but the start, by depth, then id. */
export function reachable(
  state: State,
  id: string,
  walk: Walk & { maxDepth?: number } = {},
): { id: string; depth: number }[] {
  const depths = new Map([[id, 0]])
  let edge = [id]
  for (let depth = 1; edge.length > 0 && depth <= (walk.maxDepth ?? Infinity); depth++) {
    const next = edge.flatMap((at) => neighbours(state, at, walk).map(({ entity }) => entity.id))
    edge = [...new Set(next)].filter((at) => !depths.has(at))
    for (const at of edge) depths.set(at, depth)
  }
  depths.delete(id)
  return [...depths]
    .map(([at, depth]) => ({ id: at, depth }))
    .sort((a, b) => a.depth - b.depth || compareBytes(a.id, b.id))
}

/** The number of relations on a shortest path, or undefined where none leads. */
export function pathLength(state: State, from: string, to: string, walk: Walk = {}): number | undefined {
  if (!state.entities.has(from) || !state.entities.has(to)) return undefined
  if (from === to) return 0
  return reachable(state, from, walk).find(({ id }) => id === to)?.depth
}

/** A walk by ids: one relation less than entities. */
export interface Path {
  entities: string[]
  relations: string[]
}

/**
 * Of the shortest paths the one whose entities come first, compared one after the other; between two
 * entities the first relation.
 */
export function shortestPath(
  state: State,
  from: string,
  to: string,
  walk: Walk & { maxDepth?: number } = {},
): Path | undefined {
  const length = pathLength(state, from, to, walk)
  if (length === undefined || length > (walk.maxDepth ?? Infinity)) return undefined
  const path: Path = { entities: [from], relations: [] }
  for (let left = length - 1; left >= 0; left--) {
    const onward = neighbours(state, path.entities.at(-1) as string, walk)
      .filter(({ entity }) => pathLength(state, entity.id, to, walk) === left)
      .sort((a, b) => compareBytes(a.entity.id, b.entity.id) || compareBytes(a.relation.id, b.relation.id))
    const next = onward[0] as Neighbour
    path.entities.push(next.entity.id)
    path.relations.push(next.relation.id)
  }
  return path
}

/** Everything reachable from the entities that are there within so many relations, and all relations among them. */
export function subgraph(state: State, ids: readonly string[], walk: Walk & { depth?: number } = {}) {
  const named = ids.filter((id) => state.entities.has(id))
  const within = { ...walk, maxDepth: walk.depth ?? 0 }
  const members = new Set(named.flatMap((id) => [id, ...reachable(state, id, within).map((one) => one.id)]))
  return {
    entities: byId([...state.entities.values()].filter(({ id }) => members.has(id))),
    relations: byId([...state.relations.values()].filter(({ from, to }) => members.has(from) && members.has(to))),
  }
}

/** A step of a traversal: along relations, or a filter of what was reached. */
export type Step = { direction: Direction; types?: string | string[] } | { where: EntityFilter }

/** What the last step of a traversal reaches, by id. */
export function traverse(state: State, starts: readonly string[], steps: readonly Step[]): Entity[] {
  const ends = allPaths(state, starts, steps).map(({ entities }) => entities.at(-1) as string)
  return byId([...new Set(ends)].map((id) => state.entities.get(id) as Entity))
}

/** Every way through the steps, by the id of its start, then by that of each relation in turn. */
export function allPaths(state: State, starts: readonly string[], steps: readonly Step[]): Path[] {
  const there = [...new Set(starts)].filter((id) => state.entities.has(id)).sort(compareBytes)
  return steps.reduce<Path[]>(
    (paths, step) => paths.flatMap((path) => onward(state, path, step)),
    there.map((id) => ({ entities: [id], relations: [] })),
  )
}

function onward(state: State, path: Path, step: Step): Path[] {
  const at = path.entities.at(-1) as string
  if ('where' in step) return listEntities(state, step.where).some(({ id }) => id === at) ? [path] : []
  const { direction, types } = step
  return neighbours(state, at, { direction, ...(types === undefined ? {} : { relationType: types }) }).map(
    ({ entity, relation }) => ({
      entities: [...path.entities, entity.id],
      relations: [...path.relations, relation.id],
    }),
  )
}

/** What shows at a moment of valid time: an entity valid then, a relation if its ends are too. */
export function validAt(state: State, moment: number): State {
  const entities = new Map([...state.entities].filter(([, entity]) => isValidAt(entity, moment)))
  const relations = [...state.relations].filter(
    ([, relation]) => isValidAt(relation, moment) && entities.has(relation.from) && entities.has(relation.to),
  )
  return { entities, relations: new Map(relations) }
}

function otherEnd(relation: Relation, id: string, direction: Direction): string | undefined {
  const { from, to } = relation
  if (from === id && direction !== 'in') return to
  if (to === id && direction !== 'out') return from
  return undefined
}
