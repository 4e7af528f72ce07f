/** Whether a database has the schema of this program. Running migrations is apart, for few who open one need it. */
import { migrationNames } from '../../../migrations/names.js'
import { allConfig } from '../../../queries/config.js'
import { migrationsRun, tableNames } from '../../../queries/maintenance.js'
import { MigrationError } from '../../model/errors.js'
import { formatVersion } from '../format.js'
import type { SqliteConnection } from './connection.js'

/**
 * Refuses a schema that this program does not know or that is not complete.
 *
 * @throws {MigrationError} naming what is newer or what is missing.
 */
export function checkSchema(connection: SqliteConnection, path: string): void {
  const absent = missingMigrations(connection)
  if (absent.length > 0) {
    throw new MigrationError({
      reason: `${path} lacks the migration ${absent[0]}`,
      hint: 'Run `inner-universe migrate latest`, or open it with { migrate: true }.',
    })
  }
  checkKnown(connection, path)
}

/**
 * Refuses a schema or a format that is newer than this program.
 *
 * @throws {MigrationError} naming it.
 */
export function checkKnown(connection: SqliteConnection, path: string): void {
  missingMigrations(connection)
  const format = connection.all(allConfig, {}).find(({ key }) => key === 'format_version')?.value
  if (format !== undefined && Number(format) > formatVersion) {
    throw new MigrationError({
      reason: `${path} has format ${format}, this program knows up to ${formatVersion}`,
      hint: 'Use a newer release of inner-universe.',
    })
  }
}

/** Our migrations that have not run; refuses those that have run and are not ours. */
export function missingMigrations(connection: SqliteConnection): string[] {
  const tables = new Set(connection.all(tableNames, {}).map(({ name }) => name))
  const ran = tables.has('kysely_migration') ? connection.all(migrationsRun, {}).map(({ name }) => name) : []
  const unknown = ran.find((name) => !migrationNames.some((known) => known === name))
  if (unknown !== undefined) {
    throw new MigrationError({
      reason: `The database has the migration ${unknown}, which this program does not know`,
      hint: 'Use a newer release of inner-universe.',
    })
  }
  return migrationNames.filter((name) => !ran.includes(name))
}
