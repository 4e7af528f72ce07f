/**
 * Appending versions to a branch: what a commit and an import have in common.
 *
 * Runs inside one write transaction. What it reads is a bounded handful of statements, whatever the
 * number of versions; what it writes are rows.
 */
import {
  branchByName,
  type HeadRow,
  insertLane,
  laneById,
  lastOfLane,
  moveBranch,
  nextLane,
} from '../../queries/branch.js'
import { insertDelta } from '../../queries/delta.js'
import { insertEvent, lastEventSeq } from '../../queries/event.js'
import type { DeltaRecordTable, EventLogTable, StateVersionTable } from '../../queries/tables.js'
import { insertFurtherParent, insertVersion, latestTimestamp, latestVersion } from '../../queries/version.js'
import { each, first, type Work } from '../database/work.js'
import { NotFoundError, ValidationError } from '../model/errors.js'
import { eventTypeOf, positionName } from '../model/event.js'
import { canonicalJson, type Json, type JsonLimits, type JsonObject } from '../model/json.js'
import type { Operation, PendingOperation } from '../model/operation.js'
import type { Version } from '../model/version.js'
import { applyOperations, type ElementCheck } from '../state/apply.js'
import { type DeltaChunk, DeltaText } from '../state/delta.js'
import { DataHash, versionHash } from '../state/hash.js'
import { writeLane } from '../state/lane.js'
import { loadTouched } from '../state/load.js'
import type { MemoryGraph } from '../state/memory.js'
import { headPlace, placeAt } from '../state/place.js'
import { TrunkProjection } from '../state/trunk.js'

/** A version to be, its operations guarded but not yet applied. */
export interface Proposal {
  versionId: string
  description: string
  owner: string
  /** Absent: the clock's, or the parent's if the clock is behind it. */
  timestamp: number | undefined
  /** Whether a timestamp below the parent's is kept, as in imported history. */
  mayBeEarlier: boolean
  metadata: JsonObject | null
  operations: readonly PendingOperation[]
  /** The parents after the first, with their version hashes; one of the same list needs none. */
  further: readonly { versionId: string; versionHash?: string | undefined }[]
}

export interface AppendOptions {
  branch: string
  auditLog: boolean
  limits: JsonLimits
  now: number
  /** What the elements written must pass. */
  check?: ElementCheck | undefined
}

/** The versions written, and the first that could not be: those before it are written all the same. */
export interface Appended {
  versions: Version[]
  failure?: { index: number; error: unknown }
}

/** Deltas of this length together, in UTF-16 units, need not wait for the rest of their batch. */
const mostHeld = 4 * 1_048_576

/** The end of a branch, as it moves. */
interface Tip {
  versionId: string | null
  versionHash: string
  /** The version hashes of what was appended so far. */
  hashes: Map<string, string>
  timestamp: number
  /** The greatest timestamp of the lane so far. */
  latest: number
  dataHash: DataHash
}

/**
 * Appends versions to a branch, each on top of the one before it. `known` is the branch's head, where
 * the caller has read it in the same transaction.
 *
 * @throws {NotFoundError} where the branch does not exist.
 */
export function* append(proposals: readonly Proposal[], options: AppendOptions, known?: HeadRow): Work<Appended> {
  const head = known ?? (yield* first(branchByName, { name: options.branch }))
  if (head === undefined) throw new NotFoundError({ what: 'Branch', id: options.branch })
  const place = options.branch === 'main' ? headPlace : yield* placeAt(head.lane_id as number, head.sequence as number)
  const graph = yield* loadTouched(place, operationsOf(proposals), options.check !== undefined)
  const laneId = yield* laneFor(options.branch, head.lane_id, head.sequence)
  const tip: Tip = {
    versionId: head.version_id,
    versionHash: head.version_hash ?? '',
    hashes: new Map(),
    timestamp: head.timestamp ?? Number.NEGATIVE_INFINITY,
    latest: (yield* first(latestTimestamp, { laneId }))?.timestamp ?? Number.NEGATIVE_INFINITY,
    dataHash: head.data_hash === null ? DataHash.empty() : DataHash.parse(head.data_hash),
  }

  const rows = new Rows(options.auditLog ? ((yield* first(lastEventSeq, {}))?.seq ?? 0) : undefined)
  const trunk = laneId === 1 ? new TrunkProjection() : undefined
  const versions: Version[] = []
  let sequence = (yield* first(latestVersion, {}))?.sequence ?? 0
  let failure: Appended['failure']
  for (const [index, proposal] of proposals.entries()) {
    try {
      const { version, changes } = appendOne(graph, tip, proposal, sequence + 1, laneId, options, rows)
      sequence++
      versions.push(version)
      if (trunk) trunk.add(changes, sequence)
      else yield* writeLane(laneId, changes, sequence)
      yield* rows.writeLarge()
    } catch (error) {
      failure = { index, error }
      break
    }
  }

  const last = versions.at(-1)
  if (last !== undefined) {
    if (trunk) yield* trunk.write()
    yield* rows.write()
    yield* each(moveBranch, [{ name: options.branch, head: last.versionId, laneId }])
  }
  return failure === undefined ? { versions } : { versions, failure }
}

