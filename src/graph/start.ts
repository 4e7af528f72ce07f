/** Where a traversal or a subgraph starts: an entity or its id, one or several. */
import { readableId } from '../model/id.js'
import { invalid } from './filter.js'
import type { EntityLike } from './typed.js'

/** An entity of these types or the id of any, or several of either. */
export type Start<T extends string = string> = EntityLike<T> | Iterable<EntityLike<T>>

/**
 * The ids of a start, each once.
 *
 * @throws {ValidationError} for what is neither an id nor an entity nor several of them.
 */
export function readStart(start: Start): string[] {
  const one = idIn(start)
  if (one !== undefined) return [one]
  if (typeof start !== 'object' || start === null || !(Symbol.iterator in start)) throw refuse('')
  const ids = new Set<string>()
  let index = 0
  for (const each of start) {
    const id = idIn(each)
    if (id === undefined) throw refuse(`/${index}`)
    ids.add(id)
    index++
  }
  return [...ids]
}

function idIn(start: unknown): string | undefined {
  if (typeof start === 'string') return readableId(start)
  const { id } = (typeof start === 'object' && start !== null ? start : {}) as { id?: unknown }
  return typeof id === 'string' ? readableId(id) : undefined
}

function refuse(path: string): Error {
  return invalid([{ path, reason: 'must be an id, an entity, or several of them' }], 'The start is not valid')
}
