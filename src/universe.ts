/** The façade that an application opens: what it can do is in the rooms, a line of delegation here. */
import type { Database } from './database/database.js'
import { together } from './database/work.js'
import { EventLog } from './events/log.js'
import { Reader } from './graph/reader.js'
import { placeOfReference, type Reference, sourceOf } from './graph/reference.js'
import type { Schema } from './graph/schema.js'
import { branchSource, KnownPlaces } from './graph/source.js'
import { View } from './graph/view.js'
import { type Branch, type BranchOptions, branches, createBranch, deleteBranch } from './history/branch.js'
import { type CommitClosure, type CommitOptions, commit } from './history/commit.js'
import { type Committer, checkOutsideClosure } from './history/committer.js'
import { type Diff, diffBetween, diffPlaces } from './history/diff.js'
import { type HistoryEntry, type HistoryOptions, historyOf } from './history/history.js'
import { type MaterialiseOptions, materialise, type State } from './history/materialise.js'
import { type MergeOptions, type MergePreview, merge, type PreviewOptions, previewMerge } from './history/merge.js'
import { netOperations } from './history/net.js'
import { type RebuildOptions, type Rebuilt, rebuild } from './history/rebuild.js'
import { type RevertOptions, type RevertRange, revert } from './history/revert.js'
import { type Stats, statsOf } from './history/stats.js'
import { type Verification, type VerifyOptions, verify } from './history/verify.js'
import { Versions } from './history/versions.js'
import { type CallOptions, startBudget } from './model/budget.js'
import { ValidationError, type ValidationIssue } from './model/errors.js'
import { type IdLike, idOf, readableId } from './model/id.js'
import type { Operation } from './model/operation.js'
import type { VersionRecord } from './model/record.js'
import type { Version } from './model/version.js'
import { type ExportOptions, exportStream } from './stream/export.js'
import { type ImportOptions, type ImportResult, type ImportSource, importStream } from './stream/import.js'

/** A knowledge graph that remembers. Opened with `openUniverse`. */
export class Universe<S extends Schema = Schema> implements AsyncDisposable {
  /** `main`'s head, the newest version at each call. */
  readonly head: View<S>
  /** Versions by id, moment and descent. */
  readonly versions: Versions
  /** The audit trail. */
  readonly events: EventLog
  private readonly database: Database
  private readonly places: KnownPlaces

  /** @internal */
  constructor(private readonly committer: Committer) {
    const { database, owner, limits, lanes } = committer
    this.database = database
    this.places = new KnownPlaces(lanes)
    this.head = new View(new Reader(database, branchSource('main'), lanes), committer.readCheck)
    this.versions = new Versions(database)
    this.events = new EventLog(database, owner, limits)
  }

  /**
   * The graph at a version, a branch or a moment. A view by version or time is fixed, one by branch
   * reads the newest version at each call.
   *
   * @throws {ValidationError} for what is no reference. What it names is looked up at the first read.
   * @example
   * const then = universe.at(new Date('2024-05-01'))
   * await then.entity('ada')
   */
  at(reference: Reference): View<S> {
    const { database, lanes, readCheck } = this.committer
    return new View(new Reader(database, sourceOf(reference, this.places), lanes), readCheck)
  }

  /**
   * Commits what a closure records on a draft, or a list of operations, as one new version.
   *
   * The closure may be async. If it has read and the head moved meanwhile it runs again from its
   * start, at most ten times, so it must have no other effects.
   *
   * @throws {ValidationError} {NotFoundError} {AlreadyExistsError} {EntityInUseError} for an operation
   * that cannot be applied; `operation` is its index, and nothing is written.
   * @throws {VersionConflictError} where the head is not `expectedVersion`.
   * @throws {AlreadyExistsError} for a `versionId` that is taken by another commit.
   * @throws {LimitExceededError} for more than 1,000,000 operations.
   * @throws {BusyError} where the head kept moving, or another process kept the database.
   * @example
   * await universe.commit('Ada joins', (draft) => draft.createEntity('Person', { name: 'Ada' }))
   */
  commit(
    description: string,
    work: CommitClosure<S> | readonly Operation[],
    options: CommitOptions = {},
  ): Promise<Version> {
    return commit(this.committer, description, work, options)
  }

