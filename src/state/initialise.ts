/** What a new universe begins with: its identity, `main`, lane 1. */
import { insertBranch, insertLane, laneById } from '../../queries/branch.js'
import { configValue, insertConfig } from '../../queries/config.js'
import { insertEvent } from '../../queries/event.js'
import { formatVersion } from '../database/format.js'
import { each, first, type Work } from '../database/work.js'
import { newId } from '../model/id.js'
import { eventHash } from './hash.js'

/** Whether nothing was made of the schema yet. */
export function* isEmpty(): Work<boolean> {
  return (yield* first(configValue, { key: 'universe_id' })) === undefined
}

/** Makes an empty schema a universe. Does nothing where it is one. */
export function* initialise(facts: { owner: string; now: number; auditLog: boolean }): Work<void> {
  if (!(yield* isEmpty())) return
  const { owner, now } = facts
  const universeId = newId()
  const row = (key: string, value: string, description: string) => ({
    key,
    value,
    description,
    updatedAt: now,
    updatedBy: owner,
  })
  yield* each(insertConfig, [
    row('universe_id', universeId, 'Who this universe is'),
    row('format_version', String(formatVersion), 'The newest format that a row here may have'),
    row('created_at', String(now), 'When it was made, in milliseconds since the Unix epoch'),
    row('data_hash_algorithm', 'sum-sha256', 'How a state is hashed'),
  ])
  if ((yield* first(laneById, { laneId: 1 })) === undefined) {
    yield* each(insertLane, [{ lane_id: 1, parent_lane_id: null, fork_sequence: null, depth: 1 }])
  }
  yield* each(insertBranch, [{ name: 'main', head_version_id: null, lane_id: 1, created_at: now }])
  if (!facts.auditLog) return
  const event = {
    actor: owner,
    data: null,
    eventId: newId(),
    source: universeId,
    timestamp: now,
    type: 'SYSTEM_INITIALIZED',
  }
  yield* each(insertEvent, [
    {
      event_id: event.eventId,
      event_type: event.type,
      source: event.source,
      timestamp: now,
      data: null,
      seq: 1,
      actor: owner,
      state_version_id: null,
      position: null,
      hash: eventHash(null, event),
    },
  ])
}
