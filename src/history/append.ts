/**
 * Appending versions: what commits, merges and imports have in common.
 *
 * Runs inside one write transaction. Versions come in any order that puts first parents first, on as
 * many lanes as they need; what it reads is a bounded handful of statements a lane, whatever the number
 * of versions, and what it writes are rows.
 */
import { type VersionRow, versionsByIds } from '../../queries/version.js'
import { all, together, type Work } from '../database/work.js'
import { ValidationError } from '../model/errors.js'
import { canonicalJson, type Json, type JsonObject } from '../model/json.js'
import type { Operation, Operations, PendingOperation } from '../model/operation.js'
import type { Version } from '../model/version.js'
import { DeltaText } from '../state/delta.js'
import { versionHash } from '../state/hash.js'
import { type LanePlan, Lanes, trunkLane } from '../state/lanes.js'
import type { MemoryGraph } from '../state/memory.js'
import { type Ground, layRuns, type RunOptions, type Step, type Witness } from '../state/run.js'
import { type Ahead, greatestSequence, lastSeqOf } from './append/ahead.js'
import { Rows, type Told } from './append/rows.js'

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
  operations: Operations<PendingOperation>
  /** The parents, each here or earlier in the list; the operations apply to the state of the first. */
  parents: readonly string[]
}

export interface AppendOptions extends RunOptions {
  auditLog: boolean
  now: number
  lanes: LanePlan
  /** Versions that the caller has read in the same transaction. */
  known?: Iterable<KnownVersion> | undefined
  /** What the caller has read ahead, in the same transaction, for one version on `main`. */
  ahead?: Ahead | undefined
}

/** What must be known of a version that others follow. */
export interface KnownVersion extends Ground {
  versionId: string
  timestamp: number
  versionHash: string
}

/** A version that was written, and on which lane. */
export interface Appended {
  version: Version
  laneId: number
}

/** A proposal with its place in the universe. Its hashes, and what is recorded, come as it is applied. */
interface Placed extends Step, KnownVersion {
  proposal: Proposal
  late: boolean
  told: Told[]
  delta: DeltaText
}

/**
 * Appends versions, each on top of its parents. Branches are the caller's to move.
 *
 * @throws {RefusedStep} for a version that cannot be applied: not always the first of those in the list.
 * The transaction must not be kept.
 */
export function* append(proposals: readonly Proposal[], options: AppendOptions): Work<Appended[]> {
  const known = yield* parentsOf(proposals, options.known)
  const { ahead, auditLog } = options
  const [placed, lastSeq] = yield* together(placeAll(proposals, known, options), lastSeqOf(auditLog, ahead))
  const rows = new Rows(lastSeq)
  yield* layRuns(placed, { ...options, loaded: ahead?.graph }, witnessOf(rows))
  return yield* writeRows(rows, placed, known)
}

/** The parents that are there already, by id. */
function* parentsOf(
  proposals: readonly Proposal[],
  read: Iterable<KnownVersion> = [],
): Work<Map<string, KnownVersion>> {
  const known = new Map<string, KnownVersion>()
  for (const version of read) known.set(version.versionId, version)
  const own = new Set(proposals.map(({ versionId }) => versionId))
  const ids = new Set(proposals.flatMap(({ parents }) => parents.filter((id) => !own.has(id) && !known.has(id))))
  if (ids.size === 0) return known
  for (const row of yield* all(versionsByIds, { ids: [...ids] })) known.set(row.version_id, knownVersion(row))
  return known
}

function knownVersion(row: VersionRow): KnownVersion {
  return {
    versionId: row.version_id,
    laneId: row.lane_id,
    sequence: row.sequence,
    timestamp: row.timestamp,
    dataHash: row.data_hash,
    versionHash: row.version_hash,
  }
}

/** Gives each proposal its sequence, timestamp and lane, and takes it among the known. */
function* placeAll(
  proposals: readonly Proposal[],
  known: Map<string, KnownVersion>,
  { lanes: plan, now, ahead }: AppendOptions,
): Work<Placed[]> {
  const lanes = ahead?.lanes ?? new Lanes()
  const mayOpen = proposals.some(({ versionId }) => !plan.isMain(versionId))
  const laneIds = [trunkLane, ...[...known.values()].map(({ laneId }) => laneId)]
  const [newest] = yield* together(greatestSequence(ahead), lanes.load(laneIds, mayOpen))
  let sequence = newest
  const placed = proposals.map((proposal): Placed => {
    const { versionId, operations } = proposal
    const parent = known.get(proposal.parents[0] ?? '')
    const timestamp = timestampOf(proposal, parent, now)
    const laneId = lanes.choose(versionId, parent, plan)
    const { late } = lanes.extend(laneId, ++sequence, timestamp)
    const empty = { dataHash: '', versionHash: '', told: [] as Told[], delta: new DeltaText() }
    const one = { proposal, versionId, operations, sequence, timestamp, laneId, late, parent, ...empty }
    known.set(versionId, one)
    return one
  })
  yield* lanes.write()
  return placed
}

function timestampOf(proposal: Proposal, parent: { timestamp: number } | undefined, now: number): number {
  const earliest = parent?.timestamp ?? Number.NEGATIVE_INFINITY
  if (proposal.timestamp === undefined) return Math.max(now, earliest)
  if (proposal.timestamp < earliest && !proposal.mayBeEarlier) {
    const reason = `is ${proposal.timestamp}, before the parent's, which is ${earliest}`
    throw new ValidationError({ what: 'The commit is not valid', issues: [{ path: '/timestamp', reason }] })
  }
  return proposal.timestamp
}

/** Keeps what is applied, one text after the other: of a large version all of them are as large as the version. */
function witnessOf(rows: Rows): Witness<Placed> {
  return {
    *recorded(one, operations, graph) {
      for (const operation of operations) {
        if (rows.tells) one.told.push({ op: operation.op, id: operation.id })
        one.delta.add(textOf(operation, graph))
      }
      rows.addDelta(one, one.delta.takeFull(), one.proposal.metadata)
      yield* rows.writeLarge()
    },
    applied(one, dataHash) {
      one.dataHash = dataHash
    },
  }
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

/** Writes the versions in their order: a version's hash needs those of all its parents. */
function* writeRows(rows: Rows, placed: readonly Placed[], known: ReadonlyMap<string, KnownVersion>): Work<Appended[]> {
  const appended: Appended[] = []
  for (const one of placed) {
    const operationsHash = one.delta.hash()
    const version = versionOf(one, operationsHash, known)
    one.versionHash = version.versionHash
    rows.addVersion(version, one, operationsHash)
    rows.addDelta(version, one.delta.takeRest(), one.proposal.metadata)
    rows.addEvents(version, one.told)
    appended.push({ version, laneId: one.laneId })
    yield* rows.writeLarge()
  }
  yield* rows.write()
  return appended
}

function versionOf(one: Placed, operationsHash: string, known: ReadonlyMap<string, KnownVersion>): Version {
  const { versionId, description, owner, metadata, parents } = one.proposal
  const { sequence, timestamp, dataHash } = one
  const hash = versionHash({
    version: versionId,
    parents: parents.map((parent) => (known.get(parent) as KnownVersion).versionHash),
    ...{ timestamp, owner, description, metadata, dataHash, operationsHash },
  })
  return {
    ...{ versionId, parentVersionId: parents[0] ?? null, parents: [...parents] },
    ...{ sequence, timestamp, description, owner, dataHash, versionHash: hash },
  }
}
