/**
 * Migrations on PostgreSQL: one locked transaction a run, in the schema of the universe.
 *
 * The lock is taken before Kysely's migrator starts, and its own begin and commit do nothing: processes
 * that migrate at once run one after the other, and one that is killed leaves the schema as it was.
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type MigrationInfo,
  type MigrationResult,
  Migrator,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import { migrationProvider } from '../../../migrations/list.js'
import { lockMigrations } from '../../../queries/maintenance.js'
import { MigrationError } from '../../model/errors.js'
import { missingMigrations } from '../schema.js'
import type { Client } from './client.js'
import { perform, Statements } from './connection.js'
import { isFailure } from './errors.js'

/** Brings the schema up to date, and makes it where it is not there. */
export function migrateToLatest(client: Client, schema: string): Promise<MigrationResult[]> {
  return run(client, schema, (migrator) => migrator.migrateToLatest())
}

/** Runs the next migration. */
export function migrateUp(client: Client, schema: string): Promise<MigrationResult[]> {
  return run(client, schema, (migrator) => migrator.migrateUp())
}

/** Takes the last migration back. */
export function migrateDown(client: Client, schema: string): Promise<MigrationResult[]> {
  return run(client, schema, (migrator) => migrator.migrateDown())
}

/** All migrations, with the time each was run. */
export async function listMigrations(client: Client, schema: string): Promise<readonly MigrationInfo[]> {
  return migratorOver(client, schema).getMigrations()
}

async function run(
  client: Client,
  schema: string,
  step: (migrator: Migrator) => ReturnType<Migrator['migrateUp']>,
): Promise<MigrationResult[]> {
  const statements = new Statements(schema)
  const quoted = `"${schema.replaceAll('"', '""')}"`
  await client.query({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE' })
  try {
    await client.query(statements.query(lockMigrations, {}))
    await client.query({ text: `CREATE SCHEMA IF NOT EXISTS ${quoted}` })
    await client.query({ text: `SET LOCAL search_path TO ${quoted}` })
    await perform(client, statements, missingMigrations())
    const { error, results } = await step(migratorOver(client, schema))
    if (error !== undefined) throw error
    await client.query({ text: 'COMMIT' })
    return results ?? []
  } catch (error) {
    if (isFailure(error, 'lost')) throw error
    await client.query({ text: 'ROLLBACK' })
    if (error instanceof MigrationError || isFailure(error, 'busy') || isFailure(error, 'again')) throw error
    throw new MigrationError({ reason: `The migration failed: ${(error as Error).message}`, cause: error })
  }
}

function migratorOver(client: Client, schema: string): Migrator {
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new WithinOurLock(),
      createDriver: () => new WithinOurTransaction(client),
      createIntrospector: (of) => new PostgresIntrospector(of),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
  return new Migrator({ db, provider: migrationProvider, migrationTableSchema: schema })
}

class WithinOurLock extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
}

class WithinOurTransaction implements Driver {
  constructor(private readonly client: Client) {}

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return new Connection(this.client)
  }
  async releaseConnection(): Promise<void> {}
  async beginTransaction(): Promise<void> {}
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async destroy(): Promise<void> {}
}

class Connection implements DatabaseConnection {
  constructor(private readonly client: Client) {}

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows } = await this.client.query({ text: sql, values: [...parameters] })
    return { rows: rows as R[] }
  }

  // biome-ignore lint/correctness/useYield: the migrator streams nothing
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Nothing is streamed here')
  }
}
