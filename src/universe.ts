/** The façade that an application opens: what it can do is in the rooms, a line of delegation here. */
import type { Database, Durability } from './database/database.js'
import { openDatabase } from './database/open.js'
import { EventLog } from './events/log.js'
import { Reader } from './graph/reader.js'
import { placeOfReference, type Reference, sourceOf } from './graph/reference.js'
import { Rules } from './graph/rules.js'
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
import { Queue } from './history/queue.js'
import { type RebuildOptions, type Rebuilt, rebuild } from './history/rebuild.js'
import { type RevertOptions, type RevertRange, revert } from './history/revert.js'
import { type Stats, statsOf } from './history/stats.js'
import { type Verification, type VerifyOptions, verify } from './history/verify.js'
import { Versions } from './history/versions.js'
import { type CallOptions, startBudget } from './model/budget.js'
import { IntegrityError, ValidationError, type ValidationIssue } from './model/errors.js'
import { type IdLike, idOf, readableId, refusedId } from './model/id.js'
import { defaultJsonLimits } from './model/json.js'
import { type Operation, operationGuard } from './model/operation.js'
import type { VersionRecord } from './model/record.js'
import type { Version } from './model/version.js'
import { isAnnounced, LaneGeneration, withdrawAnnouncement } from './state/generation.js'
import { initialise, isEmpty } from './state/initialise.js'
import { Snapshots } from './state/snapshot.js'
import { type ExportOptions, exportStream } from './stream/export.js'
import { type ImportOptions, type ImportResult, type ImportSource, importStream } from './stream/import.js'

/** How a universe is opened. */
export interface UniverseOptions<S extends Schema = Schema> {
  /** What is written must pass: made by `defineSchema`. Default: any type and any metadata. */
  schema?: S | undefined
  /**
   * Whether what is read must pass the schema too, as it is stored; what does not is a `ValidationError`.
   * Default: false: types describe what was checked when it was written.
   */
  validateReads?: boolean | undefined
  /** Who commits and publishes where a call does not say. Default: `'local'`. */
  owner?: string | undefined
  /** Refuses every write. Default: false. */
  readOnly?: boolean | undefined
  /** Whether to make a universe where there is none. Default: true. */
  create?: boolean | undefined
  /** What an acknowledged commit survives: `'full'` (default) a power cut, `'normal'` a killed process. */
  durability?: Durability | undefined
  /** Whether commits write events. Default: true. */
  auditLog?: boolean | undefined
  /** Whether to bring an older schema up to date. Default: true. */
  migrate?: boolean | undefined
  /** How long to wait for other writers, in milliseconds. Default: 5,000. */
  busyTimeoutMs?: number | undefined
  /** How deep metadata may be, in levels. Default: 64. */
  maxMetadataDepth?: number | undefined
  /** How large metadata may be, in bytes of canonical JSON. Default: 1,048,576. */
  maxMetadataBytes?: number | undefined
}

/**
 * Opens a universe: a path, or `':memory:'` for one that is gone when it is closed. Makes it where
 * there is none, and brings its schema up to date.
 *
 * @throws {NotFoundError} where there is none and `create` is false or `readOnly` true.
 * @throws {IntegrityError} for a file that is no universe or cannot be written.
 * @throws {MigrationError} for a schema that is not this program's, and one that is older where `migrate` is false.
 * @throws {BusyError} where another process keeps it busy.
 * @throws {ValidationError} for an address or options that are not valid.
 * @example
 * await using universe = await openUniverse('knowledge.db')
 */
