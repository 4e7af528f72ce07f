/** The migrations by name, in their order. Kysely's Migrator and kysely-ctl run the same list. */
import type { Migration, MigrationProvider } from 'kysely'
import * as graphAndVersions from './0001_graph_and_versions.js'
import * as lanesAndHistory from './0002_lanes_and_history.js'
import type { MigrationName } from './names.js'

const migrations: Record<MigrationName, Migration> = {
  '0001_graph_and_versions': graphAndVersions as Migration,
  '0002_lanes_and_history': lanesAndHistory as Migration,
}

export const migrationProvider: MigrationProvider = {
  getMigrations: async () => migrations,
}
