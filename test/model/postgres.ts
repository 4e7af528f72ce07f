/** Universes on PostgreSQL for the tests: in schemas that are made once and emptied in between. */
import { afterAll } from 'vitest'
import { serverAddress, serverUrl } from '../../bench/support/server.js'
import { allTables } from '../../queries/tables.js'
import { openOver } from '../../src/database/postgres/open.js'
import type { Schema, Universe, UniverseOptions } from '../../src/index.js'
import { openUniverse } from '../../src/index.js'
import { openOn } from '../../src/open.js'

interface Server {
  open<S extends Schema>(schema: string, options: UniverseOptions<S>): Promise<Universe<S>>
  run(sql: string): Promise<void>
  close(): Promise<void>
}

const servers = new Map<'postgres' | 'pglite', Promise<Server>>()
const free = new Map<Server, string[]>()
const made = new Map<Server, string[]>()

/** An empty universe; when it is closed its schema is another's. */
export async function openOnPostgres<S extends Schema>(
  dialect: 'postgres' | 'pglite',
  options: UniverseOptions<S>,
): Promise<Universe<S>> {
  const server = await serverOf(dialect)
  const schema = free.get(server)?.pop() ?? makeName(server)
  const universe = await server.open(schema, options)
  const close = universe.close.bind(universe)
  let closed: Promise<void> | undefined
  universe.close = () => {
    closed ??= close().then(async () => {
      await server.run(emptied(schema))
      free.get(server)?.push(schema)
    })
    return closed
  }
  return universe
}

afterAll(async () => {
  for (const started of servers.values()) {
    const server = await started
    for (const schema of made.get(server) ?? []) await server.run(`drop schema if exists "${schema}" cascade`)
    await server.close()
  }
  servers.clear()
})

function serverOf(dialect: 'postgres' | 'pglite'): Promise<Server> {
  const server = servers.get(dialect) ?? (dialect === 'postgres' ? realServer() : serverInProcess())
  servers.set(dialect, server)
  return server
}

function makeName(server: Server): string {
  const names = made.get(server) ?? []
  made.set(server, names)
  free.set(server, free.get(server) ?? [])
  names.push(`test_${process.pid}_${names.length}_${Math.random().toString(36).slice(2, 8)}`)
  return names.at(-1) as string
}

function emptied(schema: string): string {
  const tables = allTables.filter((table) => !table.startsWith('kysely_'))
  return `begin; ${tables.map((table) => `delete from "${schema}"."${table}"`).join('; ')}; commit`
}

async function realServer(): Promise<Server> {
  const { default: pg } = await import('pg')
  const client = new pg.Client(serverUrl)
  await client.connect()
  return {
    // What is written by a test need not survive the server.
    open: (schema, options) => openUniverse(serverAddress({ schema }), { durability: 'normal', ...options }),
    run: async (sql) => {
      await client.query(sql)
    },
    close: () => client.end(),
  }
}

async function serverInProcess(): Promise<Server> {
  const { startInProcess } = await import('./pglite.js')
  const { pool, run, close } = await startInProcess()
  return {
    async open(schema, options) {
      const settings = {
        readOnly: false,
        create: true,
        migrate: true,
        durability: 'normal',
        busyTimeoutMs: 5_000,
      } as const
      const shared = { ...pool, end: async () => {} }
      return openOn(() => openOver(shared, { schema, name: 'pglite' }, settings), 'pglite', options)
    },
    run,
    close,
  }
}
