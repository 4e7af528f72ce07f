/** Everything that can be asked along relations, put to the product and to the model's state alike. */
import { expect } from 'vitest'
import { type EntityFilter, listEntities } from '../model/filter.js'
import type { View } from '../model/open.js'
import type { State } from '../model/state.js'
import { entityTypes, ids, relationTypes, tags } from '../model/values.js'
import {
  allPaths,
  type Direction,
  pathLength,
  reachable,
  type Step,
  shortestPath,
  subgraph,
  traverse,
  type Walk,
} from '../model/walk.js'
import type { Dice } from './dice.js'
import { collect, dated, oneOrSome, randomFilter, said } from './questions.js'

type Traversal = ReturnType<View['traverse']>

const unknown = 'unknown'
const directions: Direction[] = ['out', 'in', 'both']
const refusedLimit = { code: 'LIMIT_EXCEEDED' }

/** What the questions really met: a law proves nothing about what never came up. */
export class WalkCounts {
  /** Reached: more than one depth, and a budget that was one short. */
  reached = 0
  reachedFar = 0
  oneShort = 0
  /** Shortest paths: of two relations and more, of several that are as short, with a depth one short. */
  searched = 0
  longPaths = 0
  ties = 0
  oneDeep = 0
  /** Traversals: that end somewhere, with two hops, with a filter between, alike hops, more paths than were asked for. */
  traversed = 0
  arrived = 0
  twoHops = 0
  filtered = 0
  alike = 0
  cut = 0
}

/** Least shares, in percent of the first of each group. */
const gates: [part: keyof WalkCounts, whole: keyof WalkCounts, percent: number][] = [
  ['reachedFar', 'reached', 25],
  ['oneShort', 'reached', 30],
  ['longPaths', 'searched', 15],
  ['ties', 'searched', 4],
  ['oneDeep', 'searched', 5],
  ['arrived', 'traversed', 40],
  ['twoHops', 'traversed', 40],
  ['filtered', 'traversed', 30],
  ['alike', 'traversed', 8],
  ['cut', 'traversed', 5],
]

/** Fails where the webs of a law were too tame. */
export function assertWalkGates(counts: WalkCounts): void {
  const failed = gates.filter(([part, whole, least]) => counts[part] * 100 < counts[whole] * least)
  expect(failed, said(counts)).toEqual([])
}

/** `rounds` random questions of each kind. */
export async function askWalks(
  view: View,
  state: State,
  dice: Dice,
  rounds: number,
  counts = new WalkCounts(),
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await askReachable(view, state, dice, counts)
    await askPath(view, state, dice, counts)
    await askTraversal(view, state, dice, counts)
    await askSubgraph(view, state, dice)
  }
}

async function askReachable(view: View, state: State, dice: Dice, counts: WalkCounts): Promise<void> {
  const id = someEntity(state, dice)
  const walk = { ...randomWalk(dice), ...(dice.chance(40) ? { maxDepth: dice.roll(4) } : {}) }
  const expected = reachable(state, id, walk)
  const question = said({ id, ...walk })

  expect(await view.reachable(id, { ...walk, ...budget(dice) }), question).toEqual(expected)
  expect(await view.reachable(id, { ...walk, maxEntities: expected.length }), question).toEqual(expected)
  counts.reached++
  if (expected.some(({ depth }) => depth > 1)) counts.reachedFar++
  if (expected.length === 0) return
  const short = await view.reachable(id, { ...walk, maxEntities: expected.length - 1 }).catch((error: Error) => error)
  expect(short, question).toMatchObject(refusedLimit)
  counts.oneShort++
}

