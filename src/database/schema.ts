/** Whether a database has the schema of this program. Running migrations is apart, for few who open one need it. */
import { migrationNames } from '../../migrations/names.js'
import { allConfig } from '../../queries/config.js'
import { migrationsRun, tableNames } from '../../queries/maintenance.js'
import { MigrationError } from '../model/errors.js'
import { formatVersion } from './format.js'
import { all, type Work } from './work.js'

/**
 * Refuses a schema that this program does not know or that is not complete.
 *
 * @throws {MigrationError} naming what is newer or what is missing.
 */
export function* checkSchema(address: string): Work<void> {
  const [absent] = yield* missingMigrations()
  if (absent !== undefined) {
    throw new MigrationError({
      reason: `${address} lacks the migration ${absent}`,
      hint: 'Run `inner-universe migrate latest`, or open it with { migrate: true }.',
    })
  }
  yield* checkFormat(address)
}

/**
 * Refuses a schema or a format that is newer than this program.
 *
 * @throws {MigrationError} naming it.
 */
export function* checkKnown(address: string): Work<void> {
  yield* missingMigrations()
  yield* checkFormat(address)
}

function* checkFormat(address: string): Work<void> {
  const format = (yield* all(allConfig, {})).find(({ key }) => key === 'format_version')?.value
  if (format !== undefined && Number(format) > formatVersion) {
    throw new MigrationError({
      reason: `${address} has format ${format}, this program knows up to ${formatVersion}`,
      hint: 'Use a newer release of inner-universe.',
    })
  }
}

/** Our migrations that have not run; refuses those that have run and are not ours. */
export function* missingMigrations(): Work<string[]> {
  const tables = yield* all(tableNames, {})
  const ran = tables.some(({ name }) => name === 'kysely_migration') ? yield* all(migrationsRun, {}) : []
  const names = new Set(ran.map(({ name }) => name))
  const unknown = ran.find(({ name }) => !migrationNames.some((known) => known === name))
  if (unknown !== undefined) {
    throw new MigrationError({
      reason: `The database has the migration ${unknown.name}, which this program does not know`,
      hint: 'Use a newer release of inner-universe.',
    })
  }
  return migrationNames.filter((name) => !names.has(name))
}
