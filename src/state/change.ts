/** Changes inside metadata: JSON Pointers (RFC 6901) followed, merge patches (RFC 7396) applied, differences found. Pure. */
import { ValidationError } from '../model/errors.js'
import { canonicalKeys, equalJson, isJsonObject, type Json, type JsonObject } from '../model/json.js'
import type { Change } from '../model/operation.js'
import { parsePointer, toPointer } from '../model/pointer.js'

/**
 * The metadata after these changes, in order; what they do not touch is shared with `metadata`.
 *
 * @throws {ValidationError} for a pointer that does not resolve, an index outside its array, a target
 * of the wrong kind, and a whole that would be no object. Its path is that of the change: `/changes/2`.
 */
export function applyChanges(metadata: JsonObject, changes: readonly Change[]): JsonObject {
  const editing = new Editing()
  let result: Json = metadata
  changes.forEach((change, index) => {
    const refuse: Refuse = (reason) => {
      throw new ValidationError({
        what: 'A change cannot be made',
        issues: [{ path: `/changes/${index}`, reason: `${change.op} at ${JSON.stringify(change.path)}: ${reason}` }],
      })
    }
    result = editing.edit(result, parsePointer(change.path), 0, change, refuse)
    if (!isJsonObject(result)) refuse('the metadata must stay an object')
  })
  editing.end()
  return result as JsonObject
}

/** The object after a merge patch (RFC 7396): null removes, objects merge, all else replaces. */
export function mergePatch(target: Json | undefined, patch: JsonObject): JsonObject {
  const editing = new Editing()
  const result = editing.patch(target, patch)
  editing.end()
  return result
}

/**
 * The changes that turn `before` into `after`: `delete` and `set` at JSON Pointers (RFC 6901),
 * deletions first, both in the key order of RFC 8785: the object's own order differs between
 * databases. An array that differs is set as a whole. Equal means equal canonical JSON.
 */
export function* changesBetween(before: JsonObject, after: JsonObject, at: string[] = []): Generator<Change> {
  for (const key of canonicalKeys(before)) {
    if (!Object.hasOwn(after, key)) yield { op: 'delete', path: toPointer([...at, key]) }
  }
  for (const key of canonicalKeys(after)) {
    const value = after[key] as Json
    const old = Object.hasOwn(before, key) ? before[key] : undefined
    if (isJsonObject(old) && isJsonObject(value)) yield* changesBetween(old, value, [...at, key])
    else if (old === undefined || !equalJson(old, value)) yield { op: 'set', path: toPointer([...at, key]), value }
  }
}

type Refuse = (reason: string) => never

/**
 * Changes made one after the other. A container is copied when it is first changed, and then changed in
 * place: many changes of a large one cost no more than both together.
 */
class Editing {
  /** The copies. */
  private readonly copies = new Set<object>()
  /** Those that got keys: in the end their keys stand in canonical order, so that their text is the engine's own. */
  private readonly grown = new Set<JsonObject>()

  /** Follows the path and makes the change at its end. */
  edit(value: Json, tokens: string[], depth: number, change: Change, refuse: Refuse): Json {
    if (depth === tokens.length) return this.editHere(value, change, refuse)
    const token = tokens[depth] as string
    const last = depth === tokens.length - 1

    if (Array.isArray(value)) {
      const index = arrayIndex(token, value.length)
      if (index === undefined) return refuse(`${JSON.stringify(token)} is no element of an array of ${value.length}`)
      const copy = this.copyOf(value)
      if (last && change.op === 'delete') copy.splice(index, 1)
      else if (last && change.op === 'set') copy[index] = change.value
      else copy[index] = this.edit(copy[index] as Json, tokens, depth + 1, change, refuse)
      return copy
    }
    if (!isJsonObject(value)) return refuse(`${JSON.stringify(token)} has no parent`)
    const isThere = Object.hasOwn(value, token)
    if (!isThere && !(last && change.op === 'set')) return refuse(`${JSON.stringify(token)} is not there`)
    const copy = this.copyOf(value)
    if (last && change.op === 'set') this.put(copy, token, change.value)
    else if (last && change.op === 'delete') delete copy[token]
    else copy[token] = this.edit(copy[token] as Json, tokens, depth + 1, change, refuse)
    return copy
  }

  /** Merges a patch into an object, or into an empty one. */
  patch(target: Json | undefined, patch: JsonObject): JsonObject {
    const result: JsonObject = isJsonObject(target) ? this.copyOf(target) : this.copyOf({})
    for (const key of Object.keys(patch)) {
      const value = patch[key] as Json
      if (value === null) delete result[key]
      else
        this.put(
          result,
          key,
          isJsonObject(value) ? this.patch(Object.hasOwn(result, key) ? result[key] : undefined, value) : value,
        )
    }
    return result
  }

  end(): void {
    for (const object of this.grown) sortKeys(object)
  }

  /** The change at its target: `set` only for the whole; an element or a member is set by its parent. */
  private editHere(value: Json, change: Change, refuse: Refuse): Json {
    switch (change.op) {
      case 'set':
        return change.value
      case 'delete':
        return refuse('the whole cannot be deleted')
      case 'insert': {
        if (!Array.isArray(value)) return refuse('is no array')
        const index = change.index ?? value.length
        if (index > value.length) return refuse(`index ${index} is beyond an array of ${value.length}`)
        const copy = this.copyOf(value)
        copy.splice(index, 0, change.value)
        return copy
      }
      case 'remove': {
        if (!Array.isArray(value)) return refuse('is no array')
        if (change.index >= value.length) return refuse(`index ${change.index} is beyond an array of ${value.length}`)
        const copy = this.copyOf(value)
        copy.splice(change.index, 1)
        return copy
      }
      case 'patch':
        if (!isJsonObject(value)) return refuse('is no object')
        return this.patch(value, change.patch)
    }
  }

  private copyOf<C extends Json[] | JsonObject>(container: C): C {
    if (this.copies.has(container)) return container
    const copy = (Array.isArray(container) ? [...container] : { ...container }) as C
    this.copies.add(copy)
    return copy
  }

  private put(object: JsonObject, key: string, value: Json): void {
    if (!Object.hasOwn(object, key)) this.grown.add(object)
    object[key] = value
  }
}

/** Brings the keys of an object into canonical order, in place. */
function sortKeys(object: JsonObject): void {
  let previous = ''
  for (const key in object) {
    if (key < previous) {
      const members = canonicalKeys(object).map((name) => [name, object[name] as Json] as const)
      for (const [name] of members) delete object[name]
      for (const [name, value] of members) object[name] = value
      return
    }
    previous = key
  }
}

/** An index as RFC 6901 writes it, within the array. */
function arrayIndex(token: string, length: number): number | undefined {
  if (!/^(?:0|[1-9]\d*)$/.test(token)) return undefined
  const index = Number(token)
  return index < length ? index : undefined
}
