/**
 * Merge: brings what happened elsewhere since a common ancestor into a branch, as one new version with
 * both as its parents.
 *
 * It is prepared outside any write transaction, on the head that it reads; then one burst compares the
 * head and writes the net operations. Merges queue with commits.
 */
import type { HeadRow } from '../../queries/branch.js'
import type { Work } from '../database/work.js'
import { writeEvent } from '../events/log.js'
import { placeOfReference, type Reference, sourceOf, textOfReference } from '../graph/reference.js'
import type { Schema } from '../graph/schema.js'
import type { EntityOf, RelationOf } from '../graph/typed.js'
import { type Budget, type CallOptions, startBudget } from '../model/budget.js'
import type { Conflict } from '../model/conflict.js'
import { type Entity, isRelation, type Relation, sameLife } from '../model/entity.js'
import { MergeConflictError, NotFoundError } from '../model/errors.js'
import { inOrderOfIds, newId } from '../model/id.js'
import type { Operation } from '../model/operation.js'
import type { Version } from '../model/version.js'
import { emptyPlace } from '../state/place.js'
import { burst, untilHeadStays } from './burst.js'
import { type Committer, checkOutsideClosure, runClosure } from './committer.js'
import { statesAt } from './materialise.js'
import { mergePlaces, type Outcome } from './merge/outcome.js'
import { type MergeStrategy, readStrategy } from './merge/settle.js'
import { type Element, isAlike, isEntity } from './merge/sides.js'
import { mergeBasesOf } from './merge-bases.js'
import { checkExpected, findMade, headOf, type Plan, readPlan, type VersionOptions } from './plan.js'
import { versionOf } from './versions.js'

/** How a merge is made. */
export interface MergeOptions<S extends Schema = Schema> extends VersionOptions {
  /** The branch to merge into. Default: `'main'`. */
  into?: string | undefined
  /** How conflicts are settled. Default: `'fail'`. */
  strategy?: MergeStrategy<EntityOf<S> | RelationOf<S>> | undefined
  /** What both sides are compared with, whatever they descend from. Default: their best common ancestor. */
  base?: Reference | undefined
  /** Default: says what was merged into what. */
  description?: string | undefined
}

/** What is previewed. */
export interface PreviewOptions extends CallOptions {
  /** Any version. Default: `main`'s head. */
  into?: Reference | undefined
  /** As in `MergeOptions`. */
  base?: Reference | undefined
}

/** What a merge would make. */
export interface MergePreview<S extends Schema = Schema> {
  /** What both sides are compared with; undefined: the empty graph. */
  base: Version | undefined
  /** What leads from `into` to the merged state. */
  operations: Operation[]
  /** All conflicts, by id. */
  conflicts: Conflict<EntityOf<S> | RelationOf<S>>[]
  /** The merged state by id, conflicts left at ours. */
  entities: Iterable<EntityOf<S>>
  relations: Iterable<RelationOf<S>>
}

/** Merges a version into a branch. For errors see `Universe.merge`. */
export async function merge<S extends Schema>(
  committer: Committer,
  source: Reference,
  options: MergeOptions<S> = {},
): Promise<Version> {
  checkOutsideClosure(committer, 'a merge')
  const budget = startBudget(options)
  // Refuses what is no reference before anything else is done.
  sourceOf(source)
  if (options.base !== undefined) sourceOf(options.base)
  const strategy = readStrategy(options.strategy, 'merge')
  const { into = 'main' } = options
  const description =
    options.description ?? `Merge ${textOfReference(source)} into ${typeof into === 'string' ? into : ''}`
  const own = ['into', 'strategy', 'base', 'description']
  const plan = readPlan(committer, { what: 'merge', description, branch: into, branchOption: 'into', own }, options)
  return committer.queue.run(async () => {
    budget.check()
    const known = await findMade(committer, plan, budget)
    if (known) return known
    return untilHeadStays(committer, plan, async () => {
      const prepare = () => prepared(committer, plan, source, options.base, strategy, budget)
      const ready = await runClosure(committer, () => committer.database.read(prepare, budget))
      if ('known' in ready) return ready.known
      budget.check()
      return writeMerge(committer, plan, ready, budget)
    })
  })
}

/** A merge that is ready to be written. */
interface Ready {
  head: HeadRow
  theirs: Version
  base: Version | undefined
  operations: Operation[]
}

