/** Migrations of a database by its address. None of this opens a universe, so it serves any schema of ours. */
import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Driver from 'better-sqlite3'
import { ownTables, tableNames } from '../../queries/maintenance.js'
import { countVersions } from '../../queries/version.js'
import { IntegrityError, NotFoundError, UniverseError, ValidationError } from '../model/errors.js'
import { SqliteConnection } from './sqlite/connection.js'
import { translate } from './sqlite/errors.js'
import { listMigrations, migrateDown, migrateToLatest, migrateUp } from './sqlite/migrate.js'

/** All migrations that have not run, the next one, or the last one back. */
export type MigrationStep = 'latest' | 'up' | 'down'

export interface MigrationDone {
  name: string
  direction: 'up' | 'down'
}

export interface ListedMigration {
  name: string
  /** Milliseconds since the Unix epoch; null where it has not run. */
  executedAt: number | null
}

/** Taking a migration back would lose versions. Make a backup, then force it. */
class VersionsLostError extends UniverseError {
  readonly code = 'VERSIONS_LOST'
  readonly versions: number

  constructor(facts: { address: string; versions: number }) {
    const versions = facts.versions === 1 ? 'the version' : `the ${facts.versions} versions`
    super(`Taking a migration back would lose ${versions} of ${facts.address}`, {
      hint: 'Make a backup, then use --force.',
    })
    this.versions = facts.versions
  }
}

const busyTimeoutMs = 10_000

/**
 * Runs migrations, all or none of them; `latest` and `up` make a database where there is none.
 * Processes that do so at once run one after the other.
 *
 * @throws {VersionsLostError} for `down` where there are versions, without `force`.
 * @throws {MigrationError} for a schema that this program does not know.
 * @throws {BusyError} where another process keeps the database; for `down`, where it has it open.
 */
export async function migrateDatabase(
  address: string,
  step: MigrationStep,
  options: { force?: boolean } = {},
): Promise<MigrationDone[]> {
  return withDriver(address, { create: step !== 'down', readonly: false }, async (driver) => {
    if (step === 'down') keepOthersOut(driver)
    if (step === 'down' && options.force !== true) {
      const versions = versionsIn(driver)
      if (versions > 0) throw new VersionsLostError({ address, versions })
    }
    const run = { latest: migrateToLatest, up: migrateUp, down: migrateDown }[step]
    return (await run(driver)).map(({ migrationName, direction }) => ({
      name: migrationName,
      direction: direction === 'Up' ? 'up' : 'down',
    }))
  })
}

/** All migrations that this program knows, in their order. */
export async function listMigrationsOf(address: string): Promise<ListedMigration[]> {
  return withDriver(address, { create: false, readonly: true }, async (driver) =>
    (await listMigrations(driver)).map(({ name, executedAt }) => ({ name, executedAt: executedAt?.getTime() ?? null })),
  )
}

async function withDriver<T>(
  address: string,
  options: { create: boolean; readonly: boolean },
  work: (driver: Driver.Database) => Promise<T>,
): Promise<T> {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(address)?.[1]
  if (scheme !== undefined) {
    const issues = [{ path: '', reason: `${scheme}: is no database that this release migrates` }]
    throw new ValidationError({ what: 'The address of the universe is not valid', issues })
  }
  const exists = existsSync(address)
  if (!exists && !options.create) throw new NotFoundError({ what: 'The universe', id: address })
  if (exists && statSync(address).isDirectory()) {
    throw new IntegrityError({ reason: `${address} is a directory, not a universe` })
  }
  if (address !== ':memory:' && !existsSync(dirname(resolve(address)))) {
    throw new NotFoundError({ what: 'The folder', id: dirname(address) })
  }
  let driver: Driver.Database | undefined
  try {
    driver = new Driver(address, { readonly: options.readonly, timeout: busyTimeoutMs })
    refuseForeign(driver, address)
    return await work(driver)
  } catch (error) {
    throw translate(error, address)
  } finally {
    driver?.close()
  }
}

function refuseForeign(driver: Driver.Database, address: string): void {
  const names = namesOf(driver)
  if (ownTables.every((name) => names.includes(name))) return
  if (names.every((name) => name.startsWith('sqlite_') || name.startsWith('kysely_'))) return
  throw new IntegrityError({ reason: `${address} is not a universe: it is a database of something else` })
}

/** From here to the end nobody else can open the database: no version comes between count and migration. */
function keepOthersOut(driver: Driver.Database): void {
  driver.pragma('locking_mode = EXCLUSIVE')
  driver.prepare('BEGIN EXCLUSIVE').run()
  driver.prepare('COMMIT').run()
}

function versionsIn(driver: Driver.Database): number {
  const hasVersions = ownTables.every((name) => namesOf(driver).includes(name))
  return hasVersions ? (new SqliteConnection(driver).first(countVersions, {})?.count ?? 0) : 0
}

function namesOf(driver: Driver.Database): string[] {
  return new SqliteConnection(driver).all(tableNames, {}).map(({ name }) => name)
}
