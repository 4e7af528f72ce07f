/** A dialect for kysely-ctl: the schema of an address, and the lock that our own migrations take. */
import { CompiledQuery, type DatabaseIntrospector, type Kysely, PostgresAdapter, PostgresDialect } from 'kysely'
import { lockMigrationsLong, unlockMigrations } from '../../../queries/maintenance.js'
import { readAddress } from './address.js'
import type { Query } from './client.js'
import { quoted } from './connection.js'
import { OneSchema } from './introspector.js'
import { loadDriver } from './pool.js'

/** How Kysely's migrator works on a universe, and where it notes what ran. */
export async function migratorSettings(text: string) {
  const { connectionString, schema } = readAddress(text)
  const { default: driver } = await loadDriver()
  return { dialect: new SchemaDialect(new driver.Pool({ connectionString }), schema), migrationTableSchema: schema }
}

class SchemaDialect extends PostgresDialect {
  constructor(
    pool: ConstructorParameters<typeof PostgresDialect>[0]['pool'],
    private readonly schema: string,
  ) {
    const path = `SET search_path TO ${quoted(schema)}`
    super({
      pool,
      onCreateConnection: async (connection) => void (await connection.executeQuery(CompiledQuery.raw(path))),
    })
  }

  override createAdapter(): PostgresAdapter {
    return new SharedLock()
  }

  override createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    const query = async ({ text, values = [] }: Query) => {
      const { rows } = await db.executeQuery(CompiledQuery.raw(text, values))
      return { rows, command: 'SELECT' }
    }
    return new OneSchema({ query }, this.schema)
  }
}

/** Kysely's own lock would keep nobody out who migrates through us. */
class SharedLock extends PostgresAdapter {
  override async acquireMigrationLock(db: Kysely<unknown>): Promise<void> {
    await db.executeQuery(CompiledQuery.raw(lockMigrationsLong.compile('postgres').sql))
  }

  override async releaseMigrationLock(db: Kysely<unknown>): Promise<void> {
    await db.executeQuery(CompiledQuery.raw(unlockMigrations.compile('postgres').sql))
  }
}