/** Compares and merges; the head itself where there is nothing to merge. */
function* prepared(
  committer: Committer,
  plan: Plan,
  source: Reference,
  givenBase: Reference | undefined,
  strategy: MergeStrategy,
  budget: Budget,
): Work<Ready | { known: Version }> {
  const head = yield* headOf(plan)
  checkExpected(plan, head)
  const ours = yield* versionOf({ branch: plan.branch })
  const theirs = yield* versionOf(source)
  if (theirs === undefined) throw new NotFoundError({ what: 'Version', id: textOfReference(source) })
  if (ours === undefined) throw new NotFoundError({ what: 'Head of branch', id: plan.branch })
  const base = yield* baseOf(ours, theirs, givenBase)
  if (givenBase === undefined && base?.versionId === theirs.versionId) return { known: ours }
  const outcome = yield* mergeVersions(committer, { base, ours, theirs }, strategy, budget)
  if (outcome.open.length > 0) {
    throw new MergeConflictError({ what: `The merge of ${textOfReference(source)}`, conflicts: outcome.open })
  }
  return { head, theirs, base, operations: outcome.operations }
}

async function writeMerge(
  committer: Committer,
  plan: Plan,
  { head, theirs, base, operations }: Ready,
  budget: Budget,
): Promise<Version> {
  const after = function* (version: Version): Work<void> {
    if (!committer.auditLog) return
    const { versionId } = version
    yield* writeEvent({
      actor: plan.owner,
      data: { base: base?.versionId ?? null, into: plan.branch, source: theirs.versionId, version: versionId },
      eventId: newId(),
      source: plan.branch,
      timestamp: version.timestamp,
      type: 'BRANCH_MERGED',
    })
  }
  // A version merged with itself, from a base that was given, is one parent.
  const further = theirs.versionId === head.version_id ? [] : [theirs.versionId]
  return burst(committer, plan, { operations, pinned: head, further, budget, after })
}

/** What a merge of two versions would make; writes nothing. For errors see `Universe.previewMerge`. */
export async function previewMerge<S extends Schema>(
  committer: Committer,
  source: Reference,
  options: PreviewOptions = {},
): Promise<MergePreview<S>> {
  const budget = startBudget(options, ['into', 'base'])
  const { into = 'main', base: givenBase } = options
  return committer.database.read(function* () {
    const [ours, theirs] = [yield* versionOf(into), yield* versionOf(source)]
    const base = yield* baseOf(ours, theirs, givenBase)
    const outcome = yield* mergeVersions(committer, { base, ours, theirs }, 'fail', budget)
    const { conflicts, operations } = outcome
    const state = yield* mergedState(ours, outcome)
    return { base, operations, conflicts, ...state } as unknown as MergePreview<S>
  }, budget)
}

/** The best common ancestor, or what is given in its place; undefined: the empty graph. */
function* baseOf(
  ours: Version | undefined,
  theirs: Version | undefined,
  given: Reference | undefined,
): Work<Version | undefined> {
  if (given !== undefined) return yield* versionOf(given)
  if (ours === undefined || theirs === undefined) return undefined
  const [best] = yield* mergeBasesOf({ version: ours.versionId }, { version: theirs.versionId })
  return best
}

/** The outcome of merging versions; undefined stands for the empty graph. */
export function* mergeVersions(
  committer: Committer,
  versions: Record<'base' | 'ours' | 'theirs', Version | undefined>,
  strategy: MergeStrategy,
  budget: Budget,
): Work<Outcome> {
  const { guard, limits, rules } = committer
  const place = function* (version: Version | undefined) {
    return version === undefined ? emptyPlace : yield* placeOfReference({ version: version.versionId })
  }
  const places = {
    base: yield* place(versions.base),
    ours: yield* place(versions.ours),
    theirs: yield* place(versions.theirs),
  }
  return yield* mergePlaces(places, { strategy, guard, limits, check: rules?.recordCheck, budget })
}

/** The state of ours with what was merged in its place, stamped as if it were written now. */
function* mergedState(
  ours: Version | undefined,
  { elements }: Outcome,
): Work<{ entities: Entity[]; relations: Relation[] }> {
  const place = ours === undefined ? emptyPlace : yield* placeOfReference({ version: ours.versionId })
  const standing = yield* statesAt(place)
  const now = Math.max(Date.now(), ours?.timestamp ?? 0)
  const known = new Map<string, Element>()
  const isUntouched = (element: Element) => {
    if (elements.has(element.id)) known.set(element.id, element)
    return !elements.has(element.id)
  }
  const [entities, relations] = [standing.entities.filter(isUntouched), standing.relations.filter(isUntouched)]
  const merged = [...elements.values()].flatMap((element) => {
    if (element === undefined) return []
    const before = known.get(element.id)
    if (before && isAlike(before, element)) return [before]
    const createdAt = before && sameLife(before, element) ? before.createdAt : now
    return [{ ...element, createdAt, updatedAt: now }]
  })
  return {
    entities: inOrderOfIds([...entities, ...merged.filter(isEntity)], ({ id }) => id),
    relations: inOrderOfIds([...relations, ...merged.filter(isRelation)], ({ id }) => id),
  }
}
