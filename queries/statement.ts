/**
 * Statements: written with Kysely, compiled once for each dialect, bound by name at each call.
 *
 * Inside a builder `given.x` is a placeholder, not a value: it may be passed on to Kysely, never
 * looked at. A list (`string[]`) is bound as one parameter: JSON on SQLite, an array on PostgreSQL.
 */
import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresQueryCompiler,
  type RawBuilder,
  SqliteAdapter,
  SqliteQueryCompiler,
} from 'kysely'
import type { Tables } from './tables.js'

export type Dialect = 'sqlite' | 'postgres'

export type Bindable = string | number | null | Uint8Array | readonly string[] | readonly number[]

/** SQL with the names of what is bound, in their order; constants stand as they are. */
export interface CompiledStatement {
  sql: string
  parameters: readonly (Given | Bindable)[]
}

/** One statement with what it is given and the rows it returns. */
export interface Statement<G, R> {
  /** Its place in a connection's cache of prepared statements. */
  readonly number: number
  compile(dialect: Dialect): CompiledStatement
  /** Whether a row is an array of its columns: cheaper than an object where there are many of both. */
  readonly asArrays?: boolean
  /** Whether it writes rows: on PostgreSQL each parameter is an array then, with an element for each row. */
  readonly takesRows?: boolean
  /** The same for several rows at once, the most first. For SQLite, which otherwise takes one at a time. */
  readonly batches?: readonly Batch<R>[]
  /** Only for the types. */
  readonly types?: { given: G; row: R }
}

/** A statement that is given the values of this many rows, one row after the other. */
export interface Batch<R> {
  readonly rows: number
  readonly statement: Statement<never, R>
}

/** What a builder returns: a query, or SQL in a template. */
export type Built<R> = Compilable<R> | RawBuilder<R>

/** A placeholder for a value bound at each call. */
export class Given {
  constructor(readonly name: string) {}
}

let count = 0

/** Declares a statement. The builder runs once for each dialect, when the statement is first used. */
export function statement<G extends object, R>(
  build: (db: Kysely<Tables>, given: G, dialect: Dialect) => Built<R>,
  options: { asArrays?: boolean; takesRows?: boolean } = {},
): Statement<G, R> {
  const compiled = new Map<Dialect, CompiledStatement>()
  return {
    number: count++,
    ...options,
    compile(dialect) {
      let known = compiled.get(dialect)
      if (known === undefined) {
        const db = compilers[dialect]()
        const { sql, parameters } = build(db, placeholders as G, dialect).compile(db)
        known = {
          sql: dialect === 'sqlite' ? withLimitUnseen(sql) : withAnyLimit(sql),
          parameters: parameters as CompiledStatement['parameters'],
        }
        compiled.set(dialect, known)
      }
      return known
    },
  }
}

/** A family of statements that differ in shape, each declared when it is first asked for. */
export function family<S extends object, G extends object, R>(
  build: (shape: S, db: Kysely<Tables>, given: G, dialect: Dialect) => Built<R>,
  options: { asArrays?: boolean } = {},
): (shape: S) => Statement<G, R> {
  const members = new Map<string, Statement<G, R>>()
  return (shape) => {
    const key = JSON.stringify(shape)
    let member = members.get(key)
    if (member === undefined) {
      member = statement<G, R>((db, given, dialect) => build(shape, db, given, dialect), options)
      members.set(key, member)
    }
    return member
  }
}

/**
 * SQLite plans by the value of a parameter that is a whole LIMIT, and so prepares the statement anew
 * at every call: 110 µs where running it takes 50. It does not look into an expression.
 */
function withLimitUnseen(sql: string): string {
  return sql.replace(/\blimit \?(?! \+)/gi, 'limit (? + 0)')
}

/** PostgreSQL takes null for no limit, not −1, and must be told that sums are of whole numbers. */
function withAnyLimit(sql: string): string {
  return sql
    .replace(/\blimit (\$\d+)\b(?! \+)/gi, 'limit nullif($1::bigint, -1)')
    .replace(/\blimit (\$\d+) \+ (\$\d+)/gi, 'limit $1::bigint + $2::bigint')
}

const placeholders: object = new Proxy({}, { get: (_, name) => new Given(String(name)) })

const compilers: Record<Dialect, () => Kysely<Tables>> = {
  sqlite: () =>
    new Kysely({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: refuseToLook,
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    }),
  postgres: () =>
    new Kysely({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: refuseToLook,
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    }),
}

/** Nothing is run here. Kysely's introspectors bring its migrator with them, which few need. */
function refuseToLook(): never {
  throw new Error('There is no database to look into')
}
