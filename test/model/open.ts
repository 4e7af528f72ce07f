/** Where the tests get their universes: every law holds on every database. */
import { openUniverse, type Schema, type Universe as TypedUniverse, type UniverseOptions } from '../../src/index.js'
import type { DatabaseName } from './databases.js'
import { openOnPostgres } from './postgres.js'

export type Dialect = DatabaseName

/** The databases that this run is about: see `databases.ts`. */
export const dialects = (process.env.TEST_DATABASES ?? 'sqlite').split(',') as Dialect[]

export type Universe = Awaited<ReturnType<typeof openUniverse>>
export type View = Universe['head']
type OpenOptions = NonNullable<Parameters<typeof openUniverse>[1]>

/** An empty universe of its own; nothing of it is left when it is closed. */
export async function openUniverseOn(dialect: Dialect, options: OpenOptions = {}): Promise<Universe> {
  return openTypedUniverseOn(dialect, options)
}

/** As `openUniverseOn`, with the types of a schema. */
export async function openTypedUniverseOn<S extends Schema>(
  dialect: Dialect,
  options: UniverseOptions<S>,
): Promise<TypedUniverse<S>> {
  return dialect === 'sqlite' ? openUniverse(':memory:', options) : openOnPostgres(dialect, options)
}
