/** A database as the rooms above see it, whichever it is. */
import type { Statement } from '../../queries/statement.js'
import type { Budget } from '../model/budget.js'
import type { Work } from './work.js'

/** How much an acknowledged commit survives: `full` a power cut too, `normal` a killed process. */
export type Durability = 'full' | 'normal'

export interface OpenOptions {
  readOnly: boolean
  /** Whether to make what is not there. */
  create: boolean
  /** Whether to bring an older schema up to date. */
  migrate: boolean
  durability: Durability
  /** How long to wait for other writers, in milliseconds. */
  busyTimeoutMs: number
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
   * Runs work in one read transaction: all of it sees one state. A statement that looks at the clock
   * ends when the budget does.
   */
  read<T>(work: () => Work<T>, budget?: Budget): T | Promise<T>
  /** Runs work in one write transaction: all of it or nothing. `BusyError` after the time-out. */
  write<T>(work: () => Work<T>): Promise<T>
  /** Copies a consistent state into a new file, which is on the disk when it has its name. */
  backup(path: string): Promise<void>
  /** What the database itself finds wrong with its pages; not `quick`: with its indexes and foreign keys too. */
  check(options: { quick: boolean }): string[]
  /** The size of the database and its log, in bytes. */
  size(): number
  close(): Promise<void>
  readonly readOnly: boolean
  readonly closed: boolean
}
