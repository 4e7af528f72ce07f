/**
 * A universe in a SQLite file, or in memory.
 *
 * A file has a writer and a reader of its own: reads never see an open transaction and never wait
 * for it. `:memory:` has one connection; work on it is synchronous, so nothing comes between.
 */
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type Driver from 'better-sqlite3'
import { dropPlanStatistics, ownTables, tableNames } from '../../../queries/maintenance.js'
import type { Statement } from '../../../queries/statement.js'
import type { Budget } from '../../model/budget.js'
import {
  AlreadyExistsError,
  BusyError,
  ClosedError,
  IntegrityError,
  MigrationError,
  NotFoundError,
  ValidationError,
} from '../../model/errors.js'
import { isText } from '../../model/json.js'
import type { Database, OpenOptions } from '../database.js'
import { factsOf, fileError, isSystemError } from '../file.js'
import { checkSchema, missingMigrations } from '../schema.js'
import type { Work } from '../work.js'
import { SqliteConnection } from './connection.js'
import { copyBeside, placeCopy, removeCopy } from './copy.js'
import { openDriver } from './driver.js'
import { isBusy, translate } from './errors.js'
import { whenFree } from './wait.js'

const memory = ':memory:'
const checkpointPages = 4_000
/** A reader maps the file: its cache holds no more than the pages that are still in the log. */
const cacheKibibytes = { writer: 32_768, reader: 16_384 }
/** No database is smaller. */
const leastBytes = 512
/** How much of a file is read through memory maps, at most. */
const mappedBytes = 2 ** 30

/**
 * Opens a database of SQLite and brings its schema up to date.
 *
 * @throws {NotFoundError} where there is no file and none may be made.
 * @throws {IntegrityError} for a file that is no universe.
 * @throws {MigrationError} for a schema that is not this program's.
 */
export async function openSqlite(path: string, options: OpenOptions): Promise<Database> {
  checkFile(path, options)
  try {
    return await whenFree(options.busyTimeoutMs, () => connect(path, options))
  } catch (error) {
    throw translate(error, path)
  }
}

/** Opens the connections; leaves none open where another connection's lock is in the way. */
async function connect(path: string, options: OpenOptions): Promise<Database> {
  const opened: Driver.Database[] = []
  try {
    const open = (readonly: boolean) => {
      const driver = openDriver(path, { readonly, timeout: 0 })
      opened.push(driver)
      return driver
    }
    const readOnly = options.readOnly
    const driver = open(readOnly)
    const writer = new SqliteConnection(driver)
    if (readOnly) checkTables(writer, path, false)
    else {
      checkTables(writer, path, true)
      await prepareForWriting(writer, path, options)
    }
    writer.perform(checkSchema(path))
    const reader = path === memory || readOnly ? writer : new SqliteConnection(open(true))
    setUp(driver, options)
    if (reader !== writer) setUp(reader.driver, options)
    return new SqliteDatabase(path, writer, reader, options)
  } catch (error) {
    for (const driver of opened) driver.close()
    throw error
  }
}

/** Refuses, before anything is opened or made, what cannot become this universe. */
function checkFile(path: string, { readOnly, create, migrate }: OpenOptions): void {
  if (path === memory) {
    if (!readOnly) return
    const issues = [{ path: '/readOnly', reason: 'a universe in memory is new: there is nothing to read' }]
    throw new ValidationError({ what: 'The options are not valid', issues })
  }
  const facts = factsOf(path)
  if (facts?.isDirectory()) throw new IntegrityError({ reason: `${path} is a directory, not a universe` })
  // SQLite makes a database of an empty file, as of none.
  if (facts === undefined || facts.size === 0) {
    if (readOnly || !create) throw new NotFoundError({ what: 'The universe', id: path })
    if (!migrate) {
      const reason = `${path} is not there yet, and making it is a migration`
      throw new MigrationError({ reason, hint: 'Open it with { migrate: true }.' })
    }
    if (!existsSync(dirname(path))) throw new NotFoundError({ what: 'The folder', id: dirname(path) })
    return
  }
  // SQLite would make a database of it. The rest is left to SQLite: to open and close the file here would
  // take away the locks that this process has on it, if it is open in another part of the program.
  if (facts.size < leastBytes) {
    throw new IntegrityError({ reason: `${path} is not a universe: the file is no SQLite database` })
  }
}

class SqliteDatabase implements Database {
  closed = false
  readonly readOnly: boolean
  private synchronousChecked = false

  constructor(
    private readonly path: string,
    private readonly writer: SqliteConnection,
    private readonly reader: SqliteConnection,
    private readonly options: OpenOptions,
  ) {
    this.readOnly = options.readOnly
  }

  first<G extends object, R>(statement: Statement<G, R>, given: G): R | undefined {
    if (this.closed) throw new ClosedError()
    try {
      return this.reader.first(statement, given)
    } catch (error) {
      throw translate(error, this.path)
    }
  }

  all<G extends object, R>(statement: Statement<G, R>, given: G): R[] {
    if (this.closed) throw new ClosedError()
    try {
      return this.reader.all(statement, given)
    } catch (error) {
      throw translate(error, this.path)
    }
  }

  read<T>(work: () => Work<T>, budget?: Budget): T {
    if (this.closed) throw new ClosedError()
    try {
      return this.reader.read(work(), budget)
    } catch (error) {
      throw translate(error, this.path)
    }
  }

