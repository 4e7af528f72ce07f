/** Where the tests get their universes: every law holds on every dialect. */
import { openUniverse } from '../../src/index.js'

export const dialects = ['sqlite'] as const
export type Dialect = (typeof dialects)[number]

export type Universe = Awaited<ReturnType<typeof openUniverse>>
export type View = Universe['head']
type OpenOptions = NonNullable<Parameters<typeof openUniverse>[1]>

/** An empty universe of its own; nothing of it is left when it is closed. */
export async function openUniverseOn(dialect: Dialect, options: OpenOptions = {}): Promise<Universe> {
  switch (dialect) {
    case 'sqlite':
      return openUniverse(':memory:', options)
  }
}
