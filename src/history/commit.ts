/**
 * Commit: turns operations into one new version, all or nothing.
 *
 * The closure runs outside any transaction, on a draft pinned to the branch's head; then one burst
 * compares the head, applies and writes. Commits of one process queue in order.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { branchByName, type HeadRow } from '../../queries/branch.js'
import { deltaOfVersion } from '../../queries/delta.js'
import { versionById } from '../../queries/version.js'
import type { Database } from '../database/database.js'
import { all, first, type Work } from '../database/work.js'
import type { Moment } from '../graph/filter.js'
import type { ReadCheck } from '../graph/read-check.js'
import { Reader } from '../graph/reader.js'
import type { Rules } from '../graph/rules.js'
import type { Schema } from '../graph/schema.js'
import { fixedSource } from '../graph/source.js'
import { View } from '../graph/view.js'
import { type CallOptions, startBudget } from '../model/budget.js'
import {
  AlreadyExistsError,
  BusyError,
  NotFoundError,
  ValidationError,
  type ValidationIssue,
  VersionConflictError,
} from '../model/errors.js'
import { newId, refusedId } from '../model/id.js'
import { canonicalJson, guardObject, type Json, type JsonLimits, type JsonObject, RefusedJson } from '../model/json.js'
import { checkOperationCount, type Operation, type OperationGuard, type PendingOperation } from '../model/operation.js'
import { toPointer } from '../model/pointer.js'
import { refusedDescription } from '../model/record.js'
import type { Version } from '../model/version.js'
import { operationsHash } from '../state/hash.js'
import { emptyPlace, placeAt } from '../state/place.js'
import { toVersion } from '../state/rows.js'
import { append } from './append.js'
import { Draft } from './draft.js'
import type { Queue } from './queue.js'
import { recordedAgain } from './retry.js'

/** How a commit is made. */
export interface CommitOptions extends CallOptions {
  /** Default: `'main'`. */
  branch?: string | undefined
  /** The version that the head must be; null: the branch has none yet. Else `VersionConflictError`. */
  expectedVersion?: string | null | undefined
  /** Default: the universe's. */
  owner?: string | undefined
  /** Default: the clock's, or the parent's if the clock is behind it. */
  timestamp?: Moment | undefined
  /** The id of the version to be, so that a retry after a lost answer is safe. Default: a new one. */
  versionId?: string | undefined
  /** What else is to be known of this version. */
  metadata?: JsonObject | undefined
}

/** What a commit needs to know of its universe. */
export interface Committer {
  database: Database
  queue: Queue
  owner: string
  auditLog: boolean
  limits: JsonLimits
  guard: OperationGuard
  /** The guard of what is written here: with a schema, `guard` and its rules. */
  writtenGuard: OperationGuard
  /** The rules of the schema; undefined without one. */
  rules?: Rules | undefined
  /** What is asked of each element that is read. */
  readCheck?: ReadCheck | undefined
}

/** Records operations on a draft; may be async. What it returns is ignored. */
export type CommitClosure<S extends Schema = Schema> = (draft: Draft<S>) => unknown

interface Plan {
  description: string
  branch: string
  expectedVersion: string | null | undefined
  owner: string
  timestamp: number | undefined
  versionId: string | undefined
  metadata: JsonObject | null
  operations: Operation[] | undefined
}

const maxRuns = 10
/** The closure that runs now; a timer that it started may outlive it. */
const inClosure = new AsyncLocalStorage<{ committer: Committer; ended: boolean }>()

/**
 * Refuses what would wait for the closure that asks for it.
 *
 * @throws {ValidationError} inside the closure of a commit of the same universe.
 */
export function checkOutsideClosure(committer: Committer, what: string): void {
  const running = inClosure.getStore()
  if (running?.committer !== committer || running.ended) return
  throw invalid([{ path: '', reason: `${what} inside the closure of a commit would wait for itself` }])
}

