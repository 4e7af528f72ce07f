/**
 * A universe on PostgreSQL, in a schema of its own.
 *
 * A read sees one snapshot. A write holds the counter row from its start to its end, so that the order of
 * sequences is the order in which versions become visible; what it reads then is what stands, whoever
 * wrote it. What another connection or a lost one undid is done again, from its start.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  databaseSize,
  flushLog,
  lockConfig,
  lockCounter,
  lockLightly,
  serverEncoding,
  shareTurn,
  tableNames,
  takeTurn,
} from '../../../queries/maintenance.js'
import type { Statement } from '../../../queries/statement.js'
import type { Budget } from '../../model/budget.js'
import { BusyError, ClosedError, IntegrityError, NotFoundError, ValidationError } from '../../model/errors.js'
import type { Database, OpenOptions } from '../database.js'
import { checkSchema, missingMigrations } from '../schema.js'
import type { Work } from '../work.js'
import { type Address, readAddress } from './address.js'
import type { Client, Pool } from './client.js'
import { beginLocking, perform, Statements, Transaction } from './connection.js'
import { Connections, end, isBroken } from './connections.js'
import { isFailure, OutcomeUnknownError, translate } from './errors.js'
import { makePool } from './pool.js'
import { isUniverse } from './tables.js'
import { inTime, Overdue, timed } from './time.js'

/** How often a write begins again because of others. */
const mostRuns = 50
/** How long it is waited for the turn, and how long it is kept by who does nothing with it. */
const turnMs = 1_000

/**
 * Opens a universe on a server and brings its schema up to date.
 *
 * @throws {ValidationError} for an address that is none, and where the package `pg` is not installed.
 * @throws {NotFoundError} where there is no universe and none may be made.
 * @throws {IntegrityError} for a schema with other tables of our names.
 * @throws {MigrationError} for a schema that is not this program's.
 * @throws {BusyError} where the server does not answer.
 */
export async function openPostgres(text: string, options: OpenOptions): Promise<Database> {
  const address = readAddress(text)
  return openOver(await makePool(address, options.postgres ?? {}), address, options)
}

