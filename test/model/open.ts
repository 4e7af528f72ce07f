/** Where the tests get their universes: every law holds on every dialect. */
import { openUniverse, type Schema, type Universe as TypedUniverse, type UniverseOptions } from '../../src/index.js'

export const dialects = ['sqlite'] as const
export type Dialect = (typeof dialects)[number]

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
  switch (dialect) {
    case 'sqlite':
      return openUniverse(':memory:', options)
  }
}
