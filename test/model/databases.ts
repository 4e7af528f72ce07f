/**
 * Which databases the tests run on: SQLite, and PostgreSQL on a server where one is reachable, else in the
 * process (PGlite). TEST_DATABASES names others (`sqlite`, `postgres`, `pglite`, with commas between),
 * TEST_POSTGRES_URL another server than the one of this machine.
 */
import { unreachable } from '../../bench/support/server.js'

export const databases = ['sqlite', 'postgres', 'pglite'] as const
export type DatabaseName = (typeof databases)[number]

/** The databases of this run. In CI a server must be there. */
export async function chooseDatabases(): Promise<DatabaseName[]> {
  const named = process.env.TEST_DATABASES?.split(',') as DatabaseName[] | undefined
  const unknown = named?.find((name) => !databases.includes(name))
  if (unknown !== undefined) throw new Error(`TEST_DATABASES names ${unknown}; there are ${databases.join(', ')}`)
  if (named !== undefined) return named

  const reason = await unreachable()
  if (reason === undefined) return ['sqlite', 'postgres']
  if (process.env.CI) throw new Error(`CI needs a PostgreSQL server, but ${reason}`)
  console.warn(`Left out: the tests that need a PostgreSQL server, for ${reason}. The others run on PGlite.`)
  return ['sqlite', 'pglite']
}