  /** On the writer's connection: what the reader reads it maps, and what is mapped counts as memory of the process. */
  scan<T>(work: () => Work<T>): T {
    if (this.closed) throw new ClosedError()
    try {
      return this.writer.read(work())
    } catch (error) {
      throw translate(error, this.path)
    }
  }

  ask<T>(work: () => Work<T>): T {
    return this.read(work)
  }

  async write<T>(work: () => Work<T>): Promise<T> {
    const { busyTimeoutMs } = this.options
    try {
      return await whenFree(busyTimeoutMs, () => {
        if (this.closed) throw new ClosedError()
        if (this.readOnly) throw new IntegrityError({ reason: `${this.path} was opened to be read only` })
        const result = this.writer.write(work())
        this.checkSynchronous()
        return result
      })
    } catch (error) {
      if (!isBusy(error)) throw translate(error, this.path)
      const reason = `${this.path} was kept busy by another writer for ${busyTimeoutMs} ms`
      throw new BusyError({ reason, cause: error })
    }
  }

  /** Nothing keeps other processes out but a transaction, which may not wait for anything. */
  alone<T>(act: () => Promise<T>): Promise<T> {
    return act()
  }

  async backup(path: string): Promise<void> {
    if (this.closed) throw new ClosedError()
    if (!isText(path) || path === '') {
      throw new ValidationError({ what: 'The backup is not valid', issues: [{ path: '', reason: 'needs a path' }] })
    }
    if (factsOf(path)) throw new AlreadyExistsError({ what: 'The file', id: path })
    try {
      const copy = copyBeside(this.reader.driver, path)
      try {
        placeCopy(copy, path)
      } finally {
        removeCopy(copy)
      }
    } catch (error) {
      // What the system says is of the new file, what SQLite says is of this one.
      throw isSystemError(error) ? fileError(error, path) : translate(error, this.path)
    }
  }

  check({ quick }: { quick: boolean }): string[] {
    if (this.closed) throw new ClosedError()
    try {
      const { driver } = this.reader
      const pages = driver.pragma(quick ? 'quick_check' : 'integrity_check') as Record<string, string>[]
      const keys = quick ? [] : (driver.pragma('foreign_key_check') as { table: string; parent: string }[])
      return [
        ...pages.flatMap((row) => Object.values(row)).filter((text) => text !== 'ok'),
        ...keys.map(({ table, parent }) => `a row of ${table} refers to a row of ${parent} that is not there`),
      ]
    } catch (error) {
      return [(translate(error, this.path) as Error).message]
    }
  }

  size(): number {
    if (this.closed) throw new ClosedError()
    if (this.path === memory) {
      const pages = this.reader.driver.pragma('page_count', { simple: true }) as number
      return pages * (this.reader.driver.pragma('page_size', { simple: true }) as number)
    }
    return ['', '-wal'].reduce((sum, suffix) => {
      const file = this.path + suffix
      return sum + (existsSync(file) ? statSync(file).size : 0)
    }, 0)
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    if (this.reader !== this.writer) this.reader.driver.close()
    this.writer.driver.close()
  }

  /** better-sqlite3's build falls back to NORMAL after the first write, which loses commits in a power cut. */
  private checkSynchronous(): void {
    if (this.synchronousChecked) return
    this.synchronousChecked = true
    const wanted = synchronous[this.options.durability]
    if (this.writer.driver.pragma('synchronous', { simple: true }) === wanted) return
    this.writer.driver.pragma(`synchronous = ${wanted}`)
  }
}

const synchronous = { normal: 1, full: 2 } as const

/** Refuses a file with tables of somebody else's; an empty one is a universe to be. */
export function checkTables(connection: SqliteConnection, path: string, mayBeEmpty: boolean): void {
  const names = new Set(connection.all(tableNames, {}).map(({ name }) => name))
  if (ownTables.every((name) => names.has(name))) return
  const foreign = [...names].filter((name) => !name.startsWith('sqlite_') && !name.startsWith('kysely_'))
  if (foreign.length > 0 || !mayBeEmpty) {
    throw new IntegrityError({ reason: `${path} is not a universe: it is a database of something else` })
  }
}

async function prepareForWriting(connection: SqliteConnection, path: string, options: OpenOptions): Promise<void> {
  const { driver } = connection
  if (path !== memory) driver.pragma('journal_mode = WAL')
  if (options.migrate && connection.perform(missingMigrations()).length > 0) {
    const { migrateToLatest } = await import('./migrate.js')
    await migrateToLatest(driver)
  }
  const statistics = connection.all(tableNames, {}).some(({ name }) => name === 'sqlite_stat4')
  if (statistics) connection.each(dropPlanStatistics, [{}])
}

function setUp(driver: Driver.Database, options: OpenOptions): void {
  driver.pragma('foreign_keys = ON')
  driver.pragma(`cache_size = -${cacheKibibytes[driver.readonly ? 'reader' : 'writer']}`)
  driver.pragma(`synchronous = ${synchronous[options.durability]}`)
  if (driver.readonly) {
    // A page that the cache does not hold costs no call of the system then.
    driver.pragma(`mmap_size = ${mappedBytes}`)
    // A read waits here alone: for a log that another process recovers.
    driver.pragma(`busy_timeout = ${options.busyTimeoutMs}`)
    return
  }
  // Writers wait in `write`, where the process goes on meanwhile.
  driver.pragma('busy_timeout = 10')
  // Pages that several commits write reach the database once.
  driver.pragma(`wal_autocheckpoint = ${checkpointPages}`)
}