  /**
   * Merges a version (most often a branch's head) into a branch: what was changed since their best
   * common ancestor, by id and by top-level key of the metadata, as one new version with both as its
   * parents. Where the branch has all of it already nothing is written and its head returned.
   *
   * @throws {MergeConflictError} with all conflicts, where no strategy settles them. Nothing is written.
   * @throws {ValidationError} for a value of the strategy's function that can be none.
   * @throws {NotFoundError} where the branch or the version does not exist.
   * @throws {VersionConflictError} {AlreadyExistsError} {BusyError} as `commit`.
   * @example
   * await universe.merge('draft', { strategy: ({ kind, ours, theirs }) => (kind === 'changed' ? theirs : ours) })
   */
  merge(source: Reference, options: MergeOptions<S> = {}): Promise<Version> {
    return merge(this.committer, source, options)
  }

  /**
   * What a merge of any two versions would make, conflicts left at ours. Writes nothing.
   *
   * Memory: the merged state.
   * @throws {NotFoundError} where one of them does not exist.
   */
  previewMerge(source: Reference, options: PreviewOptions = {}): Promise<MergePreview<S>> {
    return previewMerge<S>(this.committer, source, options)
  }

  /**
   * Undoes a version, or those after `from` up to `to`, in one new version; what came later stays. A
   * merge is undone relative to its first parent.
   *
   * @throws {MergeConflictError} where later versions changed the same, as `merge`.
   * @throws {ValidationError} for a range that does not follow first parents.
   * @throws {NotFoundError} where the branch or a version does not exist.
   * @throws {VersionConflictError} {AlreadyExistsError} {BusyError} as `commit`.
   */
  revert(versions: Reference | RevertRange, options: RevertOptions<S> = {}): Promise<Version> {
    return revert(this.committer, versions, options)
  }

  /**
   * Makes a branch: a name that points at a version and moves with each commit on it. Cost: one row,
   * however large the graph.
   *
   * @throws {NotFoundError} where `from` is no version, as in a universe without one.
   * @throws {AlreadyExistsError} where a branch or a version has the name.
   * @throws {ValidationError} for a name that breaks the rule.
   * @example
   * await universe.createBranch('draft', { from: new Date('2024-05-01') })
   * await universe.commit('Try it', (draft) => draft.createEntity('Idea', {}), { branch: 'draft' })
   */
  createBranch(name: string, options: BranchOptions = {}): Promise<Branch> {
    return createBranch(this.committer, name, options)
  }

  /** All branches, `main` first, then by name. */
  async branches(options: CallOptions = {}): Promise<Branch[]> {
    const budget = startBudget(options, [])
    return this.database.read(branches, budget)
  }

  /**
   * Deletes the name. The versions that it led to stay readable by their ids for ever.
   *
   * @throws {NotFoundError} where there is no such branch.
   * @throws {ValidationError} for `main`.
   */
  deleteBranch(name: string, options: CallOptions = {}): Promise<void> {
    return deleteBranch(this.committer, name, options)
  }

  /**
   * Every state of one entity or relation along first parents, oldest first; empty for an id that
   * never was.
   */
  async history(id: IdLike, options: HistoryOptions = {}): Promise<HistoryEntry<S>[]> {
    const budget = startBudget(options, ['until'])
    const wanted = readableId(idOf(id))
    const until = options.until === undefined ? { branch: 'main' } : options.until
    return this.database.read(() => historyOf<S>(wanted, until, this.committer.readCheck), budget)
  }

