/**
 * The burst: the one transaction in which a prepared version is written, and what happens where the
 * head moved while it was prepared.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type HeadRow, moveBranch } from '../../queries/branch.js'
import { type VersionRow, versionById } from '../../queries/version.js'
import { each, first, together, type Work } from '../database/work.js'
import type { Budget } from '../model/budget.js'
import { BusyError } from '../model/errors.js'
import { newId } from '../model/id.js'
import type { PendingOperation } from '../model/operation.js'
import type { Version } from '../model/version.js'
import type { ElementCheck } from '../state/apply.js'
import { RefusedStep } from '../state/run.js'
import { type Ahead, readAhead } from './append/ahead.js'
import { type Appended, type AppendOptions, append, type KnownVersion, type Proposal } from './append.js'
import type { Committer } from './committer.js'
import { checkExpected, checkNoBranch, headOf, madeBefore, type Plan } from './plan.js'

/** What is to be written, and on what. */
export interface Burst {
  operations: readonly PendingOperation[]
  /** The head that was read while it was prepared; undefined: none was. */
  pinned?: HeadRow | undefined
  /** The parents after the first. */
  further?: readonly string[] | undefined
  check?: ElementCheck | undefined
  /** What is different of a version that has the id already; see `madeBefore`. */
  differs?: ((row: VersionRow) => Work<string | undefined>) | undefined
  /** What the call may use up. */
  budget?: Budget | undefined
  /** What else is to be written with the version. */
  after?: (version: Version) => Work<unknown>
}

const maxRuns = 10
const mostLost = 3

/** The head is not the one that was read. */
class HeadMoved extends Error {}

/** Validates, applies and commits what was prepared: all or nothing. */
export async function burst(committer: Committer, plan: Plan, prepared: Burst): Promise<Version> {
  const { operations, pinned, further = [], check, differs, budget, after } = prepared
  // Chosen once, so that a version whose answer was lost is found again.
  const versionId = plan.versionId ?? newId()
  let made: Version | undefined
  const write = function* (): Work<Version> {
    // Another try of the same call may have come first, on whatever head.
    const known = yield* madeBefore(plan, differs)
    if (known) return known
    const [head, ahead] = yield* together(headOf(plan), aheadOf(plan, prepared, committer))
    checkExpected(plan, head)
    if (pinned && pinned.version_id !== head.version_id) throw new HeadMoved()
    if (plan.versionId !== undefined) yield* checkNoBranch(versionId)
    const parents = head.version_id === null ? [] : [head.version_id, ...further]
    const proposal = { ...plan, versionId, operations, mayBeEarlier: false, parents }
    const version = yield* appendTo(head, proposal, { ...committer, now: Date.now(), check, ahead })
    if (after) yield* after(version)
    made = version
    return version
  }
  const written = await committer.database.write(write, () => ifThere(made), budget)
  if (made === undefined) return written
  await committer.snapshots.notice([written], operations.length)
  return written
}

/** What is read with the head; undefined where it depends on the head. */
function* aheadOf(
  { branch }: Plan,
  { operations, check }: Burst,
  { auditLog, window }: Committer,
): Work<Ahead | undefined> {
  if (branch !== 'main') return undefined
  return yield* readAhead(operations, { auditLog, window, ends: check !== undefined })
}

/** The version where it is there, as it was to be written. */
function* ifThere(version: Version | undefined): Work<Version | undefined> {
  if (version === undefined) return undefined
  const row = yield* first(versionById, { id: version.versionId })
  return row?.version_hash === version.versionHash ? version : undefined
}

/** Appends one version to a branch: its lane goes on where the head is its last, `main`'s always. */
function* appendTo(head: HeadRow, proposal: Proposal, options: Omit<AppendOptions, 'lanes' | 'known'>): Work<Version> {
  const lanes = { isMain: () => head.name === 'main', continues: () => true }
  try {
    const [appended] = yield* append([proposal], { ...options, lanes, known: knownHead(head) })
    const { version, laneId } = appended as Appended
    yield* each(moveBranch, [{ name: head.name, head_version_id: version.versionId, lane_id: laneId }])
    return version
  } catch (error) {
    throw error instanceof RefusedStep ? error.cause : error
  }
}

function knownHead(head: HeadRow): KnownVersion[] {
  if (head.version_id === null) return []
  return [
    {
      versionId: head.version_id,
      laneId: head.lane_id as number,
      sequence: head.sequence as number,
      timestamp: head.timestamp as number,
      dataHash: head.data_hash as string,
      versionHash: head.version_hash as string,
    },
  ]
}

/**
 * Prepares and writes until the head that was read is the head that is written on.
 *
 * @throws {BusyError} where it moved ten times.
 */
export async function untilHeadStays(
  { database }: Committer,
  plan: Plan,
  attempt: () => Promise<Version>,
): Promise<Version> {
  for (let run = 1; ; run++) {
    try {
      // Who lost several times would lose again to writers that never rest.
      return await (run > mostLost ? database.alone(attempt) : attempt())
    } catch (error) {
      if (!(error instanceof HeadMoved)) throw error
    }
    if (run === maxRuns) {
      throw new BusyError({ reason: `Branch "${plan.branch}" moved ${maxRuns} times while the commit was prepared` })
    }
    await sleep(Math.random() * 2 ** run)
  }
}
