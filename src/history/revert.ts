/**
 * Revert: undoes one version, or those of a range, on top of whatever came later.
 *
 * It is a three-way merge: its base is the state with what is undone, theirs the state before it, ours
 * the head. So what came later stays, and contradictions are conflicts like those of a merge.
 */
import type { HeadRow } from '../../queries/branch.js'
import type { Work } from '../database/work.js'
import { placeOfReference, type Reference, sourceOf, textOfReference } from '../graph/reference.js'
import type { Schema } from '../graph/schema.js'
import type { EntityOf, RelationOf } from '../graph/typed.js'
import { type Budget, startBudget } from '../model/budget.js'
import { MergeConflictError, NotFoundError, ValidationError } from '../model/errors.js'
import type { Operation } from '../model/operation.js'
import type { Version } from '../model/version.js'
import { meetingOf } from '../state/place.js'
import { burst, untilHeadStays } from './burst.js'
import { type Committer, checkOutsideClosure, runClosure } from './committer.js'
import { type MergeStrategy, readStrategy } from './merge/settle.js'
import { mergeVersions } from './merge.js'
import { checkExpected, findMade, headOf, type Plan, readPlan, type VersionOptions } from './plan.js'
import { versionOf } from './versions.js'

/** The versions after `from` up to and including `to`, along first parents. */
export interface RevertRange {
  from: Reference
  to: Reference
}

/** How a revert is made. */
export interface RevertOptions<S extends Schema = Schema> extends VersionOptions {
  /** The branch on which it is undone. Default: `'main'`. */
  branch?: string | undefined
  /** How conflicts are settled. Default: `'fail'`. */
  strategy?: MergeStrategy<EntityOf<S> | RelationOf<S>> | undefined
  /** Default: says what was reverted. */
  description?: string | undefined
}

/** Undoes a version or a range on a branch. For errors see `Universe.revert`. */
export async function revert<S extends Schema>(
  committer: Committer,
  versions: Reference | RevertRange,
  options: RevertOptions<S> = {},
): Promise<Version> {
  checkOutsideClosure(committer, 'a revert')
  const budget = startBudget(options)
  const range = isRange(versions) ? versions : undefined
  for (const one of range ? [range.from, range.to] : [versions as Reference]) sourceOf(one)
  const strategy = readStrategy(options.strategy, 'revert')
  const { branch = 'main', description = '' } = options
  const own = ['branch', 'strategy', 'description']
  const asked = readPlan(committer, { what: 'revert', description, branch, branchOption: 'branch', own }, options)
  return committer.queue.run(async () => {
    budget.check()
    const undone = await committer.database.read(() => undoneBy(range ?? (versions as Reference)), budget)
    const plan = options.description === undefined ? { ...asked, description: sayingOf(undone) } : asked
    const known = await findMade(committer, plan, budget)
    if (known) return known
    return untilHeadStays(committer, plan, async () => {
      const prepare = () => prepared(committer, plan, undone, strategy, budget)
      const { head, operations } = await runClosure(committer, () => committer.database.read(prepare, budget))
      budget.check()
      return burst(committer, plan, { operations, pinned: head, budget })
    })
  })
}

/** What is undone: the state before it, and the last version of it. */
interface Undone {
  /** Undefined: the empty graph. */
  before: Version | undefined
  last: Version
  isRange: boolean
}

function* undoneBy(versions: Reference | RevertRange): Work<Undone> {
  if (!isRange(versions)) {
    const last = yield* requireVersion(versions)
    const parent = last.parentVersionId
    return { before: parent === null ? undefined : yield* versionOf({ version: parent }), last, isRange: false }
  }
  const last = yield* requireVersion(versions.to)
  const before = yield* versionOf(versions.from)
  const places = [yield* placeOfReference(versions.from), yield* placeOfReference(versions.to)] as const
  const sequence = before?.sequence ?? 0
  if (meetingOf(...places) !== sequence || sequence === last.sequence) {
    const named = before === undefined ? 'the empty graph' : before.versionId
    const reason = `${named} is not before ${last.versionId} along its first parents`
    throw new ValidationError({ what: 'The range to revert is not valid', issues: [{ path: '/from', reason }] })
  }
  return { before, last, isRange: true }
}

function* requireVersion(reference: Reference): Work<Version> {
  const version = yield* versionOf(reference)
  if (version === undefined) {
    const hint = 'Before the first version there is nothing to revert.'
    throw new NotFoundError({ what: 'Version', id: textOfReference(reference), hint })
  }
  return version
}

function* prepared(
  committer: Committer,
  plan: Plan,
  { before, last }: Undone,
  strategy: MergeStrategy,
  budget: Budget,
): Work<{ head: HeadRow; operations: Operation[] }> {
  const head = yield* headOf(plan)
  checkExpected(plan, head)
  const ours = yield* versionOf({ branch: plan.branch })
  if (ours === undefined) throw new NotFoundError({ what: 'Head of branch', id: plan.branch })
  const sides = { base: last, ours, theirs: before }
  const { open, operations } = yield* mergeVersions(committer, sides, strategy, budget)
  if (open.length > 0) {
    throw new MergeConflictError({ what: `The revert of ${last.versionId}`, conflicts: open })
  }
  return { head, operations }
}

function sayingOf({ before, last, isRange }: Undone): string {
  if (isRange) return before ? `Revert ${before.versionId}..${last.versionId}` : `Revert all up to ${last.versionId}`
  const [line = ''] = last.description.trim().split('\n', 1)
  return line === '' ? `Revert ${last.versionId}` : `Revert "${line.trimEnd()}"`
}

function isRange(versions: Reference | RevertRange): versions is RevertRange {
  return typeof versions === 'object' && versions !== null && ('from' in versions || 'to' in versions)
}
