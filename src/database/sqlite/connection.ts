/** One SQLite connection with its cache of prepared statements. */
import type Driver from 'better-sqlite3'
import { Given, type Statement } from '../../../queries/statement.js'
import type { Request, Work } from '../work.js'

type Value = string | number | null | Uint8Array

interface Prepared {
  run: Driver.Statement<unknown[]>
  /** Values by position: a name to look up, or a constant. */
  bindings: (Given | Value)[]
}

export class SqliteConnection {
  private readonly prepared: Prepared[] = []
  private readonly beginRead: Driver.Statement
  private readonly beginWrite: Driver.Statement
  private readonly commit: Driver.Statement
  private readonly rollback: Driver.Statement

  constructor(readonly driver: Driver.Database) {
    this.beginRead = driver.prepare('BEGIN')
    this.beginWrite = driver.prepare('BEGIN IMMEDIATE')
    this.commit = driver.prepare('COMMIT')
    this.rollback = driver.prepare('ROLLBACK')
  }

  all<G extends object, R>(statement: Statement<G, R>, given: G): R[] {
    const prepared = this.prepare(statement)
    return prepared.run.all(bind(prepared.bindings, given)) as R[]
  }

  first<G extends object, R>(statement: Statement<G, R>, given: G): R | undefined {
    const prepared = this.prepare(statement)
    return prepared.run.get(bind(prepared.bindings, given)) as R | undefined
  }

  each<G extends object>(statement: Statement<G, unknown>, given: readonly G[]): void {
    const { run, bindings } = this.prepare(statement)
    for (const one of given) run.run(bind(bindings, one))
  }

  /** Runs work to its end, inside whatever transaction is open. */
  perform<T>(work: Work<T>): T {
    let step = work.next()
    while (!step.done) step = work.next(this.answer(step.value))
    return step.value
  }

  /** Runs work in a read transaction: one state for all of its statements. */
  read<T>(work: Work<T>): T {
    return this.within(this.beginRead, work)
  }

  /** Runs work in a write transaction that is locked from its start. */
  write<T>(work: Work<T>): T {
    return this.within(this.beginWrite, work)
  }

  private within<T>(begin: Driver.Statement, work: Work<T>): T {
    begin.run()
    try {
      const result = this.perform(work)
      this.commit.run()
      return result
    } catch (error) {
      // SQLite ends the transaction itself after some errors (a full disk).
      if (this.driver.inTransaction) this.rollback.run()
      throw error
    }
  }

  private answer(request: Request): unknown {
    const statement = request.statement as Statement<object, unknown>
    if (request.kind === 'each') return this.each(statement, request.given)
    return request.kind === 'all' ? this.all(statement, request.given) : this.first(statement, request.given)
  }

  private prepare(statement: Statement<never, unknown> | Statement<object, unknown>): Prepared {
    let prepared = this.prepared[statement.number]
    if (prepared === undefined) {
      const { sql, parameters } = statement.compile('sqlite')
      prepared = { run: this.driver.prepare(sql), bindings: parameters as (Given | Value)[] }
      this.prepared[statement.number] = prepared
    }
    return prepared
  }
}

function bind(bindings: (Given | Value)[], given: object): Value[] {
  const values: Value[] = new Array(bindings.length)
  for (let index = 0; index < bindings.length; index++) {
    const binding = bindings[index] as Given | Value
    if (!(binding instanceof Given)) {
      values[index] = binding
      continue
    }
    const value = (given as Record<string, Value | undefined>)[binding.name]
    values[index] = Array.isArray(value) ? JSON.stringify(value) : (value as Value)
  }
  return values
}
