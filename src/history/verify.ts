/**
 * Verify: proves that the database is what its versions say.
 *
 * Every delta is replayed, along every lane of the tree; each hash, head row, history row, tag,
 * snapshot and event is compared with what follows from the deltas. Quickly, the hashes are followed from version to
 * version, and the head is compared with its own.
 */
import type { Database } from '../database/database.js'
import { type CallOptions, startBudget } from '../model/budget.js'
import { BusyError, ValidationError } from '../model/errors.js'
import type { Version } from '../model/version.js'
import { laneGeneration } from '../state/generation.js'
import { verifyChain } from './verify/chain.js'
import { verifyEvents } from './verify/events.js'
import { type Finding, Findings } from './verify/findings.js'
import { verifyBranches } from './verify/head.js'
import { checkReceipt, verifyReceipt } from './verify/receipt.js'
import { LanesMoved, Run } from './verify/run.js'
import { readLanes } from './verify/tree.js'
import { walkRoot } from './verify/walk.js'
import { newestSequence } from './versions.js'

/** What `verify` looks at besides the database itself, and whom it tells. */
export interface VerifyOptions extends CallOptions {
  /**
   * Whether to follow the hashes of versions alone, and to compare `main`'s head with its own: whoever changes a
   * version, a parent or what stands now is found, but no delta is read. Default: false.
   */
  quick?: boolean | undefined
  /** A version that a commit returned: it must still be there, the same. */
  receipt?: Version | undefined
  /** Called after each batch with how many versions were verified, and of how many. */
  onProgress?: ((progress: { versions: number; total: number }) => void) | undefined
}

/** What `verify` found. */
export interface Verification {
  /** Whether nothing was found. */
  ok: boolean
  /** How many versions were verified. */
  versions: number
  /** What is wrong, each with its place; at most 1,000 of them. */
  findings: Finding[]
  /** How many findings there were in all. */
  count: number
}

/** How often it begins anew where lanes are laid anew while it reads them. */
const mostRuns = 5

/** Verifies everything. For errors see `Universe.verify`. */
export async function verify(database: Database, options: VerifyOptions = {}): Promise<Verification> {
  const budget = startBudget(options, ['quick', 'receipt', 'onProgress'])
  checkOptions(options)
  for (let run = 1; ; run++) {
    budget.check()
    try {
      return await verifyOnce(database, options, budget)
    } catch (error) {
      if (!(error instanceof LanesMoved)) throw error
      if (run === mostRuns)
        throw new BusyError({ reason: 'Lanes were laid anew again and again meanwhile', cause: error })
    }
  }
}

async function verifyOnce(
  database: Database,
  { quick = false, receipt, onProgress }: VerifyOptions,
  budget: ReturnType<typeof startBudget>,
): Promise<Verification> {
  const findings = new Findings()
  for (const problem of await database.check({ quick })) findings.add('the file', problem)
  const { total, generation } = await database.read(function* () {
    return { total: yield* newestSequence(), generation: yield* laneGeneration() }
  }, budget)
  const run = new Run(database, findings, budget, generation, (versions) => onProgress?.({ versions, total }))
  const roots = await run.read(readLanes)
  if (quick) await verifyChain(run)
  else for (const root of roots) await walkRoot(run, root)
  // What came since is not missed.
  if (run.versions < total) {
    findings.add('versions', `${run.versions} versions can be verified, the newest had sequence ${total}`)
  }
  await run.read(verifyBranches)
  if (!quick) await verifyEvents(database, findings, budget)
  if (receipt !== undefined) await run.read((found) => verifyReceipt(receipt, found))
  return { ok: findings.count === 0, versions: run.versions, findings: findings.list, count: findings.count }
}

function checkOptions({ quick, receipt, onProgress }: VerifyOptions): void {
  const refuse = (path: string, reason: string) =>
    new ValidationError({ what: 'The options are not valid', issues: [{ path, reason }] })
  if (quick !== undefined && typeof quick !== 'boolean') throw refuse('/quick', 'must be true or false')
  if (onProgress !== undefined && typeof onProgress !== 'function') throw refuse('/onProgress', 'must be a function')
  const reason = receipt === undefined ? undefined : checkReceipt(receipt)
  if (reason !== undefined) throw refuse('/receipt', reason)
}
