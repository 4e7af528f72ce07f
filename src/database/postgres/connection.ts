/**
 * Statements on PostgreSQL: compiled for one schema, prepared by name, bound from what is given.
 *
 * Tables are named with their schema, so that nothing depends on what a session was told before: a
 * pooler may give each transaction another one. A prepared statement has the same name wherever it has
 * the same text, for the same reason.
 */
import { createHash } from 'node:crypto'
import { Given, type Statement } from '../../../queries/statement.js'
import { allTables } from '../../../queries/tables.js'
import type { Budget } from '../../model/budget.js'
import { isText } from '../../model/json.js'
import type { Request, Work } from '../work.js'
import type { Answer, Client, Query } from './client.js'

interface Prepared {
  text: string
  name: string
  /** What is bound at each position: the value of this name, or (where there is none) a constant. */
  names: (string | undefined)[]
  constants: unknown[]
}

/** Rows that are written are sent so many at a time, or so many characters. */
const mostRows = 5_000
const mostCharacters = 4 * 1_048_576
/** And so many statements at a time wait for their answers. */
const mostWaiting = 8

export class Statements {
  private readonly prepared: Prepared[] = []

  /** `named`: whether statements are prepared by name. A pooler may lose what was prepared. */
  constructor(
    readonly schema: string,
    public named = true,
  ) {}

  /** The query of one statement, for its rows. */
  query<G extends object>(statement: Statement<G, unknown>, given: G): Query {
    const prepared = this.prepare(statement)
    return this.queryOf(prepared, statement, bind(prepared, given as Record<string, unknown>))
  }

  /** The queries that write all of what is given. */
  *writes(statement: Statement<never, unknown>, given: Iterable<object>): Generator<Query> {
    const prepared = this.prepare(statement)
    if (!statement.takesRows) {
      for (const one of given) yield this.queryOf(prepared, statement, bind(prepared, one as Record<string, unknown>))
      return
    }
    for (const arrays of chunksOf(prepared.names, given)) yield this.queryOf(prepared, statement, arrays)
  }

  private queryOf({ text, name }: Prepared, { asArrays }: { asArrays?: boolean }, values: unknown[]): Query {
    const query: Query = { text, values }
    if (this.named) query.name = name
    if (asArrays) query.rowMode = 'array'
    return query
  }

  private prepare(statement: Pick<Statement<never, unknown>, 'number' | 'compile'>): Prepared {
    let prepared = this.prepared[statement.number]
    if (prepared === undefined) {
      const { sql, parameters } = statement.compile('postgres')
      const text = inSchema(sql, this.schema)
      prepared = {
        text,
        name: `iu_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`,
        names: parameters.map((parameter) => (parameter instanceof Given ? parameter.name : undefined)),
        constants: parameters.map((parameter) => (parameter instanceof Given ? null : parameter)),
      }
      this.prepared[statement.number] = prepared
    }
    return prepared
  }
}

/**
 * Work in a transaction of one client. What begins the transaction, and what is written, is sent without
 * waiting for the answer: the server does one after the other, and the first failure is the reason of all
 * that follow.
 */
export class Transaction {
  private readonly sent: Promise<unknown>[] = []
  private failure: { error: unknown } | undefined

  constructor(
    private readonly client: Client,
    private readonly statements: Statements,
  ) {}

  /** Runs work to its end, or that of the budget. Nothing is written before `begun` is there. */
  async perform<T>(work: Work<T>, begun: Promise<unknown>, budget?: Budget): Promise<T> {
    let step = work.next()
    while (!step.done) {
      const answer = await this.answer(step.value, begun)
      budget?.check()
      step = work.next(answer)
    }
    return step.value
  }

  /** Sends a query; whoever needs its answer waits for it. */
  send(query: Query): Promise<Answer> {
    const answer = this.client.query(query)
    this.sent.push(
      answer.catch((error: unknown) => {
        this.failure ??= { error }
      }),
    )
    return answer
  }

  /** Waits for the answers to all that was sent. */
  async settled(): Promise<void> {
    await Promise.all(this.sent)
    this.sent.length = 0
    if (this.failure) throw this.failure.error
  }

  private async answer(request: Request, begun: Promise<unknown>): Promise<unknown> {
    const answer = await this.ask(request, begun)
    // Writes go on: only who asks must know that all before has been done.
    if (request.kind !== 'each') await this.settled()
    return answer
  }

  /** Sends what is asked, all of it at once. What fails is told by `settled`. */
  private ask(request: Request, begun: Promise<unknown>): Promise<unknown> {
    const { kind } = request
    if (kind === 'together') return Promise.all(request.requests.map((one) => this.ask(one, begun)))
    if (kind === 'each') return begun.then(() => this.write(request.statement, request.given))
    const query = this.statements.query(request.statement as Statement<object, unknown>, request.given)
    return this.send(query).then(
      ({ rows }) => (kind === 'all' ? rows : rows[0]),
      () => undefined,
    )
  }

  private async write(statement: Statement<never, unknown>, given: Iterable<object>): Promise<void> {
    for (const query of this.statements.writes(statement, given)) {
      this.send(query).catch(() => {})
      if (this.sent.length >= mostWaiting) await this.settled()
    }
  }
}

/** Runs work to its end in whatever transaction the client has open. */
export async function perform<T>(client: Client, statements: Statements, work: Work<T>): Promise<T> {
  const transaction = new Transaction(client, statements)
  const result = await transaction.perform(work, Promise.resolve())
  await transaction.settled()
  return result
}

function bind({ names, constants }: Prepared, given: Record<string, unknown>): unknown[] {
  return names.map((name, index) => {
    if (name === undefined) return constants[index]
    const value = given[name]
    return typeof value === 'string' && !isText(value) ? noName : value
  })
}

/** What no name is, in place of one that the server would refuse, or take for another: it is not there. */
const noName = '\u0001'

/** An array for each name, of as many rows as are sent at a time. */
function* chunksOf(names: readonly (string | undefined)[], given: Iterable<object>): Generator<unknown[][]> {
  let arrays: unknown[][] = names.map(() => [])
  let characters = 0
  for (const one of given) {
    names.forEach((name, index) => {
      const value = (one as Record<string, unknown>)[name as string]
      if (typeof value === 'string') characters += value.length
      ;(arrays[index] as unknown[]).push(value)
    })
    if ((arrays[0] as unknown[]).length < mostRows && characters < mostCharacters) continue
    yield arrays
    arrays = names.map(() => [])
    characters = 0
  }
  if ((arrays[0] as unknown[]).length > 0) yield arrays
}

const tableAfter = new RegExp(`\\b(from|join|into|update|table)(\\s+)"?(${allTables.join('|')})"?(?![\\w".(])`, 'gi')

/** How long a writer may do nothing while others wait for it, in milliseconds: who does is not there any more. */
const mostIdleMs = 120_000

/** Begins a transaction that takes locks: how long it waits for each, and how long it may keep them idle, in milliseconds. */
export function beginLocking(begin: string, waitMs: number, idleMs = mostIdleMs): string {
  // To PostgreSQL 0 is for ever.
  const waits = `SET LOCAL lock_timeout = ${Math.max(1, waitMs)}`
  return `${begin}; ${waits}; SET LOCAL idle_in_transaction_session_timeout = ${idleMs}`
}

/** A name as it stands in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The same SQL with the schema before each table. */
function inSchema(sql: string, schema: string): string {
  const name = quoted(schema)
  return sql
    .replace(tableAfter, (_, before: string, space: string, table: string) => `${before}${space}${name}."${table}"`)
    .replaceAll('current_schema()', () => `'${schema.replaceAll("'", "''")}'`)
}
