/**
 * Lane 1, as tables: the head rows, the history of superseded states, tags.
 *
 * Several versions may be gathered before they are written: each superseded state becomes a row of
 * the history, while a head row is written once, as the last version leaves it.
 */
import { tagsSince } from '../../queries/lane.js'
import {
  deleteEntity,
  deleteRelation,
  deleteTag,
  insertEntity,
  insertEntityHistory,
  insertRelation,
  insertRelationHistory,
  insertTag,
  insertTagHistory,
  updateEntity,
  updateRelation,
} from '../../queries/projection.js'
import type {
  EntityHistoryTable,
  EntityTagHistoryTable,
  EntityTagTable,
  RelationHistoryTable,
} from '../../queries/tables.js'
import { all, each, type Work } from '../database/work.js'
import { type Entity, type Relation, sameLife } from '../model/entity.js'
import type { Standing, StandingChange } from './memory.js'
import { entityHistoryRow, entityRow, relationHistoryRow, relationRow } from './rows.js'
import { spanClass } from './span.js'
import { tagsOf } from './tag.js'

/** What an id was at the head before these versions, and what they leave. */
interface Net<E extends Entity | Relation> {
  before: Standing<E> | undefined
  after: Standing<E> | undefined
}

interface OpenTag {
  tag: string
  entity_id: string
  /** Whether the head has a row of it already. */
  stored: boolean
}

export class TrunkProjection {
  private readonly entities = new Map<string, Net<Entity>>()
  private readonly relations = new Map<string, Net<Relation>>()
  private readonly entityHistory: EntityHistoryTable[] = []
  private readonly relationHistory: RelationHistoryTable[] = []
  /** Tags that were closed, with the version that closed them; since when they stood is read when they are written. */
  private readonly closed: { tag: string; entity_id: string; to: number; since: number | undefined }[] = []
  /** Tags that these versions opened, by entity, with the version that did. */
  private readonly opened = new Map<string, Map<string, number>>()

  /** Notes what one version changed. */
  add(changes: readonly StandingChange[], sequence: number): void {
    for (const change of changes) {
      if (change.element === 'entity') {
        net(this.entities, change)
        if (change.before) this.entityHistory.push(supersededEntity(change.before, sequence))
        this.addTags(change.id, change.before?.element, change.after?.element, sequence)
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
    inOrderOfIds(entities.created)
    inOrderOfIds(relations.created)
    yield* each(deleteRelation, relations.deleted)
    yield* this.writeTags()
    yield* each(deleteEntity, entities.deleted)
    yield* each(insertEntity, mapped(entities.created, entityOf))
    yield* each(updateEntity, mapped(entities.updated, entityOf))
    yield* each(insertRelation, mapped(relations.created, relationOf))
    yield* each(updateRelation, mapped(relations.updated, relationOf))
  }

  private addTags(id: string, before: Entity | undefined, after: Entity | undefined, sequence: number): void {
    const old = before ? tagsOf(before) : none
    const now = after ? tagsOf(after) : none
    if (old.size === 0 && now.size === 0) return
    const opened = this.opened.get(id) ?? new Map<string, number>()
    for (const tag of old) {
      if (now.has(tag)) continue
      this.closed.push({ tag, entity_id: id, to: sequence, since: opened.get(tag) })
      opened.delete(tag)
    }
    for (const tag of now) {
      if (!old.has(tag)) opened.set(tag, sequence)
    }
    this.opened.set(id, opened)
  }

  private *writeTags(): Work<void> {
    const stored: OpenTag[] = this.closed
      .filter(({ since }) => since === undefined)
      .map(({ tag, entity_id }) => ({ tag, entity_id, stored: true }))
    const since = new Map<string, number>()
    if (stored.length > 0) {
      const pairs = stored.map(({ tag, entity_id }) => pair(tag, entity_id))
      for (const row of yield* all(tagsSince({ trunk: true }), { laneId: 1, pairs })) {
        since.set(pair(row.tag, row.entity_id), row.from_sequence)
      }
    }
    const history: EntityTagHistoryTable[] = this.closed.map(({ tag, entity_id, to, since: opened }) => {
      const from = opened ?? (since.get(pair(tag, entity_id)) as number)
      return {
        lane_id: 1,
        tag,
        entity_id,
        from_sequence: from,
        to_sequence: to,
        span: spanClass(to - from),
      }
    })
    yield* each(insertTagHistory, history)
    yield* each(deleteTag, stored)
    const open = [...this.opened].flatMap(([id, tags]) =>
      [...tags].map(([tag, from]) => ({ tag, entity_id: id, from_sequence: from })),
    )
    yield* each(insertTag, open.sort(byTag))
  }
}

/** Rows that come in the order of an index go into pages one after the other. Any order would do. */
function inOrderOfIds(created: Standing<Entity | Relation>[]): void {
  for (let index = 1; index < created.length; index++) {
    if (idOf(created, index - 1) > idOf(created, index)) {
      created.sort((a, b) => (a.element.id < b.element.id ? -1 : 1))
      return
    }
  }
}

function idOf(created: readonly Standing<Entity | Relation>[], index: number): string {
  return (created[index] as Standing<Entity>).element.id
}

function byTag(a: EntityTagTable, b: EntityTagTable): number {
  if (a.tag !== b.tag) return a.tag < b.tag ? -1 : 1
  return a.entity_id < b.entity_id ? -1 : 1
}

function* mapped<T, R>(list: readonly T[], map: (element: T) => R): Generator<R> {
  for (const element of list) yield map(element)
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

function pair(tag: string, entity: string): string {
  return JSON.stringify([tag, entity])
}

const none: Set<string> = new Set()
