/**
 * Migrations on SQLite: one locked transaction a run.
 *
 * Kysely's migrator neither locks nor is transactional here, so the lock is taken before it starts
 * and its own begin and commit do nothing: two processes at once run one after the other, and one
 * that is killed leaves the schema as it was.
 */
import type Driver from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  type MigrationInfo,
  type MigrationResult,
  Migrator,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from 'kysely'
import { migrationProvider } from '../../../migrations/list.js'
import { MigrationError } from '../../model/errors.js'
import { missingMigrations } from '../schema.js'
import { SqliteConnection } from './connection.js'
import { openDriver } from './driver.js'
import { isBusy } from './errors.js'

/** Brings the schema up to date. Does nothing, and takes no lock, where it is. */
export async function migrateToLatest(driver: Driver.Database): Promise<MigrationResult[]> {
  if (new SqliteConnection(driver).perform(missingMigrations()).length === 0) return []
  return run(driver, (migrator) => migrator.migrateToLatest())
}

/** Runs the next migration. */
export function migrateUp(driver: Driver.Database): Promise<MigrationResult[]> {
  return run(driver, (migrator) => migrator.migrateUp())
}

/** Takes the last migration back. */
export function migrateDown(driver: Driver.Database): Promise<MigrationResult[]> {
  return run(driver, (migrator) => migrator.migrateDown())
}

/** All migrations, with the time each was run. */
export async function listMigrations(driver: Driver.Database): Promise<readonly MigrationInfo[]> {
  return new Migrator({ db: kyselyOver(driver), provider: migrationProvider }).getMigrations()
}

async function run(
  driver: Driver.Database,
  step: (migrator: Migrator) => ReturnType<Migrator['migrateUp']>,
): Promise<MigrationResult[]> {
  driver.pragma('foreign_keys = OFF')
  driver.prepare('BEGIN IMMEDIATE').run()
  try {
    new SqliteConnection(driver).perform(missingMigrations())
    const { error, results } = await step(new Migrator({ db: kyselyOver(driver), provider: migrationProvider }))
    if (error !== undefined) throw error
    driver.prepare('COMMIT').run()
    return results ?? []
  } catch (error) {
    if (driver.inTransaction) driver.prepare('ROLLBACK').run()
    if (error instanceof MigrationError || isBusy(error)) throw error
    throw new MigrationError({ reason: `The migration failed: ${(error as Error).message}`, cause: error })
  } finally {
    driver.pragma('foreign_keys = ON')
  }
}

function kyselyOver(driver: Driver.Database): Kysely<unknown> {
  class WithinOurTransaction extends SqliteDriver {
    override async beginTransaction(): Promise<void> {}
    override async commitTransaction(): Promise<void> {}
    override async rollbackTransaction(): Promise<void> {}
    override async destroy(): Promise<void> {}
  }
  const config = { database: driver }
  return new Kysely({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new WithinOurTransaction(config),
      createIntrospector: (db) => new SqliteDialect(config).createIntrospector(db),
      createQueryCompiler: () => new SqliteDialect(config).createQueryCompiler(),
    },
  })
}

/** A dialect for kysely-ctl: transactions locked from their start, migrations all or none. */
export class LockingSqliteDialect extends SqliteDialect {
  constructor(private readonly file: string) {
    super({ database: async () => openDriver(file) })
  }

  override createDriver(): SqliteDriver {
    class ImmediateDriver extends SqliteDriver {
      override async beginTransaction(connection: DatabaseConnection): Promise<void> {
        await connection.executeQuery(CompiledQuery.raw('BEGIN IMMEDIATE'))
      }
    }
    return new ImmediateDriver({ database: async () => openDriver(this.file) })
  }

  override createAdapter(): SqliteAdapter {
    class TransactionalAdapter extends SqliteAdapter {
      override get supportsTransactionalDdl(): boolean {
        return true
      }
    }
    return new TransactionalAdapter()
  }
}
