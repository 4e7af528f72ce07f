/**
 * Commit: turns operations into one new version, all or nothing.
 *
 * The closure runs outside any transaction, on a draft pinned to the branch's head; then one burst
 * compares the head, applies and writes. Commits of one process queue in order.
 */
import type { HeadRow } from '../../queries/branch.js'
import { deltaOfVersion } from '../../queries/delta.js'
import { type VersionRow, versionById } from '../../queries/version.js'
import { all, first, type Work } from '../database/work.js'
import { Reader } from '../graph/reader.js'
import type { Schema } from '../graph/schema.js'
import { fixedSource } from '../graph/source.js'
import { View } from '../graph/view.js'
import { startBudget } from '../model/budget.js'
import { NotFoundError } from '../model/errors.js'
import { checkOperationCount, type Operation, textsOf } from '../model/operation.js'
import type { Version } from '../model/version.js'
import { operationsIn } from '../state/delta.js'
import { operationsHash } from '../state/hash.js'
import { trunkLane } from '../state/lanes.js'
import { emptyPlace, placeAt, placeOfSequence } from '../state/place.js'
import { burst, untilHeadStays } from './burst.js'
import { type Committer, checkOutsideClosure, runClosure } from './committer.js'
import { Draft } from './draft.js'
import { checkExpected, findMade, headOf, type Plan, readPlan, type VersionOptions } from './plan.js'
import { recordedAgain } from './retry.js'

/** How a commit is made. */
export interface CommitOptions extends VersionOptions {
  /** Default: `'main'`. */
  branch?: string | undefined
}

/** Records operations on a draft; may be async. What it returns is ignored. */
export type CommitClosure<S extends Schema = Schema> = (draft: Draft<S>) => unknown

/** Commits what a closure records, or a list of operations. For errors see `Universe.commit`. */
export async function commit<S extends Schema>(
  committer: Committer,
  description: string,
  work: CommitClosure<S> | readonly Operation[],
  options: CommitOptions = {},
): Promise<Version> {
  checkOutsideClosure(committer, 'a commit')
  const budget = startBudget(options)
  const isWork = typeof work === 'function' || Array.isArray(work)
  const { branch = 'main' } = options
  const asked = { what: 'commit', description, branch, branchOption: 'branch', own: ['branch'] } as const
  const issues = isWork ? [] : [{ path: '', reason: 'needs a closure or a list of operations' }]
  const plan = readPlan(committer, { ...asked, issues }, options)
  const operations = typeof work === 'function' ? undefined : guardedList(committer, work)
  return committer.queue.run(async () => {
    budget.check()
    const differs = operations && ((row: VersionRow) => differingOperations(committer, row, operations))
    const known = await findMade(committer, plan, budget, differs)
    if (known) return known
    const check = committer.rules?.commitCheck
    if (operations) return burst(committer, plan, { operations, check, differs, budget })
    return untilHeadStays(committer, plan, async () => {
      const recorded = await record(committer, plan, work as CommitClosure<S>)
      budget.check()
      return burst(committer, plan, { ...recorded, check, budget })
    })
  })
}

/** Runs the closure; what it recorded, and the head that it has read. */
async function record<S extends Schema>(committer: Committer, plan: Plan, closure: CommitClosure<S>) {
  const pin = new Pin<S>(committer, plan)
  // What is expected is looked at before the closure runs for nothing.
  if (plan.expectedVersion !== undefined || plan.branch !== 'main') checkExpected(plan, await pin.head())
  const draft = new Draft(committer.writtenGuard, pin.view, committer.rules)
  try {
    await runClosure(committer, () => closure(draft))
  } finally {
    draft.end()
  }
  return { operations: draft.end().operations, pinned: pin.read }
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
      if (lane_id === null || sequence === null) return emptyPlace
      return lane_id === trunkLane ? yield* placeAt(lane_id, sequence) : yield* placeOfSequence(sequence)
    }, committer.lanes)
    this.view = new View(new Reader(committer.database, source, committer.lanes), committer.readCheck)
  }

  async head(): Promise<HeadRow> {
    this.found ??= await this.committer.database.read(() => headOf(this.plan))
    return this.found
  }
}

/** Whether a version records other operations than an earlier try of the same commit would have. */
function* differingOperations(
  { rules, limits }: Committer,
  row: VersionRow,
  given: readonly Operation[],
): Work<string | undefined> {
  const operations = rules === undefined ? given : yield* recordedAgain(rules.commitCheck, limits, row, given)
  return row.operations_hash === operationsHash(textsOf(operations)) ? undefined : 'with other operations'
}

/** The operations of a version, as recorded. */
export function* operationsOfVersion(id: string): Work<Operation[]> {
  if ((yield* first(versionById, { id })) === undefined) throw new NotFoundError({ what: 'Version', id })
  const rows = yield* all(deltaOfVersion, { id })
  return rows.flatMap(({ operations }) => operationsIn(operations, id))
}

function guardedList(committer: Committer, work: readonly Operation[]): Operation[] {
  checkOperationCount(work.length)
  return Array.from(work, (operation, index) => committer.writtenGuard(operation, index))
}
