/** The address of a universe on PostgreSQL: a URL as libpq knows it, and the schema that the universe is in. */
import { readFileSync } from 'node:fs'
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
  let url: URL
  try {
    url = new URL(address)
  } catch {
    throw refuse('is no URL of PostgreSQL, as postgres://user@host:5432/database?schema=knowledge')
  }
  for (const part of [url.username, url.password, url.hostname, url.pathname]) {
    const text = decoded(part)
    if (text === undefined) throw refuse('has a % that stands for no character: write %25')
    if (text.includes('\u0000')) throw refuse('has a %00, which no name holds')
  }
  if (url.searchParams.has('replication')) throw refuse('replication speaks no SQL: leave it out')
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

/**
 * Looks for the files that a URL names for TLS, which the driver reads anew for each connection.
 *
 * @throws {ValidationError} for one that cannot be read.
 */
export function checkFiles(connectionString: string): void {
  const { searchParams } = new URL(connectionString)
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    const path = searchParams.get(name)
    if (!path) continue
    try {
      readFileSync(path)
    } catch (cause) {
      throw refuse(`${name} cannot be read: ${(cause as Error).message}`, cause)
    }
  }
}

function refuse(reason: string, cause?: unknown): ValidationError {
  const issues = [{ path: '', reason }]
  return new ValidationError({ what: 'The address of the universe is not valid', issues, cause })
}

/** Undefined for what is no encoded text. A bundler takes away a call whose result nobody reads, and what it would throw. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
