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
  /** Whether statements are prepared by name. A pooler may lose what was prepared. */
  named = true
  private readonly prepared: Prepared[] = []

  constructor(readonly schema: string) {}

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

/** Runs work to its end, in whatever transaction the client has open. Writes are sent without waiting for their answers. */
export async function perform<T>(
  client: Client,
  statements: Statements,
  work: Work<T>,
  waiting = new Waiting(),
): Promise<T> {
  let step = work.next()
  while (!step.done) {
    const request = step.value
    if (request.kind === 'each') {
      for (const query of statements.writes(request.statement, request.given)) await waiting.add(client.query(query))
      step = work.next()
    } else step = work.next(await waiting.before(ask(client, statements, request)))
  }
  return step.value
}

async function ask(client: Client, statements: Statements, { kind, statement, given }: Request): Promise<unknown> {
  const { rows } = await client.query(statements.query(statement as Statement<object, unknown>, given))
  return kind === 'all' ? rows : rows[0]
}

/** What was sent and not answered yet. The first failure is the reason of all that follow in its transaction. */
export class Waiting {
  private readonly sent: Promise<unknown>[] = []
  private failure: { error: unknown } | undefined

  async add(answer: Promise<Answer>): Promise<void> {
    this.sent.push(answer.catch((error: unknown) => this.note(error)))
    if (this.sent.length >= mostWaiting) await this.sent.shift()
    this.check()
  }

  /** An answer to what was asked after all that was sent; all of it has been answered then. */
  async before<T>(answer: Promise<T>): Promise<T> {
    let value: T | undefined
    try {
      value = await answer
    } catch (error) {
      this.note(error)
    }
    this.sent.length = 0
    this.check()
    return value as T
  }

  private note(error: unknown): void {
    this.failure ??= { error }
  }

  private check(): void {
    if (this.failure) throw this.failure.error
  }
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

/** The same SQL with the schema before each table. */
function inSchema(sql: string, schema: string): string {
  const name = `"${schema.replaceAll('"', '""')}"`
  return sql
    .replace(tableAfter, (_, before: string, space: string, table: string) => `${before}${space}${name}."${table}"`)
    .replaceAll('current_schema()', () => `'${schema.replaceAll("'", "''")}'`)
}