/** Commits what a closure records, or a list of operations. For errors see `Universe.commit`. */
export async function commit<S extends Schema>(
  committer: Committer,
  description: string,
  work: CommitClosure<S> | readonly Operation[],
  options: CommitOptions = {},
): Promise<Version> {
  checkOutsideClosure(committer, 'a commit')
  const budget = startBudget(options)
  const plan = readPlan(committer, description, work, options)
  return committer.queue.run(async () => {
    budget.check()
    const known = plan.versionId === undefined ? undefined : await findRetried(committer, plan)
    if (known) return known
    if (plan.operations) return burst(committer, plan, plan.operations, undefined)
    return rerun(committer, plan, work as CommitClosure<S>, () => budget.check())
  })
}

/** Runs the closure until the head that it has read is the head that is committed on. */
async function rerun<S extends Schema>(
  committer: Committer,
  plan: Plan,
  closure: CommitClosure<S>,
  check: () => void,
): Promise<Version> {
  for (let run = 1; ; run++) {
    const pin = new Pin<S>(committer, plan)
    // What is expected is looked at before the closure runs for nothing.
    if (plan.expectedVersion !== undefined || plan.branch !== 'main') checkExpected(plan, await pin.head())
    const draft = new Draft(committer.writtenGuard, pin.view, committer.rules)
    const running = { committer, ended: false }
    try {
      await inClosure.run(running, async () => closure(draft))
    } finally {
      running.ended = true
      draft.end()
    }
    const { operations } = draft.end()
    check()
    try {
      return await burst(committer, plan, operations, pin.read)
    } catch (error) {
      if (!(error instanceof HeadMoved)) throw error
    }
    if (run === maxRuns) {
      throw new BusyError({ reason: `Branch "${plan.branch}" moved ${maxRuns} times while the commit was prepared` })
    }
    await sleep(Math.random() * 2 ** run)
  }
}

/** The head that a draft is pinned to: found when it is first read, then the same for good. */
class Pin<S extends Schema> {
  readonly view: View<S>
  /** The head that the closure has read; undefined while it has not. */
  read: HeadRow | undefined
  private found: HeadRow | undefined

  constructor(
    private readonly committer: Committer,
    private readonly plan: Plan,
  ) {
    const pin = this
    const source = fixedSource(function* () {
      pin.found ??= yield* headOf(plan)
      pin.read = pin.found
      const { lane_id, sequence } = pin.found
      return lane_id === null || sequence === null ? emptyPlace : yield* placeAt(lane_id, sequence)
    })
    this.view = new View(new Reader(committer.database, source), committer.readCheck)
  }

  async head(): Promise<HeadRow> {
    this.found ??= await this.committer.database.read(() => headOf(this.plan))
    return this.found
  }
}

/** The head is not the one that the closure read. */
class HeadMoved extends Error {}

async function burst(
  committer: Committer,
  plan: Plan,
  operations: readonly PendingOperation[],
  pinned: HeadRow | undefined,
): Promise<Version> {
  return committer.database.write(function* () {
    const head = yield* headOf(plan)
    checkExpected(plan, head)
    if (pinned && pinned.version_id !== head.version_id) throw new HeadMoved()
    const versionId = plan.versionId ?? newId()
    if (plan.versionId !== undefined) yield* checkFree(versionId)
    const { versions, failure } = yield* append(
      [{ ...plan, versionId, operations, mayBeEarlier: false, further: [] }],
      {
        branch: plan.branch,
        auditLog: committer.auditLog,
        limits: committer.limits,
        now: Date.now(),
        check: committer.rules?.commitCheck,
      },
      head,
    )
    if (failure) throw failure.error
    return versions[0] as Version
  })
}

function* headOf({ branch }: Plan): Work<HeadRow> {
  const head = yield* first(branchByName, { name: branch })
  if (head === undefined) throw new NotFoundError({ what: 'Branch', id: branch })
  return head
}

function checkExpected({ branch, expectedVersion }: Plan, head: HeadRow): void {
  if (expectedVersion === undefined || expectedVersion === head.version_id) return
  throw new VersionConflictError({ branch, expected: expectedVersion, actual: head.version_id })
}

