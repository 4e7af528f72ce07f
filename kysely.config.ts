/**
 * For kysely-ctl, which runs the same migrations as `inner-universe migrate`:
 * `INNER_UNIVERSE_DB=knowledge.db npx kysely migrate:latest`
 */
import { defineConfig } from 'kysely-ctl'
import { migrationProvider } from './migrations/list.js'
import { isPostgresAddress } from './src/database/postgres/address.js'
import { migratorSettings } from './src/database/postgres/dialect.js'
import { LockingSqliteDialect } from './src/database/sqlite/migrate.js'

const address = process.env.INNER_UNIVERSE_DB
if (!address) throw new Error('INNER_UNIVERSE_DB does not say which database')

const { dialect, ...own } = isPostgresAddress(address)
  ? await migratorSettings(address)
  : { dialect: new LockingSqliteDialect(address) }

export default defineConfig({ dialect, migrations: { ...own, provider: migrationProvider } })