/** Opens a universe over a pool, which is ended with it. */
export async function openOver(
  pool: Pool,
  { schema, name }: Pick<Address, 'schema' | 'name'>,
  options: OpenOptions,
): Promise<Database> {
  const statements = new Statements(schema)
  const database = new PostgresDatabase(new Connections(pool, statements, name), statements, name, options)
  try {
    await database.prepare()
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

class PostgresDatabase implements Database {
  readonly readOnly: boolean
  /** Whether commits are brought to the disk when they have let others go on. */
  private flushesLater: boolean
  /** How often somebody here has the turn now. */
  private alones = 0

  constructor(
    private readonly connections: Connections,
    private readonly statements: Statements,
    private readonly name: string,
    private readonly options: OpenOptions,
  ) {
    this.readOnly = options.readOnly
    this.flushesLater = options.durability === 'full'
  }

  get closed(): boolean {
    return this.connections.closed
  }

  /** Looks at what is there, and makes what may be made. */
  async prepare(): Promise<void> {
    const { create, migrate, readOnly } = this.options
    const encoding = (await this.first(serverEncoding, {}))?.encoding
    if (encoding !== 'UTF8') {
      const hint = 'Make a database for it: createdb --encoding=UTF8 --template=template0.'
      throw new IntegrityError({ reason: `${this.name} has the encoding ${encoding}, and a universe needs UTF8`, hint })
    }
    const names = new Set((await this.all(tableNames, {})).map(({ name }) => name))
    const isThere = isUniverse(names, this.name)
    if (!isThere && (readOnly || !create)) throw new NotFoundError({ what: 'The universe', id: this.name })
    if (!readOnly && migrate && (!isThere || (await this.read(missingMigrations)).length > 0)) {
      const { migrateToLatest } = await import('./migrate.js')
      const settings = { schema: this.statements.schema, busyTimeoutMs: this.options.busyTimeoutMs }
      await this.connections.lend((client) => migrateToLatest(client, settings))
    }
    await this.read(() => checkSchema(this.name))
  }

  async first<G extends object, R>(statement: Statement<G, R>, given: G): Promise<R | undefined> {
    return (await this.all(statement, given))[0]
  }

  all<G extends object, R>(statement: Statement<G, R>, given: G): Promise<R[]> {
    return this.connections.lend(async (client) => {
      return (await client.query(this.statements.query(statement, given))).rows as R[]
    })
  }

  async read<T>(work: () => Work<T>, budget?: Budget): Promise<T> {
    try {
      return await this.connections.lend((client) => inTime(this.readOnce(client, work, budget), budget), {
        inTransaction: true,
        budget,
      })
    } catch (error) {
      throw error instanceof Overdue ? error.cause : error
    }
  }

  private async readOnce<T>(client: Client, work: () => Work<T>, budget: Budget | undefined): Promise<T> {
    const transaction = new Transaction(budget?.timed ? timed(client, budget) : client, this.statements)
    try {
      const begun = transaction.send({ text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' })
      begun.catch(() => {})
      const result = await transaction.perform(work(), begun, budget)
      await transaction.settled()
      return result
    } catch (error) {
      if (isFailure(error, 'busy')) budget?.check()
      throw error
    }
  }

  scan<T>(work: () => Work<T>): Promise<T> {
    return this.read(work)
  }

  ask<T>(work: () => Work<T>): Promise<T> {
    return this.connections.lend((client) => perform(client, this.statements, work()))
  }

  async write<T>(work: () => Work<T>, written?: () => Work<T | undefined>, budget?: Budget): Promise<T> {
    let lock: Lock = lockCounter
    let unknown: OutcomeUnknownError | undefined
    for (let run = 1; ; run++) {
      if (this.closed) throw unknown ?? new ClosedError()
      if (this.readOnly) throw new IntegrityError({ reason: `${this.name} was opened to be read only` })
      const next = unknown && written ? settling(written, work) : work
      try {
        return await this.connections.lend((client) => this.writeOnce(client, next, lock, budget), { budget })
      } catch (error) {
        if (error instanceof NoCounter) {
          lock = lockConfig
          continue
        }
        if (error instanceof Overdue) throw unknown ?? error.cause
        if (error instanceof OutcomeUnknownError) {
          unknown = error
          if (written === undefined || run >= mostRuns || error.cause instanceof Overdue) throw error
        } else if (!(error instanceof BeginAgain)) throw error instanceof BusyError ? (unknown ?? error) : error
        else if (run >= mostRuns) throw unknown ?? translate(error.cause, this.name)
      }
      await sleep(Math.random() * Math.min(2 ** run, 100))
    }
  }

  private async writeOnce<T>(client: Client, work: () => Work<T>, lock: Lock, budget: Budget | undefined): Promise<T> {
    const transaction = new Transaction(client, this.statements)
    let isCommitting = false
    let isCommitted = false
    const write = async () => {
      const begun = this.begin(transaction, lock)
      begun.catch(() => {})
      const result = await transaction.perform(work(), begun, budget)
      await begun
      isCommitting = true
      const committed = transaction.send({ text: 'COMMIT' })
      committed.catch(() => {})
      const flushed = this.flush(client)
      flushed.catch(() => {})
      await transaction.settled()
      const { command } = await committed
      if (command !== 'COMMIT') throw new Error(`The transaction ended with ${command}`)
      isCommitted = true
      await flushed.catch((error: unknown) => this.flushOtherwise(client, error))
      return result
    }
    try {
      return await inTime(write(), budget)
    } catch (error) {
      const isLost = isBroken(error)
      if (isLost ? isCommitting : isCommitted) throw new OutcomeUnknownError({ name: this.name, cause: error })
      if (isLost) throw error
      await client.query({ text: 'ROLLBACK' })
      if (isFailure(error, 'again')) throw new BeginAgain('', { cause: error })
      throw error
    }
  }

  /**
   * Waits until what was committed is on the disk. Not while the row is held: writers that come one after
   * the other wait for the disk together.
   */
  private async flush(client: Client): Promise<void> {
    if (this.flushesLater) await client.query({ text: this.statements.query(flushLog, {}).text })
  }

  /** No function of that name, or not for everybody: from now on commits wait for the disk themselves. This one has to. */
  private async flushOtherwise(client: Client, error: unknown): Promise<void> {
    if (isFailure(error, 'lost')) throw error
    this.flushesLater = false
    await client.query({ text: this.beginWrite })
    await client.query(this.statements.query(lockLightly, {}))
    await client.query({ text: 'COMMIT' })
  }

  /** Begins to write. What is read after it stands until the transaction ends. */
  private async begin(transaction: Transaction, lock: Lock): Promise<void> {
    const begun = transaction.send({ text: this.beginWrite })
    // Who is alone has the turn already.
    if (this.alones === 0) transaction.send(this.statements.query(shareTurn, {})).catch(() => {})
    const locked = transaction.send(this.statements.query(lock, {}))
    locked.catch(() => {})
    await begun
    if ((await locked).rows.length === 0 && lock === lockCounter) throw new NoCounter()
  }

  private get beginWrite(): string {
    const { busyTimeoutMs, durability } = this.options
    const begin = beginLocking('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE', busyTimeoutMs)
    const isAsynchronous = durability === 'normal' || this.flushesLater
    return isAsynchronous ? `${begin}; SET LOCAL synchronous_commit = off` : begin
  }

  async alone<T>(act: () => Promise<T>): Promise<T> {
    // What is done needs a connection too.
    if (this.connections.size < 2) return act()
    const client = await this.takeTurn()
    this.alones++
    try {
      return await act()
    } finally {
      this.alones--
      if (client) end(client, 'COMMIT')
    }
  }

  /** A connection whose transaction has the turn; undefined where it was not to be had. */
  private takeTurn(): Promise<Client | undefined> {
    return this.connections.take().then(
      async (client) => {
        try {
          await client.query({ text: beginLocking('BEGIN', turnMs, turnMs) })
          await client.query(this.statements.query(takeTurn, {}))
          return client
        } catch {
          end(client, 'ROLLBACK')
          return undefined
        }
      },
      () => undefined,
    )
  }

  async backup(): Promise<void> {
    if (this.closed) throw new ClosedError()
    const issues = [{ path: '', reason: `${this.name} is on a server: it is backed up there, with pg_dump` }]
    throw new ValidationError({
      what: 'The backup is not possible',
      issues,
      hint: 'Use pg_dump, or export the versions.',
    })
  }

  /** The server looks after its pages itself. */
  check(): string[] {
    if (this.closed) throw new ClosedError()
    return []
  }

  async size(): Promise<number> {
    return (await this.first(databaseSize, {}))?.bytes ?? 0
  }

  async close(): Promise<void> {
    await this.connections.end()
  }
}

type Lock = typeof lockCounter | typeof lockConfig

/**
 * What is done where nobody knows whether it was done already. It is looked for while the counter row is held: until
 * then the lost transaction may still be on its way to its end.
 */
function settling<T>(written: () => Work<T | undefined>, work: () => Work<T>): () => Work<T> {
  return function* () {
    return (yield* written()) ?? (yield* work())
  }
}

/** What another transaction did makes a write begin again. */
class BeginAgain extends Error {}

/** A universe to be has no counter yet. */
class NoCounter extends Error {}
