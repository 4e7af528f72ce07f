/** What reads are measured on: the same questions for every database. */
import type { compare, measure } from '../support/compare.js'
import type { Told } from '../support/fixture.js'

/** A floor may wait for a server, or not. */
export type Answered<T> = T | Promise<T>

/** The hand-written SQL beside the universe. */
export interface ReadFloor {
  entity(id: string): unknown
  neighbours(id: string, direction: 'out' | 'both', limit: number): unknown
  /** The distinct entities at the end of two hops along relations of these types. */
  twoHops(id: string, first: string | readonly string[], second: string | readonly string[]): Answered<{ id: string }[]>
  /** Each of these entities by its id, then so many entities at once. */
  pointsAndRows(ids: readonly string[], rows: number): unknown
}

export interface Reads {
  fixture: Told & { floor: ReadFloor }
  /** What the figures' names end in. */
  ending: string
  /** Whether what the past answers is compared with a replay of the deltas first. */
  replay: boolean
  /** How they are timed. */
  compare: typeof compare
  measure: typeof measure
}
