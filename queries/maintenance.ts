/** What opening a database asks of it. */
import { sql } from 'kysely'
import { type ElementName, elements } from './standing.js'
import { family, statement } from './statement.js'

/** The tables of the database, our own and others. */
export const tableNames = statement<object, { name: string }>((_db, _given, dialect) =>
  dialect === 'sqlite'
    ? sql`select name from sqlite_master where type = 'table'`
    : sql`select tablename as name from pg_tables where schemaname = current_schema()`,
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

/** Waits until no other transaction writes into the universe, and keeps others from it until this one ends. PostgreSQL's alone. */
export const lockCounter = statement<object, { key: string }>(
  () => sql`select key from config where key = 'universe_id' for no key update`,
)

/** The same for a universe that has no row yet. */
export const lockConfig = statement<object, unknown>(() => sql`lock table config in share row exclusive mode`)

/** What those who migrate a universe of one database lock; a number that nobody else has thought of. */
const migrationsKey = sql.lit(452857095538)

/** Waits until nobody else migrates a universe of this database, and keeps others from it until the transaction ends. */
export const lockMigrations = statement<object, unknown>(() => sql`select pg_advisory_xact_lock(${migrationsKey})`)

/** The same until it is unlocked, for who begins the transaction later. */
export const lockMigrationsLong = statement<object, unknown>(() => sql`select pg_advisory_lock(${migrationsKey})`)

export const unlockMigrations = statement<object, unknown>(() => sql`select pg_advisory_unlock(${migrationsKey})`)

/** Waits while somebody has the universe's turn, and keeps others from taking it until the transaction ends. PostgreSQL's alone. */
export const shareTurn = statement<object, unknown>(
  () => sql`select pg_advisory_xact_lock_shared(hashtext('inner-universe'), hashtext(current_schema()))`,
)

/** Takes the turn: nobody else begins to write until the transaction ends. */
export const takeTurn = statement<object, unknown>(
  () => sql`select pg_advisory_xact_lock(hashtext('inner-universe'), hashtext(current_schema()))`,
)

/** Writes a message that nobody reads into the log: when it is committed, all that was before is on the disk. */
export const flushLog = statement<object, unknown>(
  () => sql`select pg_logical_emit_message(true, 'inner-universe', '')`,
)

/**
 * Locks a row as no writer minds, and who waits to write least of all. It is noted in the log: when it is committed,
 * all that was before is on the disk.
 */
export const lockLightly = statement<object, { key: string }>(
  () => sql`select key from config where key = 'universe_id' for key share`,
)

/** How a server stores characters. PostgreSQL's alone. */
export const serverEncoding = statement<object, { encoding: string }>(
  () => sql`select current_setting('server_encoding') as encoding`,
)

/** How large a universe on PostgreSQL is, in bytes. */
export const databaseSize = statement<object, { bytes: number }>(
  () => sql`
    select coalesce(sum(pg_total_relation_size(c.oid)), 0) as bytes
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind = 'r'`,
)

/** How many rows a table of states has. */
export const countRows = family<{ element: ElementName; past: boolean }, object, { count: number }>(
  ({ element, past }) => {
    const { table, history } = elements[element]
    return sql`select count(*) as count from ${sql.ref(past ? history : table)}`
  },
)

/** Tables that only a universe has together. */
export const ownTables = ['config', 'state_version', 'kysely_migration']
