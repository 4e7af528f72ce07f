/**
 * Lane 1, as tables: the head rows, the history of superseded states, tags.
 *
 * Several versions may be gathered before they are written: each superseded state becomes a row of
 * the history, while a head row is written once, as the last version leaves it.
 */
import {
  deleteEntity,
  deleteRelation,
  insertEntity,
  insertEntityHistory,
  insertRelation,
  insertRelationHistory,
  updateEntity,
  updateRelation,
} from '../../queries/projection.js'
import type { EntityHistoryTable, RelationHistoryTable } from '../../queries/tables.js'
import { each, type Work } from '../database/work.js'
import { type Entity, type Relation, sameLife } from '../model/entity.js'
import type { Standing, StandingChange } from './memory.js'
import { entityHistoryRow, entityRow, relationHistoryRow, relationRow } from './rows.js'
import { spanClass } from './span.js'
import { inOrder } from './trunk/order.js'
import { TrunkTags } from './trunk/tags.js'

/** What an id was at the head before these versions, and what they leave. */
interface Net<E extends Entity | Relation> {
  before: Standing<E> | undefined
  after: Standing<E> | undefined
}

export class TrunkProjection {
  private readonly entities = new Map<string, Net<Entity>>()
  private readonly relations = new Map<string, Net<Relation>>()
  private readonly entityHistory: EntityHistoryTable[] = []
  private readonly relationHistory: RelationHistoryTable[] = []
  private readonly tags = new TrunkTags()

  /** Notes what one version changed. */
  add(changes: readonly StandingChange[], sequence: number): void {
    for (const change of changes) {
      if (change.element === 'entity') {
        net(this.entities, change)
        if (change.before) this.entityHistory.push(supersededEntity(change.before, sequence))
        this.tags.add(change.id, change.before?.element, change.after?.element, sequence)
      } else {
        net(this.relations, change)
        if (change.before) this.relationHistory.push(supersededRelation(change.before, sequence))
      }
    }
  }

  /** Writes all that was noted. A bounded handful of statements, each over all rows of its kind. */
  *write(): Work<void> {
    yield* each(insertEntityHistory, this.entityHistory)
    yield* each(insertRelationHistory, this.relationHistory)

    const relations = sort(this.relations)
    const entities = sort(this.entities)
    yield* each(deleteRelation, relations.deleted)
    yield* this.tags.write()
    yield* each(deleteEntity, entities.deleted)
    yield* each(insertEntity, mapped(inOrder(entities.created, idOf), entityOf))
    yield* each(updateEntity, mapped(entities.updated, entityOf))
    yield* each(insertRelation, mapped(inOrder(relations.created, idOf), relationOf))
    yield* each(updateRelation, mapped(relations.updated, relationOf))
  }
}

function* mapped<T, R>(list: readonly T[], map: (element: T) => R): Generator<R> {
  for (const element of list) yield map(element)
}

function idOf({ element }: Standing<Entity | Relation>): string {
  return element.id
}

function entityOf({ element, text, fromSequence }: Standing<Entity>) {
  return entityRow(element, text, fromSequence)
}

function relationOf({ element, text, fromSequence }: Standing<Relation>) {
  return relationRow(element, text, fromSequence)
}

function net<E extends Entity | Relation>(
  known: Map<string, Net<E>>,
  change: { id: string; before: Standing<E> | undefined; after: Standing<E> | undefined },
): void {
  const earlier = known.get(change.id)
  if (earlier) earlier.after = change.after
  else known.set(change.id, { before: change.before, after: change.after })
}

/** What the head rows need: an id with another type or other ends, or another life, is written anew. */
function sort<E extends Entity | Relation>(nets: Map<string, Net<E>>) {
  const deleted: { id: string }[] = []
  const created: Standing<E>[] = []
  const updated: Standing<E>[] = []
  for (const [id, { before, after }] of nets) {
    if (before && after && sameRow(before.element, after.element)) updated.push(after)
    else {
      if (before) deleted.push({ id })
      if (after) created.push(after)
    }
  }
  return { deleted, created, updated }
}

function sameRow(a: Entity | Relation, b: Entity | Relation): boolean {
  return a.createdAt === b.createdAt && sameLife(a, b)
}

function supersededEntity({ element, text, fromSequence }: Standing<Entity>, sequence: number): EntityHistoryTable {
  return entityHistoryRow(element, text, fromSequence, closing(fromSequence, sequence))
}

function supersededRelation(
  { element, text, fromSequence }: Standing<Relation>,
  sequence: number,
): RelationHistoryTable {
  return relationHistoryRow(element, text, fromSequence, closing(fromSequence, sequence))
}

function closing(from: number, to: number) {
  return { lane_id: 1, to_sequence: to, span: spanClass(to - from) }
}
