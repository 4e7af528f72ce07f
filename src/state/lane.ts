/**
 * Lanes other than 1, as tables: every state, standing or not, and every deletion is a row.
 *
 * The rows of one id tile time without gaps from its first write on the lane, so a reader knows from
 * the newest row alone whether the lane decides. Several versions may be gathered before they are
 * written: a state that begins and ends among them is written once, closed.
 */
import { standingOnLane, tagsSince } from '../../queries/lane.js'
import {
  closeEntityHistory,
  closeRelationHistory,
  closeTagHistory,
  insertEntityHistory,
  insertRelationHistory,
  insertTagHistory,
} from '../../queries/projection.js'
import type { EntityTagHistoryTable } from '../../queries/tables.js'
import { all, each, together, type Work } from '../database/work.js'
import type { ElementKind, Entity, Relation } from '../model/entity.js'
import type { Standing, StandingChange } from './memory.js'
import { entityHistoryRow, relationHistoryRow } from './rows.js'
import { spanClass, standingSpan } from './span.js'
import { tagsOf } from './tag.js'

/** A state or a deletion, from the version that made it. */
interface State<E extends Entity | Relation> {
  from: number
  before: Standing<E> | undefined
  after: Standing<E> | undefined
}

/** Since when each id has its standing row on the lane; not there: the lane has not written it yet. */
type Since = ReadonlyMap<string, number>

export class LaneProjection {
  private readonly entities = new Map<string, State<Entity>[]>()
  private readonly relations = new Map<string, State<Relation>[]>()

  constructor(private readonly laneId: number) {}

  /** Notes what one version changed. */
  add(changes: readonly StandingChange[], sequence: number): void {
    for (const change of changes) {
      if (change.element === 'entity') note(this.entities, change, sequence)
      else note(this.relations, change, sequence)
    }
  }

  /** Writes all that was noted. A bounded handful of statements, each over all rows of its kind. */
  *write(): Work<void> {
    const [entities, relations] = yield* together(
      this.since('entity', this.entities),
      this.since('relation', this.relations),
    )
    yield* each(closeEntityHistory, this.closings(this.entities, entities))
    yield* each(insertEntityHistory, rowsOf(this.entities, this.laneId, entityHistoryRow))
    yield* this.writeTags(entities)

    yield* each(closeRelationHistory, this.closings(this.relations, relations))
    yield* each(insertRelationHistory, rowsOf(this.relations, this.laneId, relationHistoryRow))
  }

  private *since(element: ElementKind, states: ReadonlyMap<string, unknown>): Work<Since> {
    if (states.size === 0) return new Map()
    const rows = yield* all(standingOnLane({ element }), { laneId: this.laneId, ids: [...states.keys()] })
    return new Map(rows.map(({ id, from_sequence }) => [id, from_sequence]))
  }

  private *closings(states: ReadonlyMap<string, readonly { from: number }[]>, since: Since) {
    for (const [id, from] of since) {
      const to = states.get(id)?.[0]?.from as number
      yield { lane_id: this.laneId, id, from_sequence: from, to_sequence: to, span: spanClass(to - from) }
    }
  }

  /** On its first write an entity's tags are all written; after that, what differs. */
  private *writeTags(since: Since): Work<void> {
    const rows: EntityTagHistoryTable[] = []
    /** By tag and entity: the version that closes a row that is there. */
    const closed = new Map<string, number>()
    for (const [id, states] of this.entities) {
      const opened = new Map<string, EntityTagHistoryTable>()
      let isOwn = since.has(id)
      for (const { from, before, after } of states) {
        const old = before && isOwn ? tagsOf(before.element) : none
        const now = after ? tagsOf(after.element) : none
        for (const tag of old) {
          if (now.has(tag)) continue
          const row = opened.get(tag)
          if (row) Object.assign(row, { to_sequence: from, span: spanClass(from - row.from_sequence) })
          else closed.set(pair(tag, id), from)
          opened.delete(tag)
        }
        for (const tag of now) {
          if (old.has(tag)) continue
          const start = { from_sequence: from, to_sequence: null, span: standingSpan }
          const row = { lane_id: this.laneId, tag, entity_id: id, ...start }
          rows.push(row)
          opened.set(tag, row)
        }
        isOwn = true
      }
    }
    if (closed.size > 0) yield* this.closeTags(closed)
    yield* each(insertTagHistory, rows)
  }

  private *closeTags(closed: ReadonlyMap<string, number>): Work<void> {
    const rows = yield* all(tagsSince({ trunk: false }), { laneId: this.laneId, pairs: [...closed.keys()] })
    yield* each(
      closeTagHistory,
      rows.map((row) => {
        const to = closed.get(pair(row.tag, row.entity_id)) as number
        return { lane_id: this.laneId, ...row, to_sequence: to, span: spanClass(to - row.from_sequence) }
      }),
    )
  }
}

function note<E extends Entity | Relation>(
  known: Map<string, State<E>[]>,
  { id, before, after }: { id: string; before: Standing<E> | undefined; after: Standing<E> | undefined },
  from: number,
): void {
  const states = known.get(id)
  if (states) states.push({ from, before, after })
  else known.set(id, [{ from, before, after }])
}

/** A row a state, in the order in which they stood: one that another follows is closed. */
function* rowsOf<E extends Entity | Relation, R>(
  known: ReadonlyMap<string, readonly State<E>[]>,
  laneId: number,
  rowOf: (
    element: E,
    metadata: string | null,
    fromSequence: number,
    end: { lane_id: number; to_sequence: number | null; span: number },
  ) => R,
): Generator<R> {
  for (const states of known.values()) {
    for (const [index, { from, before, after }] of states.entries()) {
      const to = states[index + 1]?.from ?? null
      const end = { lane_id: laneId, to_sequence: to, span: to === null ? standingSpan : spanClass(to - from) }
      const { element } = (after ?? before) as Standing<E>
      yield rowOf(element, after ? after.text : null, from, end)
    }
  }
}

function pair(tag: string, entity: string): string {
  return JSON.stringify([tag, entity])
}

const none: ReadonlySet<string> = new Set()