/** Neither a version nor a branch may be named like one of the other. */
function* checkFree(versionId: string): Work<void> {
  if ((yield* first(versionById, { id: versionId })) !== undefined) {
    throw new AlreadyExistsError({ what: 'Version', id: versionId })
  }
  if ((yield* first(branchByName, { name: versionId })) !== undefined) {
    throw new AlreadyExistsError({ what: 'Branch', id: versionId, reason: 'and would be confused with the version' })
  }
}

/** The version that an earlier try of the same commit made. */
async function findRetried(committer: Committer, plan: Plan): Promise<Version | undefined> {
  const id = plan.versionId as string
  return committer.database.read(function* () {
    const row = yield* first(versionById, { id })
    if (row === undefined) return undefined
    let differs: string | undefined
    if (row.description !== plan.description) differs = 'with another description'
    else if (row.owner !== plan.owner) differs = 'with another owner'
    else if (plan.operations) {
      const operations =
        committer.rules === undefined
          ? plan.operations
          : yield* recordedAgain(committer.rules.commitCheck, committer.limits, row, plan.operations)
      const texts = operations.map((operation) => canonicalJson(operation as unknown as Json))
      if (row.operations_hash !== operationsHash(texts)) differs = 'with other operations'
    }
    if (differs !== undefined) throw new AlreadyExistsError({ what: 'Version', id, reason: differs })
    return toVersion(row)
  })
}

/** The operations of a version, as recorded. */
export function* operationsOfVersion(id: string): Work<Operation[]> {
  if ((yield* first(versionById, { id })) === undefined) throw new NotFoundError({ what: 'Version', id })
  const rows = yield* all(deltaOfVersion, { id })
  return rows.flatMap(({ operations }) => JSON.parse(operations) as Operation[])
}

const optionNames = new Set([
  'branch',
  'expectedVersion',
  'owner',
  'timestamp',
  'versionId',
  'metadata',
  'signal',
  'deadline',
])

function readPlan(committer: Committer, description: unknown, work: unknown, options: CommitOptions): Plan {
  const issues: ValidationIssue[] = []
  const check = (path: string, reason: string | undefined) => {
    if (reason !== undefined) issues.push({ path, reason })
  }
  check('/description', refusedDescription(description))
  for (const key of Object.keys(options)) if (!optionNames.has(key)) check(`/${key}`, 'is no option of a commit')
  const { branch = 'main', owner = committer.owner, versionId, expectedVersion, metadata } = options
  check('/branch', refusedId(branch))
  check('/owner', refusedId(owner))
  if (versionId !== undefined) check('/versionId', refusedId(versionId))
  if (expectedVersion !== undefined && expectedVersion !== null) check('/expectedVersion', refusedId(expectedVersion))
  const time = options.timestamp instanceof Date ? options.timestamp.getTime() : options.timestamp
  const timestamp = typeof time === 'number' ? time + 0 : time
  if (timestamp !== undefined && !Number.isSafeInteger(timestamp)) {
    check('/timestamp', 'must be a Date or a safe integer of milliseconds')
  }
  if (typeof work !== 'function' && !Array.isArray(work)) check('', 'needs a closure or a list of operations')
  const guarded = guardMetadata(metadata, committer.limits, check)
  if (issues.length > 0) throw invalid(issues)
  let operations: Operation[] | undefined
  if (Array.isArray(work)) {
    checkOperationCount(work.length)
    operations = Array.from(work as readonly Operation[], (operation, index) =>
      committer.writtenGuard(operation, index),
    )
  }
  return {
    description: description as string,
    branch,
    expectedVersion,
    owner,
    timestamp,
    versionId,
    metadata: guarded,
    operations,
  }
}

function guardMetadata(
  metadata: unknown,
  limits: JsonLimits,
  check: (path: string, reason: string | undefined) => void,
): JsonObject | null {
  if (metadata === undefined || metadata === null) return null
  try {
    return guardObject(metadata, limits)
  } catch (error) {
    if (!(error instanceof RefusedJson)) throw error
    check(`/metadata${toPointer(error.path)}`, error.reason)
  }
  return null
}

function invalid(issues: ValidationIssue[]): ValidationError {
  return new ValidationError({ what: 'The commit is not valid', issues })
}
