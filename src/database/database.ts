/** A database as the rooms above see it, whichever it is. */
import type { ConnectionOptions } from 'node:tls'
import type { Statement } from '../../queries/statement.js'
import type { Budget } from '../model/budget.js'
import type { Work } from './work.js'

/** How much an acknowledged commit survives: `full` a power cut too, `normal` a killed process. */
export type Durability = 'full' | 'normal'

/** How the connections to PostgreSQL are made. */
export interface PostgresOptions {
  /** How many connections there are at most. Default: the URL's `pool_size`, or 10. */
  poolSize?: number | undefined
  /** How long a connection may take to be made, in milliseconds. Default: the URL's `connect_timeout` (in seconds), or 1,500. */
  connectTimeoutMs?: number | undefined
  /** How long a connection that is not used is kept, in milliseconds. Default: 10,000. */
  idleTimeoutMs?: number | undefined
  /** TLS, as Node's `tls.connect` takes it. Default: what the URL's `sslmode` says. */
  ssl?: boolean | ConnectionOptions | undefined
}

export interface OpenOptions {
  readOnly: boolean
  /** Whether to make what is not there. */
  create: boolean
  /** Whether to bring an older schema up to date. */
  migrate: boolean
  durability: Durability
  /** How long to wait for other writers, in milliseconds. */
  busyTimeoutMs: number
  postgres?: PostgresOptions | undefined
}

/** How a backup takes the place of a database. */
export interface RestoreSettings {
  /** Whether a file that is there is replaced. */
  overwrite: boolean
  /** How long to wait for others to close it, in milliseconds. */
  busyTimeoutMs: number
}

export interface Database {
  /** One statement's first row, in a transaction of its own. */
  first<G extends object, R>(statement: Statement<G, R>, given: G): R | undefined | Promise<R | undefined>
  /** One statement's rows, in a transaction of its own. */
  all<G extends object, R>(statement: Statement<G, R>, given: G): R[] | Promise<R[]>
  /**
   * Runs work in one read transaction: all of it sees one state. A statement that looks at the clock ends when
   * the budget does, any other work after the statement that was under way. Where a connection is lost the work is
   * run again, from its start: what is outside of it may change only when this has answered.
   */
  read<T>(work: () => Work<T>, budget?: Budget): T | Promise<T>
  /** As `read`, for what goes through whole tables and needs each row once: none of it stays in the reader's memory. */
  scan<T>(work: () => Work<T>): T | Promise<T>
  /**
   * Runs work whose answers do not depend on when they are given: no transaction holds its statements together.
   */
  ask<T>(work: () => Work<T>): T | Promise<T>
  /**
   * Runs work in one write transaction: all of it or nothing. `BusyError` after the time-out. Where it is
   * lost whether it was written, `written` finds out: what it was to return, or undefined where it was not.
   * As in `read`, the work may be run more than once. The budget is that of the wait for a server.
   */
  write<T>(work: () => Work<T>, written?: () => Work<T | undefined>, budget?: Budget): Promise<T>
  /**
   * Does something while no other process writes, as far as the database can see to it and for about a second: what
   * is read then still stands when it is written on.
   */
  alone<T>(act: () => Promise<T>): Promise<T>
  /** Copies a consistent state into a new file, which is on the disk when it has its name. */
  backup(path: string): Promise<void>
  /** What the database itself finds wrong with its pages; not `quick`: with its indexes and foreign keys too. */
  check(options: { quick: boolean }): string[] | Promise<string[]>
  /** The size of the database and its log, in bytes. */
  size(): number | Promise<number>
  close(): Promise<void>
  readonly readOnly: boolean
  readonly closed: boolean
}
