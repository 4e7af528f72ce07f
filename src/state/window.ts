/**
 * Windows: the parts in which a large version is laid down, so that memory is bounded by one of them.
 *
 * No id has operations in two of them (or it is created twice, which is refused), so what each changes is what the
 * version changes, and each reads what the ones before it have written.
 */
import type { PendingOperation } from '../model/operation.js'

/** How many operations are laid down at a time, or a few more. */
export const usualWindow = 2_048

/** A part of a version's operations: from an index (included) to another (excluded). */
export interface Window {
  from: number
  to: number
}

/**
 * The windows of a version: at least `size` operations each but the last, as many as are needed to keep those of
 * one id together. A list with a cascade is one: nobody knows yet which ids that one touches.
 */
export function windowsOf(operations: readonly PendingOperation[], size = usualWindow): Window[] {
  const whole = [{ from: 0, to: operations.length }]
  if (operations.length <= size || operations.some((operation) => 'cascade' in operation)) return whole
  const windows: Window[] = []
  if (operations.every(({ op }) => op === 'createEntity' || op === 'createRelation')) {
    for (let from = 0; from < operations.length; from += size) {
      windows.push({ from, to: Math.min(from + size, operations.length) })
    }
    return windows
  }
  const last = new Map<string, number>()
  for (let index = 0; index < operations.length; index++) last.set((operations[index] as PendingOperation).id, index)
  let from = 0
  let needed = 0
  for (let index = 0; index < operations.length; index++) {
    needed = Math.max(needed, last.get((operations[index] as PendingOperation).id) as number)
    const to = index + 1
    if (to === operations.length || (needed === index && to - from >= size)) {
      windows.push({ from, to })
      from = to
    }
  }
  return windows
}