  /**
   * What was created, updated and deleted between two versions, or with `operations` the net
   * operations that lead from one to the other.
   *
   * Cost: follows the distance between the two, not the size of the graph.
   * @throws {NotFoundError} where one of them does not exist.
   */
  diff(a: Reference, b: Reference, options?: CallOptions & { operations?: false | undefined }): Promise<Diff<S>>
  diff(a: Reference, b: Reference, options: CallOptions & { operations: true }): Promise<Operation[]>
  async diff(
    a: Reference,
    b: Reference,
    options: CallOptions & { operations?: boolean | undefined } = {},
  ): Promise<Diff<S> | Operation[]> {
    const budget = startBudget(options, ['operations'])
    if (options.operations !== true) {
      return this.database.read(() => diffBetween<S>(a, b, budget, this.committer.readCheck), budget)
    }
    return this.database.read(function* () {
      const [before, after] = yield* together(placeOfReference(a), placeOfReference(b))
      return yield* netOperations(yield* diffPlaces(before, after, budget), before, after)
    }, budget)
  }

  /**
   * The whole state of a version, by id: read through the indexes, or replayed from the deltas.
   *
   * Memory: the state. To read it in constant memory use `at(…).eachEntity()`.
   * @throws {NotFoundError} where the version does not exist.
   */
  async materialise(version: Reference, options: MaterialiseOptions = {}): Promise<State<S>> {
    const budget = startBudget(options, ['from'])
    const { from = 'index' } = options
    if (from !== 'index' && from !== 'deltas') {
      throw invalid([{ path: '/from', reason: "must be 'index' or 'deltas'" }])
    }
    return this.database.read(() => materialise<S>(version, from, budget, this.committer.readCheck), budget)
  }

  /**
   * Imports a version stream: a path of NDJSON (plain or gzip), a stream of such bytes, or records.
   * Each batch is written as a whole; run again, it passes over what is there.
   *
   * @throws {ValidationError} with its line for a record that is not valid; what came before it is kept.
   * @throws {NotFoundError} where there is no file.
   */
  async import(source: ImportSource, options: ImportOptions = {}): Promise<ImportResult> {
    checkOutsideClosure(this.committer, 'an import')
    return importStream(this.committer, source, options)
  }

  /** Version records in sequence order, parents before children: all, or `from` (excluded) to `to` (included). */
  export(options: ExportOptions = {}): AsyncIterableIterator<VersionRecord> {
    return exportStream(this.database, options)
  }

  /**
   * Proves that the database is what its versions say: replays every delta, along every branch, and compares each
   * hash, projection, history row, tag, snapshot and event. Damage is named with its place, not thrown. `quick`
   * follows the hashes of versions and compares `main`'s head with its own; `receipt` proves that a version which a
   * commit returned is still there.
   *
   * Cost: every operation of the history, once; quickly the versions and the head. Memory: one state.
   * @throws {ValidationError} for options that are not valid.
   */
  verify(options: VerifyOptions = {}): Promise<Verification> {
    return verify(this.database, options)
  }

  /**
   * Drops everything that is derived from the deltas and derives it again, all or nothing: no answer
   * changes. Reads go on meanwhile as before; commits wait.
   *
   * Cost: every operation of the history. The deadline is checked between batches, a signal before it begins.
   * @throws {IntegrityError} where a delta is damaged; nothing is changed then.
   */
  async rebuild(options: RebuildOptions = {}): Promise<Rebuilt> {
    checkOutsideClosure(this.committer, 'a rebuild')
    return rebuild(this.committer, options)
  }

  /** Counts and sizes. */
  async stats(): Promise<Stats> {
    return statsOf(this.database)
  }

  /**
   * Copies the newest committed state into a new file, while others read and write.
   *
   * @throws {AlreadyExistsError} where there is a file already.
   */
  backup(path: string): Promise<void> {
    return this.database.backup(path)
  }

  /** Closes the universe; calls after it throw `ClosedError`. Waits for commits and a snapshot that are under way. */
  async close(): Promise<void> {
    checkOutsideClosure(this.committer, 'closing')
    await this.committer.queue.run(async () => {
      await this.committer.snapshots.settled()
      await this.database.close()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function invalid(issues: ValidationIssue[]): ValidationError {
  return new ValidationError({ what: 'The options are not valid', issues })
}
