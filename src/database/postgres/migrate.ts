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
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import { migrationProvider } from '../../../migrations/list.js'
import { lockConfig, lockCounter, lockMigrations, ownTables, tableNames } from '../../../queries/maintenance.js'
import { schemaName } from '../../../queries/namespace.js'
import { MigrationError, UniverseError } from '../../model/errors.js'
import { missingMigrations } from '../schema.js'
import { all, type Work } from '../work.js'
import type { Answer, Client, Query } from './client.js'
import { beginLocking, perform, quoted, Statements } from './connection.js'
import { isFailure } from './errors.js'
import { OneSchema } from './introspector.js'

export interface MigrationSettings {
  schema: string
  /** How long to wait for others, in milliseconds. */
  busyTimeoutMs: number
}

/** Brings the schema up to date, and makes it where it is not there. */
export function migrateToLatest(client: Client, settings: MigrationSettings): Promise<MigrationResult[]> {
  return run(client, settings, makeSchema, (migrator) => migrator.migrateToLatest())
}

/** Runs the next migration. Makes the schema where it is not there. */
export function migrateUp(client: Client, settings: MigrationSettings): Promise<MigrationResult[]> {
  return run(client, settings, makeSchema, (migrator) => migrator.migrateUp())
}

/** Takes the last migration back. `check` runs before, while nobody else writes, and throws where it must not. */
export function migrateDown(
  client: Client,
  settings: MigrationSettings,
  check: () => Work<void>,
): Promise<MigrationResult[]> {
  const prepare: Prepare = async (_, statements) => {
    await keepWritersOut(client, statements)
    await perform(client, statements, check())
  }
  return run(client, settings, prepare, (migrator) => migrator.migrateDown())
}

/** All migrations, with the time each was run. */
export async function listMigrations(client: Client, schema: string): Promise<readonly MigrationInfo[]> {
  return migratorOver(client, schema).getMigrations()
}

async function run(
  client: Client,
  { schema, busyTimeoutMs }: MigrationSettings,
  prepare: Prepare,
  step: (migrator: Migrator) => ReturnType<Migrator['migrateUp']>,
): Promise<MigrationResult[]> {
  const statements = new Statements(schema, false)
  const noting = new NotingFailure(client)
  const begin = beginLocking('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE', busyTimeoutMs)
  await client.query({ text: `${begin}; SET LOCAL search_path TO ${quoted(schema)}` })
  try {
    await noting.query(statements.query(lockMigrations, {}))
    await prepare(noting, statements)
    await perform(noting, statements, missingMigrations())
    const { error, results } = await step(migratorOver(noting, schema))
    if (error !== undefined) throw error
    await client.query({ text: 'COMMIT' })
    return results ?? []
  } catch (last) {
    const error = noting.failure ?? last
    if (isFailure(error, 'lost')) throw error
    await client.query({ text: 'ROLLBACK' })
    const isKnown = (['busy', 'again', 'forbidden'] as const).some((kind) => isFailure(error, kind))
    if (error instanceof UniverseError || isKnown) throw error
    throw new MigrationError({ reason: `The migration failed: ${(error as Error).message}`, cause: error })
  }
}

/** Keeps the first failure: whatever is asked after it, as Kysely does, fails for another reason. */
class NotingFailure implements Client {
  failure: unknown

  constructor(private readonly client: Client) {}

  async query(query: Query): Promise<Answer> {
    try {
      return await this.client.query(query)
    } catch (error) {
      this.failure ??= error
      throw error
    }
  }

  release(broken?: Error | boolean): void {
    this.client.release(broken)
  }
}

type Prepare = (client: Client, statements: Statements) => Promise<void>

/** Whoever may not make a schema can use one that somebody made for them. */
async function makeSchema(client: Client, statements: Statements): Promise<void> {
  const { rows } = await client.query(statements.query(schemaName, {}))
  if (rows.length === 0) await client.query({ text: `CREATE SCHEMA ${quoted(statements.schema)}` })
}

/** A writer has the counter row from its start to its end. Reads go on until their tables are dropped. */
async function keepWritersOut(client: Client, statements: Statements): Promise<void> {
  const tables = await perform(client, statements, all(tableNames, {}))
  if (!ownTables.every((own) => tables.some(({ name }) => name === own))) return
  const counter = await client.query(statements.query(lockCounter, {}))
  if (counter.rows.length === 0) await client.query(statements.query(lockConfig, {}))
}

function migratorOver(client: Client, schema: string): Migrator {
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new WithinOurLock(),
      createDriver: () => new WithinOurTransaction(client),
      createIntrospector: () => new OneSchema(client, schema),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
  return new Migrator({ db, provider: migrationProvider, migrationTableSchema: schema })
}

class WithinOurLock extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
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
