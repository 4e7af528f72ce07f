/** What differs between the databases in DDL: column types, STRICT, the collation of ids. */
import { type CreateTableBuilder, type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely'

export type Schema = Kysely<never>

export function isPostgres(db: Schema): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter
}

/** Text that compares byte by byte on both databases. */
export function text(db: Schema): RawBuilder<unknown> {
  return isPostgres(db) ? sql`text collate "C"` : sql`text`
}

/** Whole numbers up to ±2⁵³. */
export function whole(db: Schema): RawBuilder<unknown> {
  return isPostgres(db) ? sql`bigint` : sql`integer`
}

/** Metadata: canonical JSON text, or JSONB. */
export function metadata(db: Schema): RawBuilder<unknown> {
  return isPostgres(db) ? sql`jsonb` : sql`text`
}

export function bytes(db: Schema): RawBuilder<unknown> {
  return isPostgres(db) ? sql`bytea` : sql`blob`
}

/** SQLite checks column types only in STRICT tables. */
export function strict<T extends string>(
  db: Schema,
  table: CreateTableBuilder<T>,
  options: { clustered?: boolean } = {},
): CreateTableBuilder<T> {
  if (isPostgres(db)) return table
  return table.modifyEnd(options.clustered ? sql`strict, without rowid` : sql`strict`)
}
