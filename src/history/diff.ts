/** What was created, updated and deleted between two versions, and the changes inside an update. */

import { deltasOfLane } from '../../queries/delta.js'
import { entitiesByIds } from '../../queries/entity.js'
import { countList } from '../../queries/list.js'
import { relationsByIds } from '../../queries/relation.js'
import { all, first, together, type Work } from '../database/work.js'
import { readFilter } from '../graph/filter.js'
import { givenOf, shapeOf } from '../graph/page.js'
import { checkRead, type ReadCheck } from '../graph/read-check.js'
import { placeOfReference, type Reference } from '../graph/reference.js'
import type { Schema } from '../graph/schema.js'
import type { EntityOf, RelationOf } from '../graph/typed.js'
import type { Budget } from '../model/budget.js'
import { type Entity, type Relation, sameContent } from '../model/entity.js'
import { compareIds } from '../model/id.js'
import type { Change, Operation } from '../model/operation.js'
import { changesBetween } from '../state/change.js'
import type { Place } from '../state/place.js'
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
  for (const { created, updated, deleted } of [diff.entities, diff.relations]) {
    checkRead(check, [...deleted, ...created, ...updated.flatMap((update) => [update.before, update.after])])
  }
  return diff as unknown as Diff<S>
}

export function* diffPlaces(before: Place, after: Place, budget: Budget): Work<Diff> {
  if (before.sequence === after.sequence) return { entities: nothing(), relations: nothing() }
  const ids = yield* touchedBetween(before, after, budget)
  if (ids === undefined) {
    const [old, now] = [yield* statesAt(before), yield* statesAt(after)]
    return {
      entities: diffElements(old.entities, now.entities),
      relations: diffElements(old.relations, now.relations),
    }
  }
  const [oldEntities, newEntities, oldRelations, newRelations] = yield* together(
    entitiesAt(before, ids.entities),
    entitiesAt(after, ids.entities),
    relationsAt(before, ids.relations),
    relationsAt(after, ids.relations),
  )
  return {
    entities: diffElements(oldEntities, newEntities),
    relations: diffElements(oldRelations, newRelations),
  }
}

/** Compares two states of some elements of one kind. */
export function diffElements<E extends Entity | Relation>(before: Iterable<E>, after: Iterable<E>): ElementDiff<E> {
  const diff: ElementDiff<E> = { created: [], updated: [], deleted: [] }
  const old = new Map(Array.from(before, (element) => [element.id, element]))
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
  diff.created.sort(byId)
  diff.deleted.sort(byId)
  diff.updated.sort((x, y) => byId(x.after, y.after))
  return diff
}

/** The ids that operations name, each once. */
export interface Touched {
  entities: string[]
  relations: string[]
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
  const entities = new Set<string>()
  const relations = new Set<string>()
  for (const { laneId, after, to } of stretches) {
    for (let position = after; position < to; ) {
      budget.check()
      const rows = yield* all(deltasOfLane, { laneId, after: position, to, limit: deltasAtOnce })
      if (rows.length === 0) break
      for (const row of rows) {
        // Parsed here: SQLite's own functions take ten times as long to find the same members.
        for (const { op, id } of JSON.parse(row.operations) as Operation[]) {
          ;(op.endsWith('Entity') ? entities : relations).add(id)
        }
        position = row.sequence
      }
      if (entities.size + relations.size > limit) return undefined
    }
  }
  return { entities: [...entities], relations: [...relations] }
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

function* entitiesAt(place: Place, ids: readonly string[]): Work<Entity[]> {
  return (yield* all(entitiesByIds({ place: place.shape }), { ...place, ids })).map(toEntity)
}

function* relationsAt(place: Place, ids: readonly string[]): Work<Relation[]> {
  return (yield* all(relationsByIds({ place: place.shape }), { ...place, ids })).map(toRelation)
}

function nothing<E extends Entity | Relation>(): ElementDiff<E> {
  return { created: [], updated: [], deleted: [] }
}

function byId(a: { id: string }, b: { id: string }): number {
  return compareIds(a.id, b.id)
}
