/**
 * A batch of records: one transaction. What is there already is passed over, the rest is written, and
 * the names that records give are moved.
 */
import { branchesByNames, type HeadRow, insertBranch, moveBranch } from '../../queries/branch.js'
import type { BranchTable } from '../../queries/tables.js'
import { type VersionRow, versionById, versionsByIds } from '../../queries/version.js'
import { all, each, first, type Work } from '../database/work.js'
import { type Appended, append } from '../history/append.js'
import { tellOfBranch } from '../history/branch.js'
import type { Committer } from '../history/committer.js'
import { atLine, UniverseError, ValidationError } from '../model/errors.js'
import { textsOf } from '../model/operation.js'
import type { GuardedRecord } from '../model/record.js'
import type { Version } from '../model/version.js'
import type { ElementCheck } from '../state/apply.js'
import { operationsHash, versionHash } from '../state/hash.js'
import { type LanePlan, type Standpoint, trunkLane } from '../state/lanes.js'
import { isOnWay, type Place, placeAt } from '../state/place.js'
import { RefusedStep } from '../state/run.js'

/** A record that passed the guard, and its place in its stream, from 1. */
export interface NumberedRecord {
  record: GuardedRecord
  line: number
}

/** What a batch did. */
export interface WrittenBatch {
  versions: readonly Version[]
  skipped: number
  operations: number
  /** Why the record after the last that was taken cannot be. */
  error?: unknown
}

export interface BatchOptions {
  lanes: LanePlan
  check: ElementCheck | undefined
}

/** A record that cannot be taken: nothing of the transaction in which it was found may be kept. */
class RefusedRecord extends Error {
  readonly line: number
  readonly version: string

  constructor(
    { line, record }: NumberedRecord,
    override readonly cause: unknown,
  ) {
    super('A record cannot be taken', { cause })
    this.line = line
    this.version = record.version
  }
}

/** Writes records up to the first that cannot be taken: what came before it is kept. */
export async function writeBatch(
  committer: Committer,
  records: readonly NumberedRecord[],
  options: BatchOptions,
): Promise<WrittenBatch> {
  let taken = records
  let error: unknown
  for (;;) {
    try {
      const written = await writeOrFind(committer, taken, options)
      return error === undefined ? written : { ...written, error }
    } catch (refused) {
      if (!(refused instanceof RefusedRecord)) throw refused
      error = told(refused)
      taken = taken.filter(({ line }) => line < refused.line)
    }
  }
}

/** A batch is there where its last version is; one that makes none may be taken twice. */
function writeOrFind(
  committer: Committer,
  records: readonly NumberedRecord[],
  options: BatchOptions,
): Promise<WrittenBatch> {
  let made: WrittenBatch | undefined
  const write = function* (): Work<WrittenBatch> {
    made = undefined
    made = yield* takeBatch(committer, records, options)
    return made
  }
  return committer.database.write(write, function* () {
    const last = made?.versions.at(-1)
    const row = last && (yield* first(versionById, { id: last.versionId }))
    return row && row.version_hash === last?.versionHash ? made : undefined
  })
}

function* takeBatch(
  committer: Committer,
  records: readonly NumberedRecord[],
  { lanes, check }: BatchOptions,
): Work<WrittenBatch> {
  const standing = yield* findStanding(records)
  const fresh = sift(records, standing)
  const proposals = fresh.map(({ record }) => ({ ...record, versionId: record.version, mayBeEarlier: true }))
  let appended: Appended[]
  try {
    appended = yield* append(proposals, { ...committer, now: Date.now(), check, lanes })
  } catch (error) {
    if (!(error instanceof RefusedStep)) throw error
    const refused = fresh.find(({ record }) => record.operations === error.step.operations)
    throw new RefusedRecord(refused as NumberedRecord, error.cause)
  }
  yield* moveNames(committer, records, standing, appended)
  const operations = fresh.reduce((sum, { record }) => sum + record.operations.length, 0)
  const versions = appended.map(({ version }) => version)
  return { versions, skipped: records.length - fresh.length, operations }
}

/** What is there of all that records name. */
interface Found {
  versions: ReadonlyMap<string, VersionRow>
  branches: ReadonlyMap<string, HeadRow>
}

function* findStanding(records: readonly NumberedRecord[]): Work<Found> {
  const names = new Set(['main'])
  const ids = new Set<string>()
  for (const { record } of records) {
    ids.add(record.version)
    for (const parent of record.parents) ids.add(parent)
    for (const name of record.branches) names.add(name)
  }
  const named = [...ids, ...names]
  const versions = new Map((yield* all(versionsByIds, { ids: named })).map((row) => [row.version_id, row]))
  const branches = new Map((yield* all(branchesByNames, { names: named })).map((row) => [row.name, row]))
  return { versions, branches }
}

