/**
 * The burst: the one transaction in which a prepared version is written, and what happens where the
 * head moved while it was prepared.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { HeadRow } from '../../queries/branch.js'
import type { Work } from '../database/work.js'
import { BusyError } from '../model/errors.js'
import { newId } from '../model/id.js'
import type { PendingOperation } from '../model/operation.js'
import type { Version } from '../model/version.js'
import type { ElementCheck } from '../state/apply.js'
import { append, type Proposal } from './append.js'
import type { Committer } from './committer.js'
import { checkExpected, checkFree, headOf, type Plan } from './plan.js'

/** What is to be written, and on what. */
export interface Burst {
  operations: readonly PendingOperation[]
  /** The head that was read while it was prepared; undefined: none was. */
  pinned?: HeadRow | undefined
  /** The parents after the first. */
  further?: Proposal['further']
  check?: ElementCheck | undefined
  /** What else is to be written with the version. */
  after?: (version: Version) => Work<unknown>
}

const maxRuns = 10

/** The head is not the one that was read. */
class HeadMoved extends Error {}

/** Validates, applies and commits what was prepared: all or nothing. */
export async function burst(committer: Committer, plan: Plan, prepared: Burst): Promise<Version> {
  const { operations, pinned, further = [], check, after } = prepared
  const written = await committer.database.write(function* () {
    const head = yield* headOf(plan)
    checkExpected(plan, head)
    if (pinned && pinned.version_id !== head.version_id) throw new HeadMoved()
    const versionId = plan.versionId ?? newId()
    if (plan.versionId !== undefined) yield* checkFree(versionId)
    const { versions, failure } = yield* append(
      [{ ...plan, versionId, operations, mayBeEarlier: false, further }],
      {
        branch: plan.branch,
        auditLog: committer.auditLog,
        limits: committer.limits,
        now: Date.now(),
        check,
      },
      head,
    )
    if (failure) throw failure.error
    const version = versions[0] as Version
    if (after) yield* after(version)
    return version
  })
  await committer.snapshots.notice([written], operations.length)
  return written
}

/**
 * Prepares and writes until the head that was read is the head that is written on.
 *
 * @throws {BusyError} where it moved ten times.
 */
export async function untilHeadStays(plan: Plan, attempt: () => Promise<Version>): Promise<Version> {
  for (let run = 1; ; run++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof HeadMoved)) throw error
    }
    if (run === maxRuns) {
      throw new BusyError({ reason: `Branch "${plan.branch}" moved ${maxRuns} times while the commit was prepared` })
    }
    await sleep(Math.random() * 2 ** run)
  }
}
