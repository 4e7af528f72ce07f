/** PostgreSQL in the process: PGlite as a pool of one connection, which waits until it is free. */
import { PGlite, type QueryOptions, types } from '@electric-sql/pglite'
import type { Answer, Client, Pool, Query } from '../../src/database/postgres/client.js'
import { canonicalJson, inCanonicalOrder, type Json } from '../../src/model/json.js'

export async function startInProcess() {
  const engine = await PGlite.create()
  let last: Promise<void> = Promise.resolve()
  const pool: Pool = {
    size: 1,
    async connect(): Promise<Client> {
      let free = () => {}
      const before = last
      last = new Promise((resolve) => {
        free = resolve
      })
      await before
      return { query: (query) => ask(engine, query), release: () => free() }
    },
    end: () => engine.close(),
  }
  return { pool, run: async (sql: string) => void (await engine.exec(sql)), close: () => engine.close() }
}

const parsers = {
  [types.BOOL]: (value: string) => (value === 't' ? 1 : 0),
  [types.INT2]: Number,
  [types.INT4]: Number,
  [types.INT8]: Number,
  [types.NUMERIC]: Number,
  [types.FLOAT8]: Number,
  [types.JSON]: (value: string) => value,
  [types.JSONB]: (value: string) => canonicalJson(JSON.parse(value) as Json),
}

async function ask(engine: PGlite, { text, values, rowMode }: Query): Promise<Answer> {
  if (values === undefined) {
    const results = await engine.exec(text)
    return { rows: results.at(-1)?.rows ?? [], command: text }
  }
  const settings: QueryOptions = {
    rowMode: rowMode ?? 'object',
    parsers:
      rowMode === 'array'
        ? { ...parsers, [types.JSONB]: (value: string) => inCanonicalOrder(JSON.parse(value) as Json) }
        : parsers,
  }
  const { rows } = await engine.query(text, values as unknown[], settings)
  return { rows, command: '' }
}
