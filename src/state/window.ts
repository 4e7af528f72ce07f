/**
 * Windows: the parts in which a large version is laid down, so that memory is bounded by one of them.
 *
 * No id has operations in two of them (or it is created twice, which is refused), so what each changes is what the
 * version changes, and each reads what the ones before it have written.
 */
import type { Operations, PendingOperation } from '../model/operation.js'

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
export function windowsOf(operations: Operations<PendingOperation>, size = usualWindow): Window[] {
  const whole = [{ from: 0, to: operations.length }]
  if (operations.length <= size) return whole
  const ids: string[] = []
  let mayRepeat = false
  for (const operation of operations) {
    if ('cascade' in operation) return whole
    if (operation.op !== 'createEntity' && operation.op !== 'createRelation') mayRepeat = true
    ids.push(operation.id)
  }
  const windows: Window[] = []
  if (!mayRepeat) {
    for (let from = 0; from < ids.length; from += size) windows.push({ from, to: Math.min(from + size, ids.length) })
    return windows
  }
  const last = new Map<string, number>()
  for (let index = 0; index < ids.length; index++) last.set(ids[index] as string, index)
  let from = 0
  let needed = 0
  for (let index = 0; index < ids.length; index++) {
    needed = Math.max(needed, last.get(ids[index] as string) as number)
    const to = index + 1
    if (to === ids.length || (needed === index && to - from >= size)) {
      windows.push({ from, to })
      from = to
    }
  }
  return windows
}
