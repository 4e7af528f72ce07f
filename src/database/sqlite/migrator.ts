/** Migrations of a database of SQLite by its path. */
import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type Driver from 'better-sqlite3'
import { ownTables, tableNames } from '../../../queries/maintenance.js'
import { countVersions } from '../../../queries/version.js'
import { IntegrityError, NotFoundError } from '../../model/errors.js'
import {
  busyTimeoutMs,
  doneOf,
  type ListedMigration,
  listedOf,
  type MigrationDone,
  type MigrationOptions,
  type MigrationStep,
  VersionsLostError,
} from '../migration.js'
import { SqliteConnection } from './connection.js'
import { openDriver } from './driver.js'
import { translate } from './errors.js'
import { listMigrations, migrateDown, migrateToLatest, migrateUp } from './migrate.js'
import { whenFree } from './wait.js'

export async function migrateSqlite(
  path: string,
  step: MigrationStep,
  { force }: MigrationOptions,
): Promise<MigrationDone[]> {
  return withDriver(path, { create: step !== 'down', readonly: false }, async (driver) => {
    if (step === 'down') keepOthersOut(driver)
    if (step === 'down' && !force) {
      const versions = versionsIn(driver)
      if (versions > 0) throw new VersionsLostError({ address: path, versions, backup: 'Make a backup' })
    }
    const run = { latest: migrateToLatest, up: migrateUp, down: migrateDown }[step]
    return doneOf(await run(driver))
  })
}

export async function listSqlite(path: string): Promise<ListedMigration[]> {
  return withDriver(path, { create: false, readonly: true }, async (driver) => listedOf(await listMigrations(driver)))
}

async function withDriver<T>(
  path: string,
  options: { create: boolean; readonly: boolean },
  work: (driver: Driver.Database) => Promise<T>,
): Promise<T> {
  const exists = existsSync(path)
  if (!exists && !options.create) throw new NotFoundError({ what: 'The universe', id: path })
  if (exists && statSync(path).isDirectory()) {
    throw new IntegrityError({ reason: `${path} is a directory, not a universe` })
  }
  if (path !== ':memory:' && !existsSync(dirname(resolve(path)))) {
    throw new NotFoundError({ what: 'The folder', id: dirname(path) })
  }
  try {
    return await whenFree(busyTimeoutMs, async () => {
      const driver = openDriver(path, { readonly: options.readonly, timeout: 0 })
      try {
        refuseForeign(driver, path)
        return await work(driver)
      } finally {
        driver.close()
      }
    })
  } catch (error) {
    throw translate(error, path)
  }
}

function refuseForeign(driver: Driver.Database, path: string): void {
  const names = namesOf(driver)
  if (ownTables.every((name) => names.includes(name))) return
  if (names.every((name) => name.startsWith('sqlite_') || name.startsWith('kysely_'))) return
  throw new IntegrityError({ reason: `${path} is not a universe: it is a database of something else` })
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
