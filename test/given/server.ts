/** The PostgreSQL server of the tests, and schemas of it that are gone after a test. */
import pg from 'pg'
import { serverAddress, serverUrl } from '../../bench/support/server.js'
import { dialects } from '../model/open.js'

/** Whether this run has a server. */
export const hasServer = dialects.includes('postgres')

export interface TestSchema extends AsyncDisposable {
  name: string
  /** The address of a universe in it, with other parameters. */
  address(parameters?: Record<string, string>): string
  /** Runs SQL; tables without a schema are looked for in it. */
  run<R extends object = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<R[]>
}

/** A schema that is not there yet. */
export async function freshSchema(name = `test_${process.pid}_${Math.random().toString(36).slice(2)}`) {
  const client = new pg.Client(serverUrl)
  await client.connect()
  const quoted = `"${name.replaceAll('"', '""')}"`
  await client.query(`set search_path to ${quoted}`)
  return {
    name,
    address: (parameters = {}) => serverAddress({ schema: name, ...parameters }),
    run: async (sql, values) => (await client.query(sql, values)).rows,
    async [Symbol.asyncDispose]() {
      await client.query(`set client_min_messages to warning; drop schema if exists ${quoted} cascade`)
      await client.end()
    },
  } satisfies TestSchema as TestSchema
}

/** Everything that a schema is made of, as the catalogue has it. */
export async function catalogueOf({ name, run }: TestSchema): Promise<unknown> {
  const columns = await run(
    `select table_name, column_name, data_type, collation_name, is_nullable, column_default
     from information_schema.columns where table_schema = $1 order by 1, 2`,
    [name],
  )
  const indexes = await run('select indexname, indexdef from pg_indexes where schemaname = $1 order by 1', [name])
  const constraints = await run(
    `select conrelid::regclass::text as on, conname, pg_get_constraintdef(c.oid) as says
     from pg_constraint as c join pg_namespace as n on n.oid = connamespace where nspname = $1 order by 1, 2`,
    [name],
  )
  return { columns, indexes, constraints }
}
