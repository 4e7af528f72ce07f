/** Migrations of a schema on PostgreSQL by its address. */
import { tableNames } from '../../../queries/maintenance.js'
import { countVersions } from '../../../queries/version.js'
import { NotFoundError } from '../../model/errors.js'
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
import { all, first, type Work } from '../work.js'
import { readAddress } from './address.js'
import type { Client } from './client.js'
import { perform, Statements } from './connection.js'
import { translate } from './errors.js'
import { listMigrations, migrateDown, migrateToLatest, migrateUp } from './migrate.js'
import { makePool } from './pool.js'
import { isUniverse } from './tables.js'

export async function migratePostgres(
  text: string,
  step: MigrationStep,
  { force }: MigrationOptions,
): Promise<MigrationDone[]> {
  return withClient(text, async (client, schema, address) => {
    const settings = { schema, busyTimeoutMs }
    if (step === 'latest') return doneOf(await migrateToLatest(client, settings))
    if (step === 'up') return doneOf(await migrateUp(client, settings))
    return doneOf(await migrateDown(client, settings, () => checkVersions(address, force)))
  })
}

export async function listPostgres(text: string): Promise<ListedMigration[]> {
  return withClient(text, async (client, schema, address) => {
    await perform(client, new Statements(schema, false), checkIsThere(address))
    return listedOf(await listMigrations(client, schema))
  })
}

async function withClient<T>(
  text: string,
  act: (client: Client, schema: string, address: string) => Promise<T>,
): Promise<T> {
  const { name: address, schema, ...rest } = readAddress(text)
  const pool = await makePool({ ...rest, name: address, schema }, { poolSize: 1 })
  try {
    const client = await pool.connect()
    try {
      await perform(client, new Statements(schema, false), refuseForeign(address))
      return await act(client, schema, address)
    } finally {
      // Whatever became of it, nobody else uses it.
      client.release(true)
    }
  } catch (error) {
    throw translate(error, address)
  } finally {
    await pool.end()
  }
}

function* refuseForeign(address: string): Work<void> {
  isUniverse(yield* tablesThere(), address)
}

/** The tables that are there. Where all migrations were taken back, those of the migrator are left. */
function* checkIsThere(address: string): Work<ReadonlySet<string>> {
  const tables = yield* tablesThere()
  if (tables.has('kysely_migration')) return tables
  throw new NotFoundError({ what: 'The universe', id: address })
}

function* tablesThere(): Work<ReadonlySet<string>> {
  return new Set((yield* all(tableNames, {})).map(({ name }) => name))
}

/** Runs while nobody else writes: no version comes between count and migration. */
function* checkVersions(address: string, force: boolean): Work<void> {
  const tables = yield* checkIsThere(address)
  if (force || !isUniverse(tables, address)) return
  const versions = (yield* first(countVersions, {}))?.count ?? 0
  if (versions > 0) throw new VersionsLostError({ address, versions, backup: 'Make a backup with pg_dump' })
}
