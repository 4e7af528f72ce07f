/** Restore: a backup takes the place of a universe, whole or not at all. */
import { restoreDatabase } from '../database/open.js'
import { type CallOptions, startBudget } from '../model/budget.js'
import { IntegrityError, ValidationError, type ValidationIssue } from '../model/errors.js'
import { isEmpty } from '../state/initialise.js'
import { verify } from './verify.js'

/** How a backup is restored. */
export interface RestoreOptions extends CallOptions {
  /** Whether a file that is there is replaced. Default: false. */
  overwrite?: boolean | undefined
  /** How long to wait for others to close a file that is to be replaced, in milliseconds. Default: 5,000. */
  busyTimeoutMs?: number | undefined
}

/**
 * Puts a backup where a universe is to be: a copy of it, compact, with the same hashes. The copy is made
 * beside the path, its chain of versions and its head are verified, and it takes the place in one step:
 * a process that is killed leaves the old file or the new one, at worst with a file that ends in `.part` beside it.
 *
 * The backup may be a universe that is open; what was committed is copied.
 *
 * @throws {NotFoundError} where there is no backup, or no folder.
 * @throws {AlreadyExistsError} where there is a file, without `overwrite`.
 * @throws {IntegrityError} for a backup that is no universe or is damaged.
 * @throws {MigrationError} for a backup that is newer than this program.
 * @throws {BusyError} where the file that is to be replaced is open.
 * @example
 * await restoreUniverse('knowledge-monday.db', 'knowledge.db', { overwrite: true })
 */
export async function restoreUniverse(backup: string, path: string, options: RestoreOptions = {}): Promise<void> {
  const budget = startBudget(options, ['overwrite', 'busyTimeoutMs'])
  checkOptions(options)
  const { overwrite = false, busyTimeoutMs = 5_000, signal } = options
  budget.check()
  await restoreDatabase(backup, path, { overwrite, busyTimeoutMs }, async (copy) => {
    if (await copy.read(isEmpty)) {
      throw new IntegrityError({ reason: `${backup} is not a universe: its tables are there, and nothing in them` })
    }
    const { findings } = await verify(copy, { quick: true, signal })
    const [first] = findings
    if (first !== undefined) {
      const hint = 'Look at it with `inner-universe verify`; what was at the path is still there.'
      throw new IntegrityError({ reason: `${backup} is damaged: ${first.place}: ${first.problem}`, hint })
    }
    budget.check()
  })
}

function checkOptions({ overwrite, busyTimeoutMs }: RestoreOptions): void {
  const issues: ValidationIssue[] = []
  if (overwrite !== undefined && typeof overwrite !== 'boolean') {
    issues.push({ path: '/overwrite', reason: 'must be true or false' })
  }
  if (busyTimeoutMs !== undefined && !(Number.isSafeInteger(busyTimeoutMs) && busyTimeoutMs >= 0)) {
    issues.push({ path: '/busyTimeoutMs', reason: 'must be a whole number, 0 or more' })
  }
  if (issues.length > 0) throw new ValidationError({ what: 'The options are not valid', issues })
}
