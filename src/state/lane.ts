/**
 * Lanes other than 1, as tables: every state, standing or not, and every deletion is a row.
 *
 * The rows of one id tile time without gaps from its first write on the lane, so a reader knows from
 * the newest row alone whether the lane decides.
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
import type { EntityHistoryTable, EntityTagHistoryTable, RelationHistoryTable } from '../../queries/tables.js'
import { all, each, type Work } from '../database/work.js'
import type { Entity, Relation } from '../model/entity.js'
import type { Standing, StandingChange } from './memory.js'
import { entityHistoryRow, relationHistoryRow } from './rows.js'
import { spanClass, standingSpan } from './span.js'
import { tagsOf } from './tag.js'

/** Writes what one version changed on a lane other than 1. */
export function* writeLane(laneId: number, changes: readonly StandingChange[], sequence: number): Work<void> {
  const entities = changes.filter((change) => change.element === 'entity')
  const relations = changes.filter((change) => change.element === 'relation')
  const open = { lane_id: laneId, to_sequence: null, span: standingSpan }

  const standing = yield* since(laneId, 'entity', entities)
  yield* each(closeEntityHistory, closings(laneId, standing, sequence))
  yield* each(
    insertEntityHistory,
    entities.map(({ before, after }): EntityHistoryTable => {
      const state = (after ?? before) as Standing<Entity>
      return entityHistoryRow(state.element, after ? state.text : null, sequence, open)
    }),
  )
  yield* writeTags(laneId, entities, new Set(standing.keys()), sequence)

  yield* each(closeRelationHistory, closings(laneId, yield* since(laneId, 'relation', relations), sequence))
  yield* each(
    insertRelationHistory,
    relations.map(({ before, after }): RelationHistoryTable => {
      const state = (after ?? before) as Standing<Relation>
      return relationHistoryRow(state.element, after ? state.text : null, sequence, open)
    }),
  )
}

/** Since when each id has its standing row on the lane; not there: the lane has not written it yet. */
function* since(
  laneId: number,
  element: 'entity' | 'relation',
  changes: readonly StandingChange[],
): Work<Map<string, number>> {
  const rows = yield* all(standingOnLane({ element }), { laneId, ids: changes.map(({ id }) => id) })
  return new Map(rows.map(({ id, from_sequence }) => [id, from_sequence]))
}

function closings(laneId: number, standing: Map<string, number>, sequence: number) {
  return [...standing].map(([id, from]) => ({
    lane_id: laneId,
    id,
    from_sequence: from,
    to_sequence: sequence,
    span: spanClass(sequence - from),
  }))
}

/** On its first write an entity's tags are all written; after that, what differs. */
function* writeTags(
  laneId: number,
  entities: readonly (StandingChange & { element: 'entity' })[],
  written: Set<string>,
  sequence: number,
): Work<void> {
  const opened: EntityTagHistoryTable[] = []
  const closed: string[] = []
  for (const { id, before, after } of entities) {
    const old = before && written.has(id) ? tagsOf(before.element) : new Set<string>()
    const now = after ? tagsOf(after.element) : new Set<string>()
    for (const tag of old) if (!now.has(tag)) closed.push(JSON.stringify([tag, id]))
    for (const tag of now) {
      if (old.has(tag)) continue
      opened.push({
        lane_id: laneId,
        tag,
        entity_id: id,
        from_sequence: sequence,
        to_sequence: null,
        span: standingSpan,
      })
    }
  }
  if (closed.length > 0) {
    const rows = yield* all(tagsSince({ trunk: false }), { laneId, pairs: closed })
    yield* each(
      closeTagHistory,
      rows.map((row) => ({
        lane_id: laneId,
        ...row,
        to_sequence: sequence,
        span: spanClass(sequence - row.from_sequence),
      })),
    )
  }
  yield* each(insertTagHistory, opened)
}
