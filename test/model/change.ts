/** Changes inside the metadata of one element. */
import { isMetadata } from './check.js'
import { copyJson, isObject, type Json, type JsonObject } from './json.js'
import type { Change } from './operation.js'
import { tokensOf, valueAt } from './pointer.js'
import { refuse } from './refusal.js'

/** The metadata after `changes`, each seeing the ones before it. */
export function applyChanges(metadata: JsonObject, changes: readonly Change[]): JsonObject {
  const result = changes.reduce(applyChange, metadata)
  if (!isMetadata({ metadata: result })) refuse('VALIDATION', 'the result breaks a limit')
  return result
}

export function applyChange(metadata: JsonObject, change: Change): JsonObject {
  // The metadata hangs in a holder, so that '' is a member like any other.
  const holder: JsonObject = { metadata: copyJson(metadata) }
  const tokens = tokensOf(change.path) ?? refuse('VALIDATION', `${change.path} is no pointer`)
  const path = ['metadata', ...tokens]
  const target = valueAt(holder, path)

  switch (change.op) {
    case 'set':
      put(holder, path, copyJson(change.value))
      break
    case 'delete':
      if (target === undefined || tokens.length === 0) refuse('VALIDATION', `no ${change.path}`)
      drop(holder, path)
      break
    case 'insert': {
      if (!Array.isArray(target)) refuse('VALIDATION', `no array at ${change.path}`)
      const index = change.index ?? target.length
      if (index > target.length) refuse('VALIDATION', `no place ${index} in ${change.path}`)
      target.splice(index, 0, copyJson(change.value))
      break
    }
    case 'remove':
      if (!Array.isArray(target)) refuse('VALIDATION', `no array at ${change.path}`)
      if (change.index >= target.length) refuse('VALIDATION', `no element ${change.index}`)
      target.splice(change.index, 1)
      break
    case 'patch':
      if (!isObject(target)) refuse('VALIDATION', `no object at ${change.path}`)
      put(holder, path, mergePatch(target, change.patch))
      break
  }
  const result = holder.metadata
  return isObject(result) ? result : refuse('VALIDATION', 'metadata is an object')
}

/** Sets a member, new or old, or an element that exists; the parent must exist. */
function put(holder: JsonObject, path: readonly string[], value: Json): void {
  const parent = valueAt(holder, path.slice(0, -1))
  const last = path.at(-1) as string
  if (isObject(parent)) parent[last] = value
  else if (Array.isArray(parent) && valueAt(parent, [last]) !== undefined) parent[Number(last)] = value
  else refuse('VALIDATION', `no place ${path.join('/')}`)
}

function drop(holder: JsonObject, path: readonly string[]): void {
  const parent = valueAt(holder, path.slice(0, -1))
  const last = path.at(-1) as string
  if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else if (isObject(parent)) delete parent[last]
}

/** RFC 7396. */
function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return copyJson(patch)
  const result: JsonObject = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = mergePatch(Object.hasOwn(result, key) ? result[key] : undefined, value)
  }
  return result
}
