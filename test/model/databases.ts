/**
 * Which databases the tests run on: SQLite, and PostgreSQL on a server where one is reachable, else in the
 * process (PGlite). TEST_DATABASES names others (`sqlite`, `postgres`, `pglite`, with commas between),
 * TEST_POSTGRES_URL another server than the one of this machine.
 */
import pg from 'pg'

export const databases = ['sqlite', 'postgres', 'pglite'] as const

/** The tests make schemas here and drop them again. */
export const serverUrl = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test'

/** Vitest calls it before the tests. */
export async function setup(): Promise<void> {
  process.env.TEST_DATABASES ??= 'sqlite'
  if (process.env.TEST_DATABASES === undefined) {
    const reason = await unreachable()
    if (reason !== undefined && process.env.CI) throw new Error(`CI needs a PostgreSQL server, but ${reason}`)
    if (reason !== undefined) {
      console.warn(`Not tested: a PostgreSQL server, for ${reason}. PGlite takes its place where it can.`)
    }
    process.env.TEST_DATABASES = reason === undefined ? 'sqlite,postgres' : 'sqlite,pglite'
  }
  console.log(`databases: ${process.env.TEST_DATABASES}`)
}

async function unreachable(): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    return undefined
  } catch (error) {
    return `${serverUrl} does not answer: ${(error as Error).message || (error as { code?: string }).code}`
  } finally {
    await client.end().catch(() => {})
  }
}
