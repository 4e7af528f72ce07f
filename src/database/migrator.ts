/** Migrations of a database by its address. None of this opens a universe, so it serves any schema of ours. */
import { pathOf } from './address.js'
import type { ListedMigration, MigrationDone, MigrationOptions, MigrationStep } from './migration.js'
import { isPostgresAddress } from './postgres/address.js'

/**
 * Runs migrations, all or none of them; `latest` and `up` make a database where there is none, on a server
 * a schema. Processes that do so at once run one after the other.
 *
 * @throws {VersionsLostError} for `down` where there are versions, without `force`.
 * @throws {MigrationError} for a schema that this program does not know.
 * @throws {BusyError} where another process keeps the database; for `down`, where it has the file open.
 */
export async function migrateDatabase(
  address: string,
  step: MigrationStep,
  options: Partial<MigrationOptions> = {},
): Promise<MigrationDone[]> {
  const { force = false } = options
  if (isPostgresAddress(address)) {
    const { migratePostgres } = await import('./postgres/migrator.js')
    return migratePostgres(address, step, { force })
  }
  const path = pathOf(address, 'The address of the universe is not valid')
  const { migrateSqlite } = await import('./sqlite/migrator.js')
  return migrateSqlite(path, step, { force })
}

/** All migrations that this program knows, in their order. */
export async function listMigrationsOf(address: string): Promise<ListedMigration[]> {
  if (isPostgresAddress(address)) {
    const { listPostgres } = await import('./postgres/migrator.js')
    return listPostgres(address)
  }
  const path = pathOf(address, 'The address of the universe is not valid')
  const { listSqlite } = await import('./sqlite/migrator.js')
  return listSqlite(path)
}
