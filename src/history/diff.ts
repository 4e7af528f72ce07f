/** What was created, updated and deleted between two versions, and the changes inside an update. */

import { deltasOfLane } from '../../queries/delta.js'
import { entitiesByIds } from '../../queries/entity.js'
import { countList } from '../../queries/list.js'
import { relationsByIds } from '../../queries/relation.js'
import type { StateRow } from '../../queries/standing.js'
import { statesEnded, statesKept } from '../../queries/trunk.js'
import { all, first, together, type Work } from '../database/work.js'
import { readFilter } from '../graph/filter.js'
import { givenOf, shapeOf } from '../graph/page.js'
import { checkRead, type ReadCheck } from '../graph/read-check.js'
import { placeOfReference, type Reference } from '../graph/reference.js'
import type { Schema } from '../graph/schema.js'
import type { EntityOf, RelationOf } from '../graph/typed.js'
import type { Budget } from '../model/budget.js'
import { type ElementKind, type Entity, type Relation, sameContent } from '../model/entity.js'
import { inOrderOfIds } from '../model/id.js'
import type { Change } from '../model/operation.js'
import { changesBetween } from '../state/change.js'
import { operationsIn } from '../state/delta.js'
import { meetingOf, type Place } from '../state/place.js'
import { segments } from '../state/replay.js'
import { toEntity, toRelation } from '../state/rows.js'
import { statesAt } from './materialise.js'

/** So few ids that what the states hold need not be counted first. */
const fewIds = 10_000
const deltasAtOnce = 64

/** The differences among the entities, or among the relations. */
export interface ElementDiff<E> {
  /** Absent in a, alive in b. By id. */
  created: E[]
  /** Alive in both with different content: type, ends, metadata or validity. By id. */
  updated: { before: E; after: E; changes: Change[] }[]
  /** Alive in a, absent in b. By id. */
  deleted: E[]
}

/** The differences between two versions. */
export interface Diff<S extends Schema = Schema> {
  entities: ElementDiff<EntityOf<S>>
  relations: ElementDiff<RelationOf<S>>
}

/**
 * The differences between two versions.
 *
 * Cost: the operations of the versions between the two, and both states of the ids they name; where
 * these are more than twice the state, a scan of both states instead.
 */
export function* diffBetween<S extends Schema>(
  a: Reference,
  b: Reference,
  budget: Budget,
  check?: ReadCheck,
): Work<Diff<S>> {
  const [before, after] = yield* together(placeOfReference(a), placeOfReference(b))
  const diff = yield* diffPlaces(before, after, budget)
  for (const { created, updated, deleted } of check ? [diff.entities, diff.relations] : []) {
    checkRead(check, [...deleted, ...created, ...updated.flatMap((update) => [update.before, update.after])])
  }
  return diff as unknown as Diff<S>
}

export function* diffPlaces(before: Place, after: Place, budget: Budget): Work<Diff> {
  if (before.sequence === after.sequence) return { entities: nothing(), relations: nothing() }
  const touched = yield* touchedBetween(before, after, budget)
  if (touched === undefined) {
    const [old, now] = [yield* statesAt(before), yield* statesAt(after)]
    return {
      entities: diffElements(old.entities, now.entities),
      relations: diffElements(old.relations, now.relations),
    }
  }
  const [isForward, isBackward] = [isOlder(before, after), isOlder(after, before)]
  const earlier = { isFirst: isForward, isLast: isBackward }
  const later = { isFirst: isBackward, isLast: isForward }
  const [oldEntities, newEntities, oldRelations, newRelations] = yield* together(
    statesOf(before, 'entity', idsAt(touched.entities, earlier)),
    statesOf(after, 'entity', idsAt(touched.entities, later)),
    statesOf(before, 'relation', idsAt(touched.relations, earlier)),
    statesOf(after, 'relation', idsAt(touched.relations, later)),
  )
  return {
    entities: diffElements(oldEntities.map(toEntity), newEntities.map(toEntity)),
    relations: diffElements(oldRelations.map(toRelation), newRelations.map(toRelation)),
  }
}

/** Compares two states of some elements of one kind. */
export function diffElements<E extends Entity | Relation>(before: Iterable<E>, after: Iterable<E>): ElementDiff<E> {
  const diff: ElementDiff<E> = { created: [], updated: [], deleted: [] }
  const old = new Map<string, E>()
  for (const element of before) old.set(element.id, element)
  for (const now of after) {
    const was = old.get(now.id)
    old.delete(now.id)
    if (was === undefined) diff.created.push(now)
    // Not the metadata alone: deleted and created again, an element can differ in type or validity.
    else if (!sameContent(was, now)) {
      diff.updated.push({ before: was, after: now, changes: [...changesBetween(was.metadata, now.metadata)] })
    }
  }
  diff.deleted.push(...old.values())
  inOrderOfIds(diff.created, ({ id }) => id)
  inOrderOfIds(diff.deleted, ({ id }) => id)
  inOrderOfIds(diff.updated, ({ after }) => after.id)
  return diff
}

