/** A run on a PostgreSQL server: in schemas of its own, which are gone when it ends. */
import pg from 'pg'
import { note } from './report.js'
import { serverUrl, unreachable } from './server.js'

export interface ServerRun {
  /** The name of a schema that nobody else has. */
  schema(name: string): string
  /** Gives the planner its statistics of a schema's tables, as autovacuum does or a user. */
  analyse(schema: string): Promise<void>
}

/** Measures on the server, or says why it cannot be used. */
export async function onServer(measure: (run: ServerRun) => Promise<void>): Promise<void> {
  const reason = await unreachable()
  if (reason !== undefined) {
    note(`left out: PostgreSQL, for ${reason}`)
    return
  }
  const client = new pg.Client(serverUrl)
  await client.connect()
  note(await describe(client))
  const prefix = `bench_${process.pid}_${Math.random().toString(36).slice(2, 8)}`
  const schemas: string[] = []
  let dropped: Promise<void> | undefined
  const drop = () => {
    dropped ??= dropAll(client, schemas)
    return dropped
  }
  const stop = () => void drop().finally(() => process.exit(130))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    await measure({
      schema(name) {
        schemas.push(`${prefix}_${name}`)
        return schemas.at(-1) as string
      },
      async analyse(schema) {
        const { rows } = await client.query<{ name: string }>(
          'select tablename as name from pg_tables where schemaname = $1',
          [schema],
        )
        await client.query(`analyze ${rows.map(({ name }) => `"${schema}"."${name}"`).join(', ')}`)
      },
    })
  } finally {
    await drop()
    await client.end()
  }
}

/** One by one: all tables of a schema are locked in the transaction that drops it. */
async function dropAll(client: pg.Client, schemas: readonly string[]): Promise<void> {
  await client.query('set client_min_messages to warning')
  for (const schema of schemas) await client.query(`drop schema if exists "${schema}" cascade`)
}

const settings = ['fsync', 'synchronous_commit', 'shared_buffers', 'work_mem', 'autovacuum']

/** What the server is, and how it is set. */
async function describe(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ is: string }>(
    "select name || ' ' || current_setting(name) as is from pg_settings where name = any($1) order by name",
    [['server_version', ...settings]],
  )
  return `PostgreSQL: ${rows.map((row) => row.is).join(', ')}`
}
