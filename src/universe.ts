/** The façade that an application opens: what it can do is in the rooms, a line of delegation here. */
import type { Database, Durability } from './database/database.js'
import { openDatabase } from './database/open.js'
import { EventLog } from './events/log.js'
import { placeOfReference, type Reference, sourceOf } from './graph/reference.js'
import { branchSource, KnownPlaces } from './graph/source.js'
import { View } from './graph/view.js'
import {
  type CommitClosure,
  type CommitOptions,
  type Committer,
  checkOutsideClosure,
  commit,
} from './history/commit.js'
import { type Diff, diffBetween, diffPlaces } from './history/diff.js'
import { type HistoryEntry, type HistoryOptions, historyOf } from './history/history.js'
import { type MaterialiseOptions, materialise, type State } from './history/materialise.js'
import { netOperations } from './history/net.js'
import { Queue } from './history/queue.js'
import { type Stats, statsOf } from './history/stats.js'
import { type Verification, type VerifyOptions, verify } from './history/verify.js'
import { Versions } from './history/versions.js'
import { type CallOptions, startBudget } from './model/budget.js'
import { IntegrityError, ValidationError, type ValidationIssue } from './model/errors.js'
import { readableId, refusedId } from './model/id.js'
import { defaultJsonLimits } from './model/json.js'
import { type Operation, operationGuard } from './model/operation.js'
import type { VersionRecord } from './model/record.js'
import type { Version } from './model/version.js'
import { initialise, isEmpty } from './state/initialise.js'
import { type ExportOptions, exportStream } from './stream/export.js'
import { type ImportOptions, type ImportResult, type ImportSource, importStream } from './stream/import.js'

/** How a universe is opened. */
export interface UniverseOptions {
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
export async function openUniverse(address: string, options: UniverseOptions = {}): Promise<Universe> {
  checkOptions(options)
  const { owner = 'local', readOnly = false, auditLog = true } = options
  const database = await openDatabase(address, {
    readOnly,
    create: options.create ?? true,
    migrate: options.migrate ?? true,
    durability: options.durability ?? 'full',
    busyTimeoutMs: options.busyTimeoutMs ?? 5_000,
  })
  const limits = {
    maxDepth: options.maxMetadataDepth ?? defaultJsonLimits.maxDepth,
    maxBytes: options.maxMetadataBytes ?? defaultJsonLimits.maxBytes,
  }
  const committer: Committer = { database, queue: new Queue(), owner, auditLog, limits, guard: operationGuard(limits) }
  try {
    const isNew = await database.read(isEmpty)
    if (isNew && readOnly) {
      throw new IntegrityError({
        reason: `${address} is not a universe yet: its tables are there, and nothing in them`,
        hint: 'Open it once for writing.',
      })
    }
    if (isNew) await database.write(() => initialise({ owner, auditLog, now: Date.now() }))
    return new Universe(committer)
  } catch (error) {
    await database.close()
    throw error
  }
}

/** A knowledge graph that remembers. Opened with `openUniverse`. */
export class Universe implements AsyncDisposable {
  /** `main`'s head, the newest version at each call. */
  readonly head: View
  /** Versions by id, moment and descent. */
  readonly versions: Versions
  /** The audit trail. */
  readonly events: EventLog
  private readonly database: Database
  private readonly places = new KnownPlaces()

  /** @internal */
  constructor(private readonly committer: Committer) {
    const { database, owner, limits } = committer
    this.database = database
    this.head = new View(database, branchSource('main'))
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
  at(reference: Reference): View {
    return new View(this.database, sourceOf(reference, this.places))
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
    work: CommitClosure | readonly Operation[],
    options: CommitOptions = {},
  ): Promise<Version> {
    return commit(this.committer, description, work, options)
  }

  /**
   * Every state of one entity or relation along first parents, oldest first; empty for an id that
   * never was.
   */
  async history(id: string, options: HistoryOptions = {}): Promise<HistoryEntry[]> {
    startBudget(options)
    const wanted = readableId(id)
    return this.database.read(() => historyOf(wanted, options.until === undefined ? { branch: 'main' } : options.until))
  }

  /**
   * What was created, updated and deleted between two versions, or with `operations` the net
   * operations that lead from one to the other.
   *
   * Cost: follows the distance between the two, not the size of the graph.
   * @throws {NotFoundError} where one of them does not exist.
   */
  diff(a: Reference, b: Reference, options?: CallOptions & { operations?: false | undefined }): Promise<Diff>
  diff(a: Reference, b: Reference, options: CallOptions & { operations: true }): Promise<Operation[]>
  async diff(
    a: Reference,
    b: Reference,
    options: CallOptions & { operations?: boolean | undefined } = {},
  ): Promise<Diff | Operation[]> {
    startBudget(options)
    if (options.operations !== true) return this.database.read(() => diffBetween(a, b))
    return this.database.read(function* () {
      const [before, after] = [yield* placeOfReference(a), yield* placeOfReference(b)]
      return yield* netOperations(yield* diffPlaces(before, after), before, after)
    })
  }

  /**
   * The whole state of a version, by id: read through the indexes, or replayed from the deltas.
   *
   * Memory: the state. To read it in constant memory use `at(…).eachEntity()`.
   * @throws {NotFoundError} where the version does not exist.
   */
  async materialise(version: Reference, options: MaterialiseOptions = {}): Promise<State> {
    startBudget(options)
    const { from = 'index' } = options
    if (from !== 'index' && from !== 'deltas') {
      throw invalid([{ path: '/from', reason: "must be 'index' or 'deltas'" }])
    }
    return this.database.read(() => materialise(version, from))
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
   * Proves that the database is what its versions say: replays every delta and compares each hash,
   * projection, history row, tag and event. Damage is named with its place, not thrown.
   *
   * Cost: every operation of the history. Memory: one state.
   */
  verify(options: VerifyOptions = {}): Promise<Verification> {
    return verify(this.database, options)
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

  /** Closes the universe; calls after it throw `ClosedError`. Waits for commits that are under way. */
  async close(): Promise<void> {
    checkOutsideClosure(this.committer, 'closing')
    await this.committer.queue.run(() => this.database.close())
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
])

function checkOptions(options: UniverseOptions): void {
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
  for (const name of ['readOnly', 'create', 'auditLog', 'migrate'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'boolean') check(name, 'must be true or false')
  }
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