/** Applies one version in memory and notes its rows. Throws before anything of it is noted. */
function appendOne(
  graph: MemoryGraph,
  tip: Tip,
  proposal: Proposal,
  sequence: number,
  laneId: number,
  options: AppendOptions,
  rows: Rows,
) {
  const timestamp = timestampOf(proposal, tip, options.now)
  const applied = applyOperations(graph, proposal.operations, timestamp, options.limits, options.check)
  const changes = graph.accept(applied.changes, sequence)
  for (const { before, after } of changes) {
    if (before) tip.dataHash.subtract(before.element, before.text)
    if (after) tip.dataHash.add(after.element, after.text)
  }
  // One after the other: of a large version all texts together are as large as the version.
  const delta = new DeltaText()
  for (const operation of applied.operations) delta.add(textOf(operation, graph))
  const parents = tip.versionId === null ? [] : [tip.versionId, ...proposal.further.map(({ versionId }) => versionId)]
  const facts = {
    version: proposal.versionId,
    parents:
      tip.versionId === null
        ? []
        : [
            tip.versionHash,
            ...proposal.further.map((parent) => parent.versionHash ?? (tip.hashes.get(parent.versionId) as string)),
          ],
    timestamp,
    owner: proposal.owner,
    description: proposal.description,
    metadata: proposal.metadata,
    dataHash: tip.dataHash.toString(),
    operationsHash: delta.hash(),
  }
  const version: Version = {
    versionId: proposal.versionId,
    parentVersionId: tip.versionId,
    parents,
    sequence,
    timestamp,
    description: proposal.description,
    owner: proposal.owner,
    dataHash: facts.dataHash,
    versionHash: versionHash(facts),
  }
  rows.addVersion(version, laneId, timestamp < tip.latest, facts.operationsHash)
  rows.addDelta(version, delta.chunks(), proposal.metadata)
  rows.addEvents(version, applied.operations)

  tip.versionId = version.versionId
  tip.versionHash = version.versionHash
  tip.hashes.set(version.versionId, version.versionHash)
  tip.timestamp = timestamp
  tip.latest = Math.max(tip.latest, timestamp)
  return { version, changes }
}

/** The canonical text of an operation. The text of a creation's metadata is made once for it and its state. */
function textOf(operation: Operation, graph: MemoryGraph): string {
  if (operation.op !== 'createEntity' && operation.op !== 'createRelation') return canonicalJson(operation as Json)
  const { id, metadata, validFrom, validTo } = operation
  const standing = operation.op === 'createEntity' ? graph.entities.get(id) : graph.relations.get(id)
  if (standing?.element.metadata !== metadata || validFrom !== undefined || validTo !== undefined) {
    return canonicalJson(operation as unknown as Json)
  }
  const text = JSON.stringify
  return operation.op === 'createEntity'
    ? `{"entityType":${text(operation.entityType)},"id":${text(id)},"metadata":${standing.text},"op":"createEntity"}`
    : `{"from":${text(operation.from)},"id":${text(id)},"metadata":${standing.text},"op":"createRelation","relationType":${text(operation.relationType)},"to":${text(operation.to)}}`
}

function timestampOf(proposal: Proposal, tip: Tip, now: number): number {
  if (proposal.timestamp === undefined) return Math.max(now, tip.timestamp)
  if (proposal.timestamp < tip.timestamp && !proposal.mayBeEarlier) {
    const reason = `is ${proposal.timestamp}, before the parent's, which is ${tip.timestamp}`
    throw new ValidationError({ what: 'The commit is not valid', issues: [{ path: '/timestamp', reason }] })
  }
  return proposal.timestamp
}

/**
 * The lane that the next version of a branch goes to: its head's, where the head is the lane's last
 * version and the lane is not `main`'s own; else a new one that forks from the head.
 */
function* laneFor(branch: string, laneId: number | null, sequence: number | null): Work<number> {
  if (laneId === null || sequence === null || branch === 'main') return 1
  if (laneId !== 1 && (yield* first(lastOfLane, { laneId }))?.sequence === sequence) return laneId
  const opened = (yield* first(nextLane, {}))?.lane_id as number
  const depth = ((yield* first(laneById, { laneId }))?.depth ?? 0) + 1
  yield* each(insertLane, [{ laneId: opened, parent: laneId, fork: sequence, depth }])
  return opened
}

function* operationsOf(proposals: readonly Proposal[]): Generator<PendingOperation> {
  for (const { operations } of proposals) yield* operations
}

/** The rows of versions, deltas and events, gathered to be written at once. */
class Rows {
  private readonly versions: StateVersionTable[] = []
  private readonly further: { version_id: string; parent_version_id: string; position: number }[] = []
  private deltas: DeltaRecordTable[] = []
  /** The length of the deltas that wait to be written. */
  private held = 0
  private readonly told: { version: Version; operations: readonly { op: Operation['op']; id: string }[] }[] = []

  /** `lastSeq` is that of the newest event; undefined: no audit trail. */
  constructor(private readonly lastSeq: number | undefined) {}

  addVersion(version: Version, laneId: number, late: boolean, operationsHash: string): void {
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

  addDelta(version: Version, chunks: readonly DeltaChunk[], metadata: JsonObject | null): void {
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

  addEvents(version: Version, operations: readonly Operation[]): void {
    if (this.lastSeq === undefined) return
    this.told.push({ version, operations: operations.map(({ op, id }) => ({ op, id })) })
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
  told: readonly { version: Version; operations: readonly { op: Operation['op']; id: string }[] }[],
  lastSeq: number,
): Generator<EventLogTable> {
  let seq = lastSeq
  for (const { version, operations } of told) {
    for (let position = 0; position < operations.length; position++) {
      const operation = operations[position] as { op: Operation['op']; id: string }
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