/** What became of an id over some versions: whether the first operation on it creates it, and the last deletes it. */
interface Life {
  begins: boolean
  ends: boolean
}

/** The ids that operations name, each once. */
export interface Touched {
  entities: Map<string, Life>
  relations: Map<string, Life>
}

/** The ids that the versions between two places name; undefined where that is too many. */
export function* touchedBetween(a: Place, b: Place, budget: Budget): Work<Touched | undefined> {
  const stretches = between(a, b)
  const few = yield* idsIn(stretches, fewIds, budget)
  if (few !== undefined) return few
  const question = readFilter({}, 'entity')
  const size = (yield* countOf(b, 'entity', question)) + (yield* countOf(b, 'relation', question))
  return 2 * size > fewIds ? yield* idsIn(stretches, 2 * size, budget) : undefined
}

/** The distinct ids, unless they are more than a limit. */
function* idsIn(stretches: ReturnType<typeof between>, limit: number, budget: Budget): Work<Touched | undefined> {
  const touched: Touched = { entities: new Map(), relations: new Map() }
  const { entities, relations } = touched
  for (const { laneId, after, to } of stretches) {
    for (let position = after; position < to; ) {
      budget.check()
      const rows = yield* all(deltasOfLane, { laneId, after: position, to, limit: deltasAtOnce })
      if (rows.length === 0) break
      for (const row of rows) {
        // Parsed here: SQLite's own functions take ten times as long to find the same members.
        for (const { op, id } of operationsIn(row.operations, row.version_id)) {
          const lives = op.endsWith('Entity') ? entities : relations
          const life = lives.get(id)
          if (life === undefined) lives.set(id, { begins: op.startsWith('create'), ends: op.startsWith('delete') })
          else life.ends = op.startsWith('delete')
        }
        position = row.sequence
      }
      if (entities.size + relations.size > limit) return undefined
    }
  }
  return touched
}

/** The ids that may stand before the first of the versions that touched them, after the last, or at neither of the two. */
function idsAt(lives: ReadonlyMap<string, Life>, { isFirst, isLast }: { isFirst: boolean; isLast: boolean }): string[] {
  const ids: string[] = []
  for (const [id, { begins, ends }] of lives) {
    if (!(isFirst && begins) && !(isLast && ends)) ids.push(id)
  }
  return ids
}

/** Whether all of the versions between two places come after this one: those that lead to the other. */
function isOlder(place: Place, other: Place): boolean {
  return meetingOf(place, other) === place.sequence
}

/** The stretches of lanes that lead from where two places meet to both of them. */
function between(a: Place, b: Place): { laneId: number; after: number; to: number }[] {
  const [left, right] = [segments(a), segments(b)]
  let common = 0
  while (left[common]?.laneId === right[common]?.laneId && left[common] !== undefined) common++
  const meeting = common - 1
  const rest = [...left.slice(common), ...right.slice(common)]
  const [x, y] = [left[meeting], right[meeting]]
  if (x === undefined || y === undefined) return rest
  return [{ laneId: x.laneId, after: Math.min(x.to, y.to), to: Math.max(x.to, y.to) }, ...rest]
}

function* countOf(place: Place, element: 'entity' | 'relation', question: ReturnType<typeof readFilter>): Work<number> {
  const request = { element, question }
  return (yield* first(countList(shapeOf(place, request)), givenOf(place, request)))?.count ?? 0
}

/** On lane 1 the history is looked at first: what versions named has mostly ended since. */
function* statesOf(place: Place, element: ElementKind, ids: readonly string[]): Work<StateRow[]> {
  if (ids.length === 0) return []
  if (place.shape !== 'trunk') return yield* all(byIds[element]({ place: place.shape }), { ...place, ids })
  const { trunk } = place
  const ended = yield* all(statesEnded({ element }), { trunk, ids })
  if (ended.length === ids.length) return ended
  const found = new Set(ended.map(([id]) => id))
  const others = ids.filter((id) => !found.has(id))
  return [...ended, ...(yield* all(statesKept({ element }), { trunk, ids: others }))]
}

const byIds = { entity: entitiesByIds, relation: relationsByIds }

function nothing<E extends Entity | Relation>(): ElementDiff<E> {
  return { created: [], updated: [], deleted: [] }
}
