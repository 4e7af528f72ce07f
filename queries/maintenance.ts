/** What opening a database asks of it. */
import { sql } from 'kysely'
import { type ElementName, elements } from './standing.js'
import { family, statement } from './statement.js'

/** The tables of the database, our own and others. */
export const tableNames = statement<object, { name: string }>((_db, _given, dialect) =>
  dialect === 'sqlite'
    ? sql`select name from sqlite_master where type = 'table'`
    : sql`select table_name as name from information_schema.tables where table_schema = current_schema()`,
)

/** The names of the migrations that have run. */
export const migrationsRun = statement<object, { name: string }>(
  () => sql`select name from kysely_migration order by name`,
)

/**
 * Once statistics of this kind exist SQLite plans anew whenever a bound value changes: as-of reads
 * were two to five times slower after one ANALYZE.
 */
export const dropPlanStatistics = statement<object, unknown>(() => sql`drop table sqlite_stat4`)

/** How many rows a table of states has. */
export const countRows = family<{ element: ElementName; past: boolean }, object, { count: number }>(
  ({ element, past }) => {
    const { table, history } = elements[element]
    return sql`select count(*) as count from ${sql.ref(past ? history : table)}`
  },
)

/** Tables that only a universe has together. */
export const ownTables = ['config', 'state_version']
