/** One SQLite connection with its cache of prepared statements. */
import type Driver from 'better-sqlite3'
import { clockFunction } from '../../../queries/clock.js'
import { type Batch, Given, type Statement } from '../../../queries/statement.js'
import type { Budget } from '../../model/budget.js'
import type { Request, Work } from '../work.js'

type Value = string | number | null | Uint8Array

interface Prepared {
  run: Driver.Statement<unknown[]>
  /** What is bound at each position: the value of this name, or (where there is none) a constant. */
  names: (string | undefined)[]
  constants: Value[]
}

/** How many rows a statement passes between two looks at the clock; a power of two. */
const rowsBetweenLooks = 1_024

/** A running statement cannot be interrupted from outside; what it calls for each row can throw. */
class Clock {
  budget: Budget | undefined
  private rows = 0

  constructor(driver: Driver.Database) {
    driver.function(clockFunction, { directOnly: true }, (_row: unknown) => {
      if ((++this.rows & (rowsBetweenLooks - 1)) === 0) this.budget?.check()
      return 1
    })
  }
}

export class SqliteConnection {
  private readonly prepared: Prepared[] = []
  private readonly beginRead: Driver.Statement
  private readonly beginWrite: Driver.Statement
  private readonly commit: Driver.Statement
  private readonly rollback: Driver.Statement
  private clock: Clock | undefined

  constructor(readonly driver: Driver.Database) {
    this.beginRead = driver.prepare('BEGIN')
    this.beginWrite = driver.prepare('BEGIN IMMEDIATE')
    this.commit = driver.prepare('COMMIT')
    this.rollback = driver.prepare('ROLLBACK')
  }

  all<G extends object, R>(statement: Statement<G, R>, given: G): R[] {
    const prepared = this.prepare(statement)
    return prepared.run.all(...bind(prepared, given)) as R[]
  }

  first<G extends object, R>(statement: Statement<G, R>, given: G): R | undefined {
    const prepared = this.prepare(statement)
    return prepared.run.get(...bind(prepared, given)) as R | undefined
  }

  each<G extends object>(statement: Statement<G, unknown>, given: Iterable<G>): void {
    const { batches } = statement
    if (batches) {
      this.inBatches(statement, batches, given)
      return
    }
    const prepared = this.prepare(statement)
    const values: Value[] = new Array(prepared.names.length)
    for (const one of given) prepared.run.run(...bind(prepared, one, values))
  }

  /** Runs a statement for as many rows at once as it takes, and for those that are left over in ever smaller batches. */
  private inBatches<G extends object>(
    statement: Statement<G, unknown>,
    batches: readonly Batch<unknown>[],
    given: Iterable<G>,
  ): void {
    const row = this.prepare(statement)
    const width = row.names.length
    const [largest, ...smaller] = batches as [Batch<unknown>, ...Batch<unknown>[]]
    const values: Value[] = new Array(largest.rows * width)
    let filled = 0
    for (const one of given) {
      bind(row, one, values, filled)
      filled += width
      if (filled < values.length) continue
      this.prepare(largest.statement).run.run(...values)
      filled = 0
    }
    let from = 0
    for (const { rows, statement: one } of [...smaller, { rows: 1, statement }]) {
      const size = rows * width
      for (; filled - from >= size; from += size) {
        this.prepare(one).run.run(...values.slice(from, from + size))
      }
    }
  }

  /** Runs work to its end, or that of the budget, inside whatever transaction is open. */
  perform<T>(work: Work<T>, budget?: Budget): T {
    let step = work.next()
    while (!step.done) {
      const answer = this.answer(step.value)
      budget?.check()
      step = work.next(answer)
    }
    return step.value
  }

  /** Runs work in a read transaction: one state for all of its statements, which end when the budget does. It is looked at after each. */
  read<T>(work: Work<T>, budget?: Budget): T {
    if (budget?.timed) {
      this.clock ??= new Clock(this.driver)
      this.clock.budget = budget
    }
    return this.within(this.beginRead, work, budget)
  }

  /** Runs work in a write transaction that is locked from its start. */
  write<T>(work: Work<T>): T {
    return this.within(this.beginWrite, work)
  }

  private within<T>(begin: Driver.Statement, work: Work<T>, budget?: Budget): T {
    begin.run()
    try {
      const result = this.perform(work, budget)
      this.commit.run()
      return result
    } catch (error) {
      // SQLite ends the transaction itself after some errors (a full disk).
      if (this.driver.inTransaction) this.rollback.run()
      throw error
    }
  }

  private answer(request: Request): unknown {
    if (request.kind === 'together') return request.requests.map((one) => this.answer(one))
    const statement = request.statement as Statement<object, unknown>
    if (request.kind === 'each') return this.each(statement, request.given)
    return request.kind === 'all' ? this.all(statement, request.given) : this.first(statement, request.given)
  }

  private prepare(statement: Statement<never, unknown> | Statement<object, unknown>): Prepared {
    let prepared = this.prepared[statement.number]
    if (prepared === undefined) {
      const { sql, parameters } = statement.compile('sqlite')
      prepared = {
        run: statement.asArrays ? this.driver.prepare(sql).raw() : this.driver.prepare(sql),
        names: parameters.map((parameter) => (parameter instanceof Given ? parameter.name : undefined)),
        constants: parameters.map((parameter) => (parameter instanceof Given ? null : (parameter as Value))),
      }
      this.prepared[statement.number] = prepared
    }
    return prepared
  }
}

/**
 * The values to bind, put into a list from a place on. The driver takes arguments in three quarters of the time that
 * it takes for an array of them.
 */
function bind(
  { names, constants }: Prepared,
  given: object,
  values: Value[] = new Array(names.length),
  from = 0,
): Value[] {
  for (let index = 0; index < names.length; index++) {
    const name = names[index]
    if (name === undefined) {
      values[from + index] = constants[index] as Value
      continue
    }
    const value = (given as Record<string, Value | undefined>)[name]
    values[from + index] = typeof value === 'object' && Array.isArray(value) ? JSON.stringify(value) : (value as Value)
  }
  return values
}