async function askPath(view: View, state: State, dice: Dice, counts: WalkCounts): Promise<void> {
  const from = someEntity(state, dice)
  const walk = randomWalk(dice)
  const far = reachable(state, from, walk).filter(({ depth }) => depth > 1)
  const to = far.length > 0 && dice.chance(60) ? dice.pick(far).id : someEntity(state, dice)
  const expected = shortestPath(state, from, to, walk)
  const length = expected?.relations.length
  const ask = (options: object) => view.shortestPath(from, to, { ...walk, ...options })
  const question = said({ from, to, ...walk })
  const whole = expected && {
    entities: expected.entities.map((id) => state.entities.get(id)),
    relations: expected.relations.map((id) => state.relations.get(id)),
  }

  expect(await ask(budget(dice)), question).toEqual(whole)
  expect(await ask({ maxEntities: state.entities.size }), question).toEqual(whole)
  counts.searched++
  // With a small budget it is the same path or none at all, never another.
  const small = await ask({ maxEntities: dice.roll(4) }).catch((error: Error) => error)
  if (small instanceof Error) expect(small, question).toMatchObject(refusedLimit)
  else expect(small, question).toEqual(whole)
  if (length === undefined) return
  expect(await ask({ maxDepth: length }), question).toEqual(whole)
  if (length > 1) counts.longPaths++
  if (length > 1 && (await isTied(state, from, to, walk, length))) counts.ties++
  if (length === 0) return
  expect(await ask({ maxDepth: length - 1 }), question).toBeUndefined()
  counts.oneDeep++
}

/** Whether another first step leads as fast. */
async function isTied(state: State, from: string, to: string, walk: Walk, length: number): Promise<boolean> {
  const first = reachable(state, from, { ...walk, maxDepth: 1 })
  return first.filter(({ id }) => pathLength(state, id, to, walk) === length - 1).length > 1
}

async function askTraversal(view: View, state: State, dice: Dice, counts: WalkCounts): Promise<void> {
  const starts = Array.from({ length: dice.chance(60) ? 1 : dice.roll(4) }, () => someEntity(state, dice))
  const steps = randomSteps(state, dice)
  const question = said({ starts, steps })
  const expected = traverse(state, starts, steps)
  const traversal = steps.reduce((sum, step) => taken(sum, step, dice), startOf(view, state, starts, dice))

  expect(await traversal.entities(budget(dice)), question).toEqual(expected)
  expect(await traversal.ids(), question).toEqual(expected.map(({ id }) => id))
  expect(await traversal.count(budget(dice)), question).toBe(expected.length)
  expect(await collect(traversal), question).toEqual(expected)
  const limit = 1 + dice.roll(6)
  expect(await traversal.entities({ limit }), question).toEqual(expected.slice(0, limit))

  const paths = allPaths(state, starts, steps)
  const found = (await traversal.paths({ limit, ...budget(dice) })).map(({ entities, relations }) => {
    expect(entities, question).toEqual(entities.map(({ id }) => state.entities.get(id)))
    expect(relations, question).toEqual(relations.map(({ id }) => state.relations.get(id)))
    return { entities: entities.map(({ id }) => id), relations: relations.map(({ id }) => id) }
  })
  expect(found, question).toEqual(paths.slice(0, limit))

  counts.traversed++
  const hops = steps.filter((step) => 'direction' in step)
  if (expected.length > 0) counts.arrived++
  if (hops.length > 1) counts.twoHops++
  if (hops.length < steps.length) counts.filtered++
  if (new Set(hops.map(said)).size < hops.length) counts.alike++
  if (paths.length > limit) counts.cut++
}

async function askSubgraph(view: View, state: State, dice: Dice): Promise<void> {
  const names = [...dice.some([...state.entities.keys()], 25), unknown]
  const walk = { ...randomWalk(dice), ...(dice.chance(70) ? { depth: dice.roll(3) } : {}) }
  const expected = subgraph(state, names, walk)
  const question = said({ names, ...walk })

  expect(await view.subgraph(names, { ...walk, ...budget(dice) }), question).toEqual(expected)
  const { length } = expected.entities
  expect(await view.subgraph(names, { ...walk, maxEntities: length }), question).toEqual(expected)
  if (length === 0) return
  const short = await view.subgraph(names, { ...walk, maxEntities: length - 1 }).catch((error: Error) => error)
  expect(short, question).toMatchObject(refusedLimit)
}

