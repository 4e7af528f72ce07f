/** Opening a universe: by its address, with its options. */
import { nameOf } from './database/address.js'
import type { Database, Durability, PostgresOptions } from './database/database.js'
import { openDatabase } from './database/open.js'
import { asIfNot } from './database/work.js'
import { Rules } from './graph/rules.js'
import type { Schema } from './graph/schema.js'
import type { Committer } from './history/committer.js'
import { Queue } from './history/queue.js'
import { IntegrityError, ValidationError, type ValidationIssue } from './model/errors.js'
import { refusedId } from './model/id.js'
import { defaultJsonLimits, mostMetadataDepth } from './model/json.js'
import { operationGuard } from './model/operation.js'
import { isAnnounced, LaneGeneration, withdrawAnnouncement } from './state/generation.js'
import { initialise, isEmpty } from './state/initialise.js'
import { Snapshots } from './state/snapshot.js'
import { usualWindow } from './state/window.js'
import { Universe } from './universe.js'

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
  /** How deep metadata may be, in levels: 1 to 996. Default: 64. */
  maxMetadataDepth?: number | undefined
  /** How large metadata may be, in bytes of canonical JSON. Default: 1,048,576. */
  maxMetadataBytes?: number | undefined
  /** How the connections to PostgreSQL are made; elsewhere it is not looked at. */
  postgres?: PostgresOptions | undefined
}

/**
 * Opens a universe: a path, `':memory:'` for one that is gone when it is closed, or
 * `'postgres://user@host/database?schema=name'` for one that many processes share. Makes it where there is
 * none, and brings its schema up to date.
 *
 * @throws {NotFoundError} where there is none and `create` is false or `readOnly` true.
 * @throws {IntegrityError} for a file that is no universe or cannot be written.
 * @throws {MigrationError} for a schema that is not this program's, and one that is older where `migrate` is false.
 * @throws {BusyError} where another process keeps it busy, or its server does not answer.
 * @throws {ValidationError} for an address or options that are not valid.
 * @example
 * await using universe = await openUniverse('knowledge.db')
 */
export async function openUniverse<S extends Schema = Schema>(
  address: string,
  options: UniverseOptions<S> = {},
): Promise<Universe<S>> {
  checkOptions(options)
  const { readOnly = false, create = true, migrate = true } = options
  const { durability = 'full', busyTimeoutMs = 5_000, postgres } = options
  const settings = { readOnly, create, migrate, durability, busyTimeoutMs, postgres }
  return openOn(() => openDatabase(address, settings), address, options)
}

/**
 * Opens the universe in a database, which is closed with it.
 *
 * @internal
 */
export async function openOn<S extends Schema>(
  open: () => Promise<Database>,
  address: string,
  options: UniverseOptions<S>,
): Promise<Universe<S>> {
  const { owner = 'local', auditLog = true } = options
  const limits = {
    maxDepth: options.maxMetadataDepth ?? defaultJsonLimits.maxDepth,
    maxBytes: options.maxMetadataBytes ?? defaultJsonLimits.maxBytes,
  }
  const rules = options.schema === undefined ? undefined : new Rules(options.schema, limits)
  const database = await open()
  const { readOnly } = database
  const guard = operationGuard(limits)
  const committer: Committer = {
    ...{ database, lanes: new LaneGeneration(database), snapshots: new Snapshots(database) },
    ...{ queue: new Queue(), owner, auditLog, limits, window: usualWindow, guard, rules },
    writtenGuard: rules ? rules.guarded(guard) : guard,
    readCheck: options.validateReads ? rules : undefined,
  }
  try {
    const isNew = await database.read(isEmpty)
    if (isNew && readOnly) {
      throw new IntegrityError({
        reason: `${nameOf(address)} is not a universe yet: its tables are there, and nothing in them`,
        hint: 'Open it once for writing.',
      })
    }
    if (isNew) await database.write(() => initialise({ owner, auditLog, now: Date.now() }), asIfNot)
    else if (!readOnly && (await database.read(isAnnounced))) await database.write(withdrawAnnouncement, asIfNot)
    return new Universe<S>(committer)
  } catch (error) {
    await database.close()
    throw error
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
  'postgres',
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
    } else if (name === 'maxMetadataDepth' && value !== undefined && value > mostMetadataDepth) {
      check(name, `must be at most ${mostMetadataDepth}: SQLite reads no JSON of more than 1,000 levels`)
    }
  }
  if (options.postgres !== undefined) checkPostgres(options.postgres, check)
  if (issues.length > 0) throw invalid(issues)
}

function checkPostgres(options: PostgresOptions, check: (name: string, reason: string) => void): void {
  if (typeof options !== 'object' || options === null) {
    check('postgres', 'must be an object')
    return
  }
  for (const [key, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined) continue
    if (key === 'ssl') {
      if (typeof value !== 'boolean' && (typeof value !== 'object' || value === null)) {
        check('postgres/ssl', 'must be true, false, or an object of TLS options')
      }
    } else if (key === 'poolSize' || key === 'connectTimeoutMs' || key === 'idleTimeoutMs') {
      if (!(Number.isSafeInteger(value) && (value as number) >= 1)) {
        check(`postgres/${key}`, 'must be a positive whole number')
      }
    } else check(`postgres/${key}`, 'is no option of PostgreSQL')
  }
}

function invalid(issues: ValidationIssue[]): ValidationError {
  return new ValidationError({ what: 'The options are not valid', issues })
}
