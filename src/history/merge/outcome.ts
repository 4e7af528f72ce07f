/**
 * The outcome of a three-way merge of three places: the conflicts, and the net operations that lead
 * from ours to what was merged. A revert is one too: its base is what is undone, and theirs what was
 * before it.
 */
import { entitiesStanding } from '../../../queries/entity.js'
import { all, type Work } from '../../database/work.js'
import type { Budget } from '../../model/budget.js'
import type { Conflict } from '../../model/conflict.js'
import { isRelation, type Relation, sameLife } from '../../model/entity.js'
import { compareIds } from '../../model/id.js'
import { checkOperationCount, checkOperationSize, type Operation } from '../../model/operation.js'
import type { ElementCheck } from '../../state/apply.js'
import type { Place } from '../../state/place.js'
import { diffElements } from '../diff.js'
import { operationsOf, relationsTouching } from '../net.js'
import { breachesOf } from './breach.js'
import { type Around, keepEnds } from './ends.js'
import { checkLimits, type Door, type MergeStrategy, settle } from './settle.js'
import { type Element, isAlike, isEntity, type MergePlaces, readSides, type Sides } from './sides.js'
import { contradiction, mergeSides } from './three-way.js'

/** How a merge is made. */
export interface Terms extends Door {
  strategy: MergeStrategy
  /** What the elements written must pass. */
  check?: ElementCheck | undefined
  budget: Budget
}

export interface Outcome {
  /** All conflicts, by id. */
  conflicts: Conflict[]
  /** Those that the strategy does not settle: with `'fail'` all of them. */
  open: Conflict[]
  /** What leads from ours to what was merged, conflicts that are open left at ours. */
  operations: Operation[]
  /** What stands afterwards of each id that differs among the sides; undefined: nothing. */
  elements: ReadonlyMap<string, Element | undefined>
}

type Settled = Map<string, Element | undefined>

/** Merges theirs into ours. Cost: see `readSides`. */
export function* mergePlaces(places: MergePlaces, terms: Terms): Work<Outcome> {
  const { budget, check, strategy, limits } = terms
  const sides = yield* readSides(places, budget)
  const { elements, conflicts } = mergeSides(sides)
  // Without a strategy all is left as it is in ours.
  const whole = strategy === 'fail' ? new Set<string>() : settle(elements, conflicts, strategy, terms)

  // What breaks the schema is settled once; what breaks it even then stays open.
  const breaches = new Map<string, Conflict>()
  let around: Around
  let still: Conflict[]
  for (;;) {
    budget.check()
    around = yield* readAround(places.ours, sides, elements, whole, check !== undefined)
    keepEnds(elements, sides, whole, around)
    const found = check === undefined ? [] : breachesOf(sides, elements, around, check)
    still = found.flatMap(({ element }) => breaches.get(element.id) ?? [])
    const fresh: Conflict[] = []
    for (const { element, issues } of found) {
      if (breaches.has(element.id)) continue
      if (!elements.has(element.id)) include(element, sides, elements)
      const conflict = { ...contradiction('schema', sides, element.id), issues }
      breaches.set(element.id, conflict)
      fresh.push(conflict)
    }
    if (fresh.length === 0) break
    for (const id of settle(elements, fresh, strategy === 'fail' ? 'ours' : strategy, terms)) whole.add(id)
  }

  const listed = [...conflicts, ...breaches.values()].sort(byId)
  const operations = operationsBetween(sides, elements, around)
  checkMade(sides, elements, operations, limits)
  return { conflicts: listed, open: strategy === 'fail' ? listed : still.sort(byId), operations, elements }
}

function byId(a: { id: string }, b: { id: string }): number {
  return compareIds(a.id, b.id)
}

/** Takes what stands alike on all sides into them. */
function include(element: Element, sides: Sides, elements: Settled): void {
  for (const side of [sides.base, sides.ours, sides.theirs, elements]) side.set(element.id, element)
}

/** What stands around the ids that differ, as far as it matters to them. */
function* readAround(
  ours: Place,
  sides: Sides,
  elements: Settled,
  whole: ReadonlySet<string>,
  withTypes: boolean,
): Work<Around> {
  const gone: string[] = []
  for (const [id, before] of sides.ours) {
    const now = elements.get(id)
    if (isEntity(before) && !(now && sameLife(before, now))) gone.push(id)
  }
  const relations = (yield* relationsTouching(ours, gone)).filter(({ id }) => !elements.has(id))
  const ends = new Set<string>()
  for (const relation of withTypes ? [...relations, ...relationsOf(elements)] : relationsOf(elements)) {
    if (!withTypes && !whole.has(relation.id)) continue
    for (const end of [relation.from, relation.to]) if (!elements.has(end)) ends.add(end)
  }
  const types = new Map<string, string>()
  if (ends.size > 0) {
    const rows = yield* all(entitiesStanding({ place: ours.shape, types: withTypes }), { ...ours, ids: [...ends] })
    for (const [id, entityType = ''] of rows) types.set(id, entityType)
  }
  return { relations, types, absent: new Set([...ends].filter((id) => !types.has(id))) }
}

/** The net operations from ours to what was merged. */
function operationsBetween(sides: Sides, elements: Settled, around: Around): Operation[] {
  const [before, after]: [Element[], Element[]] = [[], []]
  const replaced = new Set<string>()
  for (const [id, now] of elements) {
    const was = sides.ours.get(id)
    if (isAlike(was, now)) continue
    if (was) before.push(was)
    if (now) after.push(now)
    if (isEntity(was) && isEntity(now) && !sameLife(was, now)) replaced.add(id)
  }
  const isTouching = ({ from, to }: Relation) => replaced.has(from) || replaced.has(to)
  const diff = {
    entities: diffElements(before.filter(isEntity), after.filter(isEntity)),
    relations: diffElements(before.filter(isRelation), after.filter(isRelation)),
  }
  const taken = around.relations.filter(isTouching)
  const torn = replaced.size === 0 ? [] : [...relationsOf(sides.ours)].filter(isTouching)
  const mended = replaced.size === 0 ? [] : [...relationsOf(elements)].filter(isTouching)
  return operationsOf(diff, [...torn, ...taken], [...mended, ...taken])
}

/** Refuses what neither side is by itself: it has passed no guard yet. */
function checkMade(sides: Sides, elements: Settled, operations: readonly Operation[], limits: Terms['limits']): void {
  for (const [id, element] of elements) {
    const isOfASide = [sides.ours, sides.theirs, sides.base].some((side) => side.get(id) === element)
    if (element !== undefined && !isOfASide) checkLimits(element, limits)
  }
  checkOperationCount(operations.length)
  for (const [index, operation] of operations.entries()) checkOperationSize(operation, limits, index)
}

function* relationsOf(elements: ReadonlyMap<string, Element | undefined>): Generator<Relation> {
  for (const element of elements.values()) if (element && isRelation(element)) yield element
}
