/** The pool of `pg`, loaded only where a universe is on PostgreSQL, and how many of its connections are out. */
import { ValidationError } from '../../model/errors.js'
import { canonicalJson, inCanonicalOrder, type Json } from '../../model/json.js'
import type { PostgresOptions } from '../database.js'
import { type Address, checkFiles } from './address.js'
import type { Pool } from './client.js'

/** How long a connection may be silent until it is asked whether it is still there, in milliseconds: after as long again it is lost. */
const keepAliveMs = 10_000

const defaults = { poolSize: 10, connectTimeoutMs: 1_500, idleTimeoutMs: 10_000 }

/**
 * What a session is told as it begins, where nothing between forbids it: to compile a statement, or to start workers
 * for it, takes longer than to run it.
 */
const sessionOptions = '-c jit=off -c max_parallel_workers_per_gather=0'

/**
 * Makes a pool; nothing is connected yet.
 *
 * @throws {ValidationError} where the package `pg` is not installed, and for files of TLS that cannot be read.
 */
export async function makePool(address: Address, options: PostgresOptions): Promise<Pool> {
  const { default: driver } = await loadDriver()
  const connectionString = connectionOf(address, options)
  checkFiles(connectionString)
  const settings = {
    ...{ connectionString, application_name: 'inner-universe' },
    ...{ keepAlive: true, keepAliveInitialDelayMillis: keepAliveMs },
    ...{ pipeline: true, types: { getTypeParser: parsers(driver.types, canonical) } },
    max: options.poolSize ?? address.poolSize ?? defaults.poolSize,
    connectionTimeoutMillis: options.connectTimeoutMs ?? address.connectTimeoutMs ?? defaults.connectTimeoutMs,
    idleTimeoutMillis: options.idleTimeoutMs ?? defaults.idleTimeoutMs,
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
  }
  const types = { getTypeParser: parsers(driver.types, parsed) }
  const make = (more: { options?: string }) => {
    const pool = new driver.Pool({ ...more, ...settings })
    // A connection that breaks while nobody uses it concerns nobody: the pool makes another.
    pool.on('error', () => {})
    // Of one that is in use its statements tell; nobody listening, Node would end the process.
    pool.on('connect', (client) => client.on('error', () => {}))
    return pool
  }
  let pool = make({ options: sessionOptions })
  let isPlain = false
  const connect = async () => {
    try {
      return await pool.connect()
    } catch (error) {
      if (!/unsupported startup parameter/.test((error as Error).message)) throw error
      // A pooler that lets no session be told anything.
      if (!isPlain) pool = make({})
      isPlain = true
      return pool.connect()
    }
  }
  // The pool's own time-out would count the wait for a free connection as the server's silence.
  const slots = new Slots(settings.max)
  return {
    size: settings.max,
    async connect() {
      await slots.take()
      try {
        const client = await connect()
        return {
          query: (query) => client.query(query.rowMode === 'array' ? { ...query, types } : query),
          release(broken) {
            client.release(broken)
            slots.free()
          },
        }
      } catch (error) {
        slots.free()
        throw error
      }
    },
    end: () => pool.end(),
  }
}

/** The driver would take what the URL says of TLS before what the options do. */
function connectionOf({ connectionString }: Address, { ssl }: PostgresOptions): string {
  if (ssl === undefined) return connectionString
  const url = new URL(connectionString)
  for (const name of [...url.searchParams.keys()]) if (name.startsWith('ssl')) url.searchParams.delete(name)
  return url.href
}

/** So many may be taken at a time; who comes later waits, in order. */
class Slots {
  private readonly waiting: (() => void)[] = []

  constructor(private left: number) {}

  async take(): Promise<void> {
    if (this.left > 0) this.left--
    else await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  free(): void {
    const next = this.waiting.shift()
    if (next) next()
    else this.left++
  }
}

/**
 * The package `pg`, which who uses it installs.
 *
 * @throws {ValidationError} where it is not there.
 */
export async function loadDriver(): Promise<typeof import('pg')> {
  try {
    return await import('pg')
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    const issues = [{ path: '', reason: 'postgres: needs the package pg, which is not installed' }]
    throw new ValidationError({
      what: 'The address of the universe cannot be used',
      issues,
      hint: 'Run `npm install pg`.',
      cause: error,
    })
  }
}

type Types = typeof import('pg').types
type Parse = (value: string) => unknown

/** JSONB has an order of keys, and a way to write numbers, of its own. */
const parsed = (value: string): Json => inCanonicalOrder(JSON.parse(value) as Json)
const canonical: Parse = (value) => canonicalJson(parsed(value))

/**
 * Values as SQLite gives them: whole numbers as numbers, truth as 0 and 1, JSON as its canonical text. In a row
 * that is an array, whose JSON is only to be parsed, it is parsed here.
 */
function parsers(types: Types, json: Parse): Types['getTypeParser'] {
  const { INT2, INT4, INT8, NUMERIC, FLOAT8, BOOL, BYTEA, JSONB } = types.builtins
  const text: Parse = (value) => value
  const own = new Map<number, Parse>([
    ...[INT2, INT4, INT8, NUMERIC, FLOAT8].map((type) => [type as number, Number] as const),
    [BOOL, (value) => (value === 't' ? 1 : 0)],
    [BYTEA, types.getTypeParser(BYTEA) as Parse],
    [JSONB, json],
  ])
  return ((type: number) => own.get(type) ?? text) as Types['getTypeParser']
}
