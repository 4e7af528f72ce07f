/**
 * For kysely-ctl, which runs the same migrations as `inner-universe migrate`:
 * `INNER_UNIVERSE_DB=knowledge.db npx kysely migrate:latest`
 */
import { defineConfig } from 'kysely-ctl'
import { migrationProvider } from './migrations/list.js'
import { LockingSqliteDialect } from './src/database/sqlite/migrate.js'

const path = process.env.INNER_UNIVERSE_DB
if (!path) throw new Error('INNER_UNIVERSE_DB does not say which database')

export default defineConfig({
  dialect: new LockingSqliteDialect(path),
  migrations: { provider: migrationProvider },
})