/** A view as a graph object, whole or filtered. */
export async function askGraph(view: View, state: State, dice: Dice): Promise<void> {
  const filter: EntityFilter = dice.chance(30) ? {} : where(state, dice)
  const relationType = dice.chance(30) ? oneOrSome(dice, relationTypes) : undefined
  const kept = listEntities(state, filter)
  const among = subgraph(
    state,
    kept.map(({ id }) => id),
  ).relations.filter((relation) => relationType === undefined || [relationType].flat().includes(relation.relationType))
  const graph = await view.toGraphology({ ...dated(filter, dice), relationType })

  expect(graph.mapNodes((id, attributes) => ({ id, ...attributes }))).toEqual(kept)
  const edges = graph.mapEdges((id, attributes, from, to) => ({ id, from, to, ...attributes }))
  expect(edges.sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))).toEqual(among)
}

function startOf(view: View, state: State, starts: readonly string[], dice: Dice): Traversal {
  const [first] = starts
  const only = first === undefined ? undefined : state.entities.get(first)
  if (starts.length === 1 && only && dice.chance(40)) {
    return dice.chance(50) ? view.traverse(only.entityType, only) : view.traverse(only)
  }
  if (starts.length === 1 && first !== undefined && dice.chance(70)) return view.traverse(first)
  return view.traverse(starts.map((id) => (dice.chance(30) ? (state.entities.get(id) ?? id) : id)))
}

function taken(traversal: Traversal, step: Step, dice: Dice): Traversal {
  if ('where' in step) return traversal.where(dated(step.where, dice))
  return step.types === undefined ? traversal[step.direction]() : traversal[step.direction](step.types)
}

function randomSteps(state: State, dice: Dice): Step[] {
  const steps: Step[] = []
  for (let left = dice.roll(5); left > 0; left--) {
    const before = dice.chance(25) ? steps.findLast((step) => 'direction' in step) : undefined
    if (before) steps.push(before)
    else if (dice.chance(30)) steps.push({ where: where(state, dice) })
    else {
      const types = dice.chance(50) ? { types: oneOrSome(dice, relationTypes.slice(0, 3)) } : {}
      steps.push({ direction: dice.pick(directions), ...types })
    }
  }
  return steps
}

function where(state: State, dice: Dice): EntityFilter {
  const elements = [...state.entities.values()]
  const { orderBy: _orderBy, order: _order, ...filter } = randomFilter(dice, elements, entityTypes.slice(0, 3))
  const { ids: _ids, ...rest } = filter
  // Few ids are met by chance: half of those that are there.
  const some = dice.chance(20) ? { ids: [...dice.some([...state.entities.keys()], 50), unknown] } : {}
  const all = { ...rest, ...some, ...(dice.chance(25) ? { tag: dice.pick(tags) } : {}) }
  // Several conditions at once seldom leave anything.
  return dice.chance(60) ? Object.fromEntries(Object.entries(all).slice(0, 1)) : all
}

function randomWalk(dice: Dice): Walk {
  return {
    ...(dice.chance(80) ? { direction: dice.pick(directions) } : {}),
    ...(dice.chance(40) ? { relationType: oneOrSome(dice, relationTypes.slice(0, 3)) } : {}),
  }
}

/** Now and then with a deadline far off: other statements, the same answers. */
function budget(dice: Dice): { deadline?: number; signal?: AbortSignal } {
  return dice.chance(30) ? { deadline: 60_000, signal: new AbortController().signal } : {}
}

function someEntity(state: State, dice: Dice): string {
  return dice.chance(93) && state.entities.size > 0
    ? dice.pick([...state.entities.keys()])
    : dice.pick([...ids, unknown])
}
