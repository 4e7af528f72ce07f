/** Branches: names that move. One is a row; nothing of the graph is copied. */
import {
  allBranches,
  branchByName,
  deleteBranch as deleteRow,
  type HeadRow,
  insertBranch,
} from '../../queries/branch.js'
import { versionById, versionBySequence, versionsByIds } from '../../queries/version.js'
import { all, each, first, type Work } from '../database/work.js'
import { writeEvent } from '../events/log.js'
import { placeOfReference, type Reference, textOfReference } from '../graph/reference.js'
import { type CallOptions, startBudget } from '../model/budget.js'
import { AlreadyExistsError, NotFoundError, ValidationError } from '../model/errors.js'
import { newId, readableId, refusedBranchName } from '../model/id.js'
import type { Version } from '../model/version.js'
import { toVersion } from '../state/rows.js'
import type { Committer } from './committer.js'

/** A branch as it stands. */
export interface Branch {
  name: string
  /** The newest version; absent while `main` has none. */
  head?: Version
  /** Milliseconds since the Unix epoch. */
  createdAt: number
}

/** How a branch is made. */
export interface BranchOptions extends CallOptions {
  /** The version that it begins at: anything that `at` takes. Default: `main`'s head. */
  from?: Reference | undefined
}

/** Makes a branch. For errors see `Universe.createBranch`. */
export async function createBranch(committer: Committer, name: string, options: BranchOptions = {}): Promise<Branch> {
  const budget = startBudget(options, ['from'])
  const reason = refusedBranchName(name)
  if (reason !== undefined) throw invalid(reason)
  const { from = 'main' } = options
  let made: Branch | undefined
  const write = function* (): Work<Branch> {
    const { sequence } = yield* placeOfReference(from)
    const row = sequence === 0 ? undefined : yield* first(versionBySequence, { sequence })
    if (row === undefined) {
      throw new NotFoundError({
        what: 'Version',
        id: textOfReference(from),
        hint: 'A branch begins at a version: commit one, or name a later moment.',
      })
    }
    if ((yield* first(branchByName, { name })) !== undefined) throw new AlreadyExistsError({ what: 'Branch', id: name })
    if ((yield* first(versionById, { id: name })) !== undefined) {
      throw new AlreadyExistsError({ what: 'Version', id: name, reason: 'and would be confused with the branch' })
    }
    const head = toVersion(row)
    const createdAt = Date.now()
    yield* each(insertBranch, [{ name, head_version_id: head.versionId, lane_id: row.lane_id, created_at: createdAt }])
    yield* tellOfBranch(committer, 'BRANCH_CREATED', name, head.versionId, createdAt)
    made = { name, head, createdAt }
    return made
  }
  const ifMade = function* (): Work<Branch | undefined> {
    const row = yield* first(branchByName, { name })
    return made && row?.created_at === made.createdAt && row.version_id === made.head?.versionId ? made : undefined
  }
  return committer.database.write(write, ifMade, budget)
}

/** Deletes the name. For errors see `Universe.deleteBranch`. */
export async function deleteBranch(committer: Committer, name: string, options: CallOptions = {}): Promise<void> {
  const budget = startBudget(options, [])
  const wanted = readableId(name)
  if (wanted === 'main') throw invalid('is "main", which every universe has')
  let found = false
  const write = function* (): Work<true> {
    const branch = yield* first(branchByName, { name: wanted })
    if (branch === undefined) throw new NotFoundError({ what: 'Branch', id: name })
    found = true
    yield* each(deleteRow, [{ name }])
    yield* tellOfBranch(committer, 'BRANCH_DELETED', name, branch.version_id as string, Date.now())
    return true
  }
  const ifGone = function* (): Work<true | undefined> {
    const isGone = found && (yield* first(branchByName, { name })) === undefined
    return isGone ? true : undefined
  }
  await committer.database.write(write, ifGone, budget)
}

/** All branches, `main` first, then by name. */
export function* branches(): Work<Branch[]> {
  const rows = yield* all(allBranches, {})
  const ids = [...new Set(rows.flatMap(({ version_id }) => version_id ?? []))]
  const heads = new Map((yield* all(versionsByIds, { ids })).map((row) => [row.version_id, toVersion(row)]))
  const list = rows.map((row) => branchOf(row, heads))
  return [...list.filter(({ name }) => name === 'main'), ...list.filter(({ name }) => name !== 'main')]
}

function branchOf({ name, version_id, created_at: createdAt }: HeadRow, heads: ReadonlyMap<string, Version>): Branch {
  const head = heads.get(version_id ?? '')
  return head === undefined ? { name, createdAt } : { name, head, createdAt }
}

/** Tells the audit trail of a branch that was made or deleted. */
export function* tellOfBranch(
  { owner, auditLog }: Committer,
  type: 'BRANCH_CREATED' | 'BRANCH_DELETED',
  name: string,
  head: string,
  timestamp: number,
): Work<void> {
  if (!auditLog) return
  yield* writeEvent({ actor: owner, data: { head, name }, eventId: newId(), source: name, timestamp, type })
}

function invalid(reason: string): ValidationError {
  return new ValidationError({ what: 'The branch is not valid', issues: [{ path: '/name', reason }] })
}
