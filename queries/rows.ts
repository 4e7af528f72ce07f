/**
 * Writes of rows: SQLite takes them one at a time, or inserts a few; PostgreSQL any number of them in one
 * statement, with an array for each column.
 */
import { type RawBuilder, sql } from 'kysely'
import { type Dialect, type Statement, statement } from './statement.js'
import type { Tables } from './tables.js'

type Name<T extends keyof Tables> = keyof Tables[T] & string

/** How many rows SQLite inserts at once: 16 cost it half of what they cost one by one, more cost no less. */
const batchSizes = [16, 4]

/** Inserts rows of these columns, on SQLite several at once. */
export function insertInto<T extends keyof Tables, C extends Name<T>>(
  table: T,
  columns: readonly C[],
): Statement<Pick<Tables[T], C>, unknown> {
  const batches = batchSizes.map((count) => ({
    rows: count,
    // Whoever writes gives up the whole transaction where one row fails. To abort the statement alone SQLite
    // would keep a copy of every page that it changes.
    statement: statement<never, unknown>((_db, given) => {
      const values = sql.join(Array.from({ length: count }, () => sql`(${valuesIn(columns, given)})`))
      return sql`insert or fail into ${sql.table(table)} (${namesOf(columns)}) values ${values}`
    }),
  }))
  return { ...insertLargeInto(table, columns), batches }
}

/** As `insertInto`, for rows that may be as large as a row can be: never several at once. */
export function insertLargeInto<T extends keyof Tables, C extends Name<T>>(
  table: T,
  columns: readonly C[],
): Statement<Pick<Tables[T], C>, unknown> {
  return rows((given, dialect) =>
    dialect === 'sqlite'
      ? sql`insert into ${sql.table(table)} (${namesOf(columns)}) values (${valuesIn(columns, given)})`
      : sql`insert into ${sql.table(table)} (${namesOf(columns)}) select * from ${arraysOf(table, columns, given)}`,
  )
}

function namesOf(columns: readonly string[]): RawBuilder<unknown> {
  return sql.join(columns.map((column) => sql.ref(column)))
}

function valuesIn(columns: readonly string[], given: Given): RawBuilder<unknown> {
  return sql.join(columns.map((column) => given[column]))
}

/** Sets some columns of the rows that have these keys. */
export function update<T extends keyof Tables, C extends Name<T>, K extends Name<T>>(
  table: T,
  { set, where }: { set: readonly C[]; where: readonly K[] },
  also?: RawBuilder<unknown>,
): Statement<Pick<Tables[T], C | K>, unknown> {
  return rows((given, dialect) => {
    const of = valuesOf(given, dialect)
    const sets = sql.join(set.map((column) => sql`${sql.ref(column)} = ${of(column)}`))
    const from = dialect === 'sqlite' ? sql`` : sql` from ${arraysOf(table, [...set, ...where], given)}`
    return sql`update ${sql.table(table)} as own set ${sets}${from} where ${matching(where, of, also)}`
  })
}

/** Deletes the rows that have these keys. */
export function deleteFrom<T extends keyof Tables, K extends Name<T>>(
  table: T,
  where: readonly K[],
): Statement<Pick<Tables[T], K>, unknown> {
  return rows((given, dialect) => {
    const using = dialect === 'sqlite' ? sql`` : sql` using ${arraysOf(table, where, given)}`
    return sql`delete from ${sql.table(table)} as own${using} where ${matching(where, valuesOf(given, dialect))}`
  })
}

type Given = Record<string, unknown>
type Value = (column: string) => RawBuilder<unknown>

function rows<G extends object>(build: (given: Given, dialect: Dialect) => RawBuilder<unknown>) {
  return statement<G, unknown>((_db, given, dialect) => build(given as Given, dialect), { takesRows: true })
}

function valuesOf(given: Given, dialect: Dialect): Value {
  return (column) => (dialect === 'sqlite' ? sql`${given[column]}` : sql.ref(`given.${column}`))
}

function matching(where: readonly string[], of: Value, also?: RawBuilder<unknown>): RawBuilder<unknown> {
  const keys = where.map((column) => sql`${sql.ref(`own.${column}`)} = ${of(column)}`)
  return sql.join(also === undefined ? keys : [...keys, also], sql` and `)
}

/** The arrays as rows. */
function arraysOf(table: string, columns: readonly string[], given: Given): RawBuilder<unknown> {
  const arrays = columns.map((column) => sql`${given[column]}::${sql.raw(typeOf(table, column))}[]`)
  return sql`unnest(${sql.join(arrays)}) as given(${namesOf(columns)})`
}

const whole: ReadonlySet<string> = new Set([
  'created_at',
  'updated_at',
  'from_sequence',
  'to_sequence',
  'span',
  'valid_from',
  'valid_to',
  'timestamp',
  'sequence',
  'lane_id',
  'late',
  'position',
  'seq',
  'parent_lane_id',
  'fork_sequence',
  'depth',
  'format',
])

/** The type of a column, as migrations have it. */
function typeOf(table: string, column: string): string {
  if (whole.has(column)) return 'bigint'
  if (table === 'snapshot' && column === 'data') return 'bytea'
  return column === 'metadata' ? 'jsonb' : 'text'
}
