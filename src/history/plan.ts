/** What a version is to be made with, as its caller says: what commit, merge and revert have in common. */
import { branchByName, type HeadRow } from '../../queries/branch.js'
import { type VersionRow, versionById } from '../../queries/version.js'
import { first, type Work } from '../database/work.js'
import type { Moment } from '../graph/filter.js'
import type { Budget, CallOptions } from '../model/budget.js'
import {
  AlreadyExistsError,
  NotFoundError,
  ValidationError,
  type ValidationIssue,
  VersionConflictError,
} from '../model/errors.js'
import { refusedId } from '../model/id.js'
import { guardObject, type JsonLimits, type JsonObject, RefusedJson } from '../model/json.js'
import { toPointer } from '../model/pointer.js'
import { refusedDescription } from '../model/record.js'
import type { Version } from '../model/version.js'
import { toVersion } from '../state/rows.js'
import type { Committer } from './committer.js'

/** What can be said of a version to be. */
export interface VersionOptions extends CallOptions {
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

export interface Plan {
  description: string
  branch: string
  expectedVersion: string | null | undefined
  owner: string
  timestamp: number | undefined
  versionId: string | undefined
  metadata: JsonObject | null
}

const optionNames = ['expectedVersion', 'owner', 'timestamp', 'versionId', 'metadata', 'signal', 'deadline']

/** What is asked for, before it is looked at: a commit, a merge or a revert, with the options that only it has. */
export interface Asked {
  what: 'commit' | 'merge' | 'revert'
  description: unknown
  branch: unknown
  /** The option that names the branch. */
  branchOption: string
  own: readonly string[]
  /** What is wrong with the rest. */
  issues?: ValidationIssue[]
}

/**
 * Reads what a version is to be made with.
 *
 * @throws {ValidationError} with all that is wrong.
 */
export function readPlan(committer: Committer, asked: Asked, options: VersionOptions): Plan {
  const issues: ValidationIssue[] = [...(asked.issues ?? [])]
  const check = (path: string, reason: string | undefined) => {
    if (reason !== undefined) issues.push({ path, reason })
  }
  check('/description', refusedDescription(asked.description))
  for (const key of Object.keys(options)) {
    if (!optionNames.includes(key) && !asked.own.includes(key)) check(`/${key}`, `is no option of a ${asked.what}`)
  }
  const { owner = committer.owner, versionId, expectedVersion, metadata } = options
  check(`/${asked.branchOption}`, refusedId(asked.branch))
  check('/owner', refusedId(owner))
  if (versionId !== undefined) check('/versionId', refusedId(versionId))
  if (expectedVersion !== undefined && expectedVersion !== null) check('/expectedVersion', refusedId(expectedVersion))
  const time = options.timestamp instanceof Date ? options.timestamp.getTime() : options.timestamp
  const timestamp = typeof time === 'number' ? time + 0 : time
  if (timestamp !== undefined && !Number.isSafeInteger(timestamp)) {
    check('/timestamp', 'must be a Date or a safe integer of milliseconds')
  }
  const guarded = guardMetadata(metadata, committer.limits, check)
  if (issues.length > 0) throw new ValidationError({ what: `The ${asked.what} is not valid`, issues })
  return {
    description: asked.description as string,
    branch: asked.branch as string,
    expectedVersion,
    owner,
    timestamp,
    versionId,
    metadata: guarded,
  }
}

/** The head of the branch that is planned for. */
export function* headOf({ branch }: Plan): Work<HeadRow> {
  const head = yield* first(branchByName, { name: branch })
  if (head === undefined) throw new NotFoundError({ what: 'Branch', id: branch })
  return head
}

export function checkExpected({ branch, expectedVersion }: Plan, head: HeadRow): void {
  if (expectedVersion === undefined || expectedVersion === head.version_id) return
  throw new VersionConflictError({ branch, expected: expectedVersion, actual: head.version_id })
}

/** Neither a version nor a branch may be named like one of the other. */
export function* checkNoBranch(versionId: string): Work<void> {
  if ((yield* first(branchByName, { name: versionId })) !== undefined) {
    throw new AlreadyExistsError({ what: 'Branch', id: versionId, reason: 'and would be confused with the version' })
  }
}

/**
 * The version that an earlier try of the same call made; `other` says what else is different of it.
 *
 * @throws {AlreadyExistsError} where the id is that of a version made otherwise.
 */
export function* madeBefore(
  plan: Plan,
  other?: (row: VersionRow) => Work<string | undefined>,
): Work<Version | undefined> {
  const id = plan.versionId
  const row = id === undefined ? undefined : yield* first(versionById, { id })
  if (id === undefined || row === undefined) return undefined
  let differs: string | undefined
  if (row.description !== plan.description) differs = 'with another description'
  else if (row.owner !== plan.owner) differs = 'with another owner'
  else if (other) differs = yield* other(row)
  if (differs !== undefined) throw new AlreadyExistsError({ what: 'Version', id, reason: differs })
  return toVersion(row)
}

/** As `madeBefore`, in a read of its own where there is an id to look for. */
export async function findMade(
  { database }: Committer,
  plan: Plan,
  budget: Budget,
  other?: (row: VersionRow) => Work<string | undefined>,
): Promise<Version | undefined> {
  return plan.versionId === undefined ? undefined : database.read(() => madeBefore(plan, other), budget)
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
