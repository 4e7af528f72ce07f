/** From an entity along its relations, by looking at every relation of the state. */
import { isOneOf } from './filter.js'
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