export async function openUniverse<S extends Schema = Schema>(
  address: string,
  options: UniverseOptions<S> = {},
): Promise<Universe<S>> {
  checkOptions(options)
  const { owner = 'local', readOnly = false, auditLog = true } = options
  const limits = {
    maxDepth: options.maxMetadataDepth ?? defaultJsonLimits.maxDepth,
    maxBytes: options.maxMetadataBytes ?? defaultJsonLimits.maxBytes,
  }
  const rules = options.schema === undefined ? undefined : new Rules(options.schema, limits)
  const database = await openDatabase(address, {
    readOnly,
    create: options.create ?? true,
    migrate: options.migrate ?? true,
    durability: options.durability ?? 'full',
    busyTimeoutMs: options.busyTimeoutMs ?? 5_000,
  })
  const guard = operationGuard(limits)
  const committer: Committer = {
    ...{ database, lanes: new LaneGeneration(database), snapshots: new Snapshots(database) },
    ...{ queue: new Queue(), owner, auditLog, limits, guard, rules },
    writtenGuard: rules ? rules.guarded(guard) : guard,
    readCheck: options.validateReads ? rules : undefined,
  }
  try {
    const isNew = await database.read(isEmpty)
    if (isNew && readOnly) {
      throw new IntegrityError({
        reason: `${address} is not a universe yet: its tables are there, and nothing in them`,
        hint: 'Open it once for writing.',
      })
    }
    if (isNew) await database.write(() => initialise({ owner, auditLog, now: Date.now() }))
    else if (!readOnly && (await database.read(isAnnounced))) await database.write(withdrawAnnouncement)
    return new Universe<S>(committer)
  } catch (error) {
    await database.close()
    throw error
  }
}

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
    startBudget(options)
    return this.database.read(branches)
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
    startBudget(options)
    const wanted = readableId(idOf(id))
    const until = options.until === undefined ? { branch: 'main' } : options.until
    return this.database.read(() => historyOf<S>(wanted, until, this.committer.readCheck))
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
    const budget = startBudget(options)
    if (options.operations !== true) {
      return this.database.read(() => diffBetween<S>(a, b, budget, this.committer.readCheck))
    }
    return this.database.read(function* () {
      const [before, after] = [yield* placeOfReference(a), yield* placeOfReference(b)]
      return yield* netOperations(yield* diffPlaces(before, after, budget), before, after)
    })
  }

  /**
   * The whole state of a version, by id: read through the indexes, or replayed from the deltas.
   *
   * Memory: the state. To read it in constant memory use `at(…).eachEntity()`.
   * @throws {NotFoundError} where the version does not exist.
   */
  async materialise(version: Reference, options: MaterialiseOptions = {}): Promise<State<S>> {
    startBudget(options)
    const { from = 'index' } = options
    if (from !== 'index' && from !== 'deltas') {
      throw invalid([{ path: '/from', reason: "must be 'index' or 'deltas'" }])
    }
    return this.database.read(() => materialise<S>(version, from, this.committer.readCheck))
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

const optionNames = new Set([
  'owner',
  'readOnly',
  'create',
  'durability',
  'auditLog',
  'migrate',
  'busyTimeoutMs',
  'maxMetadataDepth',
  'maxMetadataBytes',
  'schema',
  'validateReads',
])

function checkOptions(options: UniverseOptions<Schema>): void {
  if (typeof options !== 'object' || options === null) throw invalid([{ path: '', reason: 'must be an object' }])
  const issues: ValidationIssue[] = []
  const check = (name: string, reason: string | undefined) => {
    if (reason !== undefined) issues.push({ path: `/${name}`, reason })
  }
  for (const key of Object.keys(options)) if (!optionNames.has(key)) check(key, 'is no option of openUniverse')
  if (options.owner !== undefined) check('owner', refusedId(options.owner))
  const durability: unknown = options.durability
  if (durability !== undefined && durability !== 'full' && durability !== 'normal') {
    check('durability', "must be 'full' or 'normal'")
  }
  for (const name of ['readOnly', 'create', 'auditLog', 'migrate', 'validateReads'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'boolean') check(name, 'must be true or false')
  }
  if (options.validateReads && options.schema === undefined) check('validateReads', 'needs a schema')
  for (const name of ['busyTimeoutMs', 'maxMetadataDepth', 'maxMetadataBytes'] as const) {
    const value = options[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= (name === 'busyTimeoutMs' ? 0 : 1))) {
      check(name, 'must be a positive whole number')
    }
  }
  if (issues.length > 0) throw invalid(issues)
}

function invalid(issues: ValidationIssue[]): ValidationError {
  return new ValidationError({ what: 'The options are not valid', issues })
}
