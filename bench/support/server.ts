/** The PostgreSQL server that tests and benchmarks use: TEST_POSTGRES_URL, else the one of this machine. */
import pg from 'pg'

/** Schemas are made here and dropped again. */
export const serverUrl = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test'

/** The address of the server's database, with parameters. */
export function serverAddress(parameters: Record<string, string> = {}): string {
  const url = new URL(serverUrl)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

/** Why the server cannot be used; undefined where it can. */
export async function unreachable(): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    return undefined
  } catch (error) {
    return `${serverUrl} does not answer (${(error as Error).message || (error as { code?: string }).code})`
  } finally {
    await client.end().catch(() => {})
  }
}
