/** Span classes: how long a row stood, on a scale that an index can be asked by. */

/** The class of a row that stood for `length` sequences (at least one): ⌊log₈ length⌋. */
export function spanClass(length: number): number {
  let span = 0
  for (let rest = length; rest >= 8; rest = Math.floor(rest / 8)) span++
  return span
}

/** The class of a row that still stands on a lane other than 1. */
export const standingSpan = -1