/** Passes over what is there already, and checks all that depends on nothing but names. */
function sift(records: readonly NumberedRecord[], { versions, branches }: Found): NumberedRecord[] {
  const fresh: NumberedRecord[] = []
  const ids = new Set<string>()
  const names = new Set<string>()
  for (const numbered of records) {
    const { record } = numbered
    const refuse = (path: string, reason: string) =>
      new RefusedRecord(numbered, new ValidationError({ what: 'The record is not valid', issues: [{ path, reason }] }))
    const { version, parents } = record
    const there = versions.get(version)
    const taken = record.branches.find((name) => versions.has(name) || ids.has(name) || name === version)
    if (taken !== undefined) throw refuse('/branch', `"${taken}" is the id of a version`)
    if (ids.has(version)) throw refuse('/version', `${version} comes twice in the stream`)
    if (there !== undefined) {
      if (hashAgain(record, there, versions) !== there.version_hash) {
        throw refuse('/version', `${version} is there already with other content`)
      }
    } else {
      if (branches.has(version) || names.has(version)) throw refuse('/version', 'is the name of a branch')
      const stranger = parents.find((parent) => !versions.has(parent) && !ids.has(parent))
      if (stranger !== undefined) throw refuse('/parents', `${stranger} is no version here nor earlier in the stream`)
      fresh.push(numbered)
      ids.add(version)
    }
    for (const name of record.branches) names.add(name)
  }
  return fresh
}

/** The hash that a record would have on the state that its version has here. */
function hashAgain(record: GuardedRecord, there: VersionRow, known: ReadonlyMap<string, VersionRow>): string {
  return versionHash({
    version: record.version,
    parents: record.parents.map((parent) => known.get(parent)?.version_hash ?? ''),
    timestamp: record.timestamp,
    owner: record.owner,
    description: record.description,
    metadata: record.metadata,
    dataHash: there.data_hash,
    operationsHash: operationsHash(textsOf(record.operations)),
  })
}

/** Where a branch stands, and where it stood before the batch; undefined: it was not there. */
interface Name {
  before: string | null | undefined
  at: (Standpoint & { versionId: string }) | undefined
}

/** Moves `main` along its chain, and each name that a record gives to it. */
function* moveNames(
  committer: Committer,
  records: readonly NumberedRecord[],
  { versions, branches }: Found,
  appended: readonly Appended[],
): Work<void> {
  const names = new Map([...branches].map(([name, head]) => [name, nameOf(head)]))
  const main = names.get('main') as Name
  const standpoints = new Map<string, Standpoint>()
  for (const [id, { lane_id: laneId, sequence }] of versions) standpoints.set(id, { laneId, sequence })
  for (const { version, laneId } of appended) {
    standpoints.set(version.versionId, { laneId, sequence: version.sequence })
    if (laneId === trunkLane) main.at = { versionId: version.versionId, laneId, sequence: version.sequence }
  }
  const places = new Map<number, Place>()
  for (const numbered of records) {
    const { record } = numbered
    const at = { versionId: record.version, ...(standpoints.get(record.version) as Standpoint) }
    for (const name of record.branches) {
      const known = names.get(name)
      if (known?.at === undefined) {
        if (name === 'main' && at.laneId !== trunkLane) throw strayed(numbered, name, at.versionId, undefined)
        names.set(name, { before: known?.before, at })
      } else if (yield* leads(known.at, at, places)) {
        if (name === 'main' && at.laneId !== trunkLane) throw strayed(numbered, name, at.versionId, known.at.versionId)
        known.at = at
      } else if (!(yield* leads(at, known.at, places))) throw strayed(numbered, name, at.versionId, known.at.versionId)
    }
  }
  yield* writeNames(committer, names)
}

function nameOf({ version_id, lane_id, sequence }: HeadRow): Name {
  if (version_id === null) return { before: null, at: undefined }
  return {
    before: version_id,
    at: { versionId: version_id, laneId: lane_id as number, sequence: sequence as number },
  }
}

/** Whether the first parents of `to` lead to `from`. Cost: a statement for each lane that is not known yet. */
function* leads(from: Standpoint, to: Standpoint, places: Map<number, Place>): Work<boolean> {
  if (from.laneId === to.laneId) return from.sequence <= to.sequence
  const place = places.get(to.laneId) ?? (yield* placeAt(to.laneId, Number.MAX_SAFE_INTEGER))
  places.set(to.laneId, place)
  return isOnWay(from, place)
}

function strayed(numbered: NumberedRecord, name: string, versionId: string, head: string | undefined): RefusedRecord {
  const stands = head === undefined ? 'has no version yet' : `stands at ${head}, which does not lead to it`
  const issues = [{ path: '/branch', reason: `"${name}" cannot move to ${versionId}: it ${stands}` }]
  return new RefusedRecord(numbered, new ValidationError({ what: 'The record is not valid', issues }))
}

function* writeNames(committer: Committer, names: ReadonlyMap<string, Name>): Work<void> {
  const created: BranchTable[] = []
  const moved: Omit<BranchTable, 'created_at'>[] = []
  for (const [name, { before, at }] of names) {
    if (at === undefined || at.versionId === before) continue
    const row = { name, head_version_id: at.versionId, lane_id: at.laneId }
    if (before === undefined) created.push({ ...row, created_at: Date.now() })
    else moved.push(row)
  }
  yield* each(insertBranch, created)
  yield* each(moveBranch, moved)
  for (const { name, head_version_id, created_at } of created) {
    yield* tellOfBranch(committer, 'BRANCH_CREATED', name, head_version_id as string, created_at)
  }
}

/** Why a record cannot be taken, by its line and its version: who imports from git knows that alone. */
function told({ cause, line, version }: RefusedRecord): unknown {
  if (cause instanceof ValidationError && cause.line === undefined) {
    const { issues, operation } = cause
    return new ValidationError({ what: `Version ${JSON.stringify(version)} is not valid`, issues, operation, line })
  }
  if (!(cause instanceof UniverseError)) return cause
  cause.message = `Version ${JSON.stringify(version)}: ${cause.message}`
  return atLine(cause, line)
}
