/** The address of a universe on PostgreSQL: a URL as libpq knows it, and the schema that the universe is in. */
import { ValidationError } from '../../model/errors.js'

export interface Address {
  /** What the driver connects to. */
  connectionString: string
  schema: string
  /** How many connections at most; undefined: not said. */
  poolSize: number | undefined
  /** How long a connection may take to be made, in milliseconds; undefined: not said. */
  connectTimeoutMs: number | undefined
  /** How it is called in messages: without a password. */
  name: string
}

/** Whether an address is one of PostgreSQL. */
export function isPostgresAddress(address: unknown): address is string {
  return typeof address === 'string' && /^postgres(ql)?:\/\//i.test(address)
}

const defaultSchema = 'public'
/** PostgreSQL cuts longer names. */
const mostSchemaBytes = 63

/**
 * Reads an address. `schema`, `pool_size` and `connect_timeout` (in seconds) are ours, the rest is the driver's.
 *
 * @throws {ValidationError} for what is no such URL.
 */
export function readAddress(address: string): Address {
  const refuse = (reason: string) =>
    new ValidationError({ what: 'The address of the universe is not valid', issues: [{ path: '', reason }] })
  let url: URL
  try {
    url = new URL(address)
  } catch {
    throw refuse('is no URL of PostgreSQL, as postgres://user@host:5432/database?schema=knowledge')
  }
  for (const part of [url.username, url.password, url.hostname, url.pathname]) {
    if (decoded(part) === undefined) throw refuse('has a % that stands for no character: write %25')
  }
  const own = (name: string): string | undefined => {
    const value = url.searchParams.get(name)
    url.searchParams.delete(name)
    return value ?? undefined
  }
  const whole = (name: string, least: number): number | undefined => {
    const value = own(name)
    if (value === undefined) return undefined
    if (!/^\d{1,6}$/.test(value) || Number(value) < least) {
      throw refuse(`${name} must be a whole number of at least ${least}, not ${JSON.stringify(value)}`)
    }
    return Number(value)
  }
  const schema = own('schema') ?? defaultSchema
  if (schema === '' || Buffer.byteLength(schema) > mostSchemaBytes || schema.includes('\u0000')) {
    throw refuse(`schema must be a name of 1 to ${mostSchemaBytes} bytes`)
  }
  if (/^pg_|^information_schema$/.test(schema)) throw refuse(`schema ${schema} is PostgreSQL's own`)
  const poolSize = whole('pool_size', 1)
  const seconds = whole('connect_timeout', 1)
  const connectionString = url.href
  url.password = ''
  url.search = ''
  if (schema !== defaultSchema) url.searchParams.set('schema', schema)
  return {
    ...{ connectionString, schema, poolSize, name: url.href },
    connectTimeoutMs: seconds === undefined ? undefined : seconds * 1_000,
  }
}

/** Undefined for what is no encoded text. A bundler takes away a call whose result nobody reads, and what it would throw. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
