/** What writing needs to know of its universe, and the closures in which no other write may wait. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database } from '../database/database.js'
import type { ReadCheck } from '../graph/read-check.js'
import type { Rules } from '../graph/rules.js'
import { ValidationError } from '../model/errors.js'
import type { JsonLimits } from '../model/json.js'
import type { OperationGuard } from '../model/operation.js'
import type { LaneGeneration } from '../state/generation.js'
import type { Snapshots } from '../state/snapshot.js'
import type { Queue } from './queue.js'

/** What a commit needs to know of its universe. */
export interface Committer {
  database: Database
  /** Which lanes the database has now. */
  lanes: LaneGeneration
  queue: Queue
  /** Told of every version that was written. */
  snapshots: Snapshots
  owner: string
  auditLog: boolean
  limits: JsonLimits
  /** How many operations of one version are laid down at a time. */
  window: number
  guard: OperationGuard
  /** The guard of what is written here: with a schema, `guard` and its rules. */
  writtenGuard: OperationGuard
  /** The rules of the schema; undefined without one. */
  rules?: Rules | undefined
  /** What is asked of each element that is read. */
  readCheck?: ReadCheck | undefined
}

/** The closure that runs now; a timer that it started may outlive it. */
const inClosure = new AsyncLocalStorage<{ committer: Committer; ended: boolean }>()

/** Runs what calls a closure of the caller's: until it has ended, other writes of the same universe are refused. */
export async function runClosure<T>(committer: Committer, closure: () => T | Promise<T>): Promise<T> {
  const running = { committer, ended: false }
  try {
    return await inClosure.run(running, async () => closure())
  } finally {
    running.ended = true
  }
}

/**
 * Refuses what would wait for the closure that asks for it.
 *
 * @throws {ValidationError} inside the closure of a commit of the same universe.
 */
export function checkOutsideClosure(committer: Committer, what: string): void {
  const running = inClosure.getStore()
  if (running?.committer !== committer || running.ended) return
  const issues = [{ path: '', reason: `${what} inside the closure of a commit would wait for itself` }]
  throw new ValidationError({ what: 'The commit is not valid', issues })
}
