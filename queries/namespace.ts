/** The schema of PostgreSQL that a universe is in. */
import { sql } from 'kysely'
import { statement } from './statement.js'

/** A row where the schema is there. To make it where it is there already would need a right that few have. */
export const schemaName = statement<object, { name: string }>(
  () => sql`select nspname as name from pg_namespace where nspname = current_schema()`,
)
