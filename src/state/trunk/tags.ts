/** The tags of lane 1, as rows: what several versions open and close, written at once. */
import { tagsSince } from '../../../queries/lane.js'
import { deleteTag, insertTag, insertTagHistory } from '../../../queries/projection.js'
import type { EntityTagHistoryTable, EntityTagTable } from '../../../queries/tables.js'
import { all, each, type Work } from '../../database/work.js'
import type { Entity } from '../../model/entity.js'
import { spanClass } from '../span.js'
import { tagsOf } from '../tag.js'
import { inOrder } from './order.js'

interface ClosedTag {
  tag: string
  entity_id: string
  /** The version that closed it. */
  to: number
  /** The version that opened it; undefined where the head has a row that says so. */
  since: number | undefined
}

export class TrunkTags {
  private readonly closed: ClosedTag[] = []
  /** By tag: the entities that these versions gave it to, with the version that did. */
  private readonly opened = new Map<string, Map<string, number>>()

  /** Notes what one version changed about the tags of an entity. */
  add(id: string, before: Entity | undefined, after: Entity | undefined, sequence: number): void {
    // What a change does not touch is the same object before and after it.
    if (before?.metadata.tags === after?.metadata.tags) return
    const old = before ? tagsOf(before) : none
    const now = after ? tagsOf(after) : none
    for (const tag of old) {
      if (now.has(tag)) continue
      const opened = this.opened.get(tag)
      this.closed.push({ tag, entity_id: id, to: sequence, since: opened?.get(id) })
      opened?.delete(id)
    }
    for (const tag of now) {
      if (old.has(tag)) continue
      const opened = this.opened.get(tag)
      if (opened) opened.set(id, sequence)
      else this.opened.set(tag, new Map([[id, sequence]]))
    }
  }

  *write(): Work<void> {
    const stored = this.closed.filter(({ since }) => since === undefined)
    const since = new Map<string, number>()
    if (stored.length > 0) {
      const pairs = stored.map(({ tag, entity_id }) => pair(tag, entity_id))
      for (const row of yield* all(tagsSince({ trunk: true }), { laneId: 1, pairs })) {
        since.set(pair(row.tag, row.entity_id), row.from_sequence)
      }
    }
    const history: EntityTagHistoryTable[] = this.closed.map(({ tag, entity_id, to, since: opened }) => {
      const from = opened ?? (since.get(pair(tag, entity_id)) as number)
      return { lane_id: 1, tag, entity_id, from_sequence: from, to_sequence: to, span: spanClass(to - from) }
    })
    yield* each(insertTagHistory, history)
    yield* each(deleteTag, stored)
    yield* each(insertTag, this.rows())
  }

  private *rows(): Generator<EntityTagTable> {
    for (const [tag, entities] of this.opened) {
      for (const [id, from] of inOrder([...entities], ([id]) => id)) yield { tag, entity_id: id, from_sequence: from }
    }
  }
}

function pair(tag: string, entity: string): string {
  return JSON.stringify([tag, entity])
}

const none: Set<string> = new Set()
