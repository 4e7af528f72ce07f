/** The rows of versions, deltas and events, gathered to be written at once. */
import { insertDelta } from '../../../queries/delta.js'
import { insertEvent } from '../../../queries/event.js'
import type { DeltaRecordTable, EventLogTable, StateVersionTable } from '../../../queries/tables.js'
import { insertFurtherParent, insertVersion } from '../../../queries/version.js'
import { each, type Work } from '../../database/work.js'
import { eventTypeOf, positionName } from '../../model/event.js'
import { canonicalJson, type JsonObject } from '../../model/json.js'
import type { Operation } from '../../model/operation.js'
import type { Version } from '../../model/version.js'
import type { DeltaChunk } from '../../state/delta.js'

/** What a row says of its version. */
type Whose = Pick<Version, 'versionId' | 'sequence' | 'timestamp'>

/** What the audit trail says of an operation. */
export type Told = Pick<Operation, 'op' | 'id'>

/** Deltas of this length together, in UTF-16 units, need not wait for the rest of their batch. */
const mostHeld = 4 * 1_048_576

export class Rows {
  private readonly versions: StateVersionTable[] = []
  private readonly further: { version_id: string; parent_version_id: string; position: number }[] = []
  private deltas: DeltaRecordTable[] = []
  /** The length of the deltas that wait to be written. */
  private held = 0
  private readonly told: { version: Version; operations: readonly Told[] }[] = []

  /** `lastSeq` is that of the newest event; undefined: no audit trail. */
  constructor(private readonly lastSeq: number | undefined) {}

  /** Whether there is an audit trail. */
  get tells(): boolean {
    return this.lastSeq !== undefined
  }

  addVersion(version: Version, { laneId, late }: { laneId: number; late: boolean }, operationsHash: string): void {
    this.versions.push({
      version_id: version.versionId,
      parent_version_id: version.parentVersionId,
      timestamp: version.timestamp,
      description: version.description,
      data_hash: version.dataHash,
      owner: version.owner,
      sequence: version.sequence,
      lane_id: laneId,
      late: late ? 1 : 0,
      version_hash: version.versionHash,
      operations_hash: operationsHash,
    })
    version.parents.slice(1).forEach((parent, index) => {
      this.further.push({ version_id: version.versionId, parent_version_id: parent, position: index + 1 })
    })
  }

  addDelta(version: Whose, chunks: readonly DeltaChunk[], metadata: JsonObject | null): void {
    for (const { position, operations } of chunks) {
      this.deltas.push({
        delta_id: `${version.sequence}:${position}`,
        state_version_id: version.versionId,
        operations,
        timestamp: version.timestamp,
        metadata: position === 0 && metadata !== null ? canonicalJson(metadata) : null,
        position,
      })
      this.held += operations.length
    }
  }

  addEvents(version: Version, operations: readonly Told[]): void {
    this.told.push({ version, operations })
  }

  /** Writes deltas at once where much of them is held. */
  *writeLarge(): Work<void> {
    if (this.held < mostHeld) return
    yield* each(insertDelta, this.deltas)
    this.deltas = []
    this.held = 0
  }

  *write(): Work<void> {
    yield* each(insertVersion, this.versions)
    yield* each(insertFurtherParent, this.further)
    yield* each(insertDelta, this.deltas)
    if (this.lastSeq !== undefined) yield* each(insertEvent, eventsOf(this.told, this.lastSeq))
  }
}

/** The events of these versions, made as they are written: nothing of them needs to be held. */
function* eventsOf(
  told: readonly { version: Version; operations: readonly Told[] }[],
  lastSeq: number,
): Generator<EventLogTable> {
  let seq = lastSeq
  for (const { version, operations } of told) {
    for (let position = 0; position < operations.length; position++) {
      const operation = operations[position] as Told
      yield eventRow(version, positionName(position), eventTypeOf(operation), operation.id, ++seq, position)
    }
    yield eventRow(version, 'version', 'STATE_VERSION_COMMITTED', version.versionId, ++seq, null)
    yield eventRow(version, 'delta', 'DELTA_RECORDED', version.versionId, ++seq, null)
  }
}

function eventRow(
  version: Version,
  name: string,
  type: string,
  source: string,
  seq: number,
  position: number | null,
): EventLogTable {
  return {
    event_id: `${version.sequence}:${name}`,
    event_type: type,
    source,
    timestamp: version.timestamp,
    data: null,
    seq,
    actor: version.owner,
    state_version_id: version.versionId,
    position,
    hash: null,
  }
}
