/**
 * Regular operations: those that the schema would accept as they are, recognised without it.
 *
 * The schema stays the rule. What is not recognised here is put to it, which accepts it all the same
 * or says what is wrong; what is recognised comes out exactly as the schema would return it. Nearly
 * every operation is regular, and the schema takes ten times as long to see that.
 */
import { refusedId } from './id.js'
import { guardJson, guardObject, isJsonObject, type JsonLimits, RefusedJson } from './json.js'
import { refusedPointer } from './pointer.js'

/** A copy of an operation, its keys in canonical order; undefined where it is not regular. */
export function regularOperation(input: unknown, limits: JsonLimits, maxChanges: number): object | undefined {
  try {
    return isPlain(input) ? read(input, limits, maxChanges) : undefined
  } catch (error) {
    if (error instanceof RefusedJson) return undefined
    throw error
  }
}

type Plain = Record<string, unknown>

function read(input: Plain, limits: JsonLimits, maxChanges: number): object | undefined {
  const { op, id } = input
  if (refusedId(id) !== undefined) return undefined
  switch (op) {
    case 'createEntity': {
      const { entityType } = input
      if (refusedId(entityType) !== undefined) return undefined
      const metadata = guardObject(input.metadata, limits)
      return withBounds(input, 4, false, { entityType, id, metadata, op })
    }
    case 'createRelation': {
      const { from, relationType, to } = input
      if (refusedId(from) !== undefined || refusedId(relationType) !== undefined || refusedId(to) !== undefined) {
        return undefined
      }
      const metadata = guardObject(input.metadata, limits)
      return withBounds(input, 6, false, { from, id, metadata, op, relationType, to })
    }
    case 'updateEntity':
    case 'updateRelation': {
      const changes = readChanges(input.changes, limits, maxChanges)
      return changes && withBounds(input, 3, true, { changes, id, op })
    }
    case 'deleteEntity':
    case 'deleteRelation':
      return withBounds(input, 2, false, { id, op })
    default:
      return undefined
  }
}

/** Adds the bounds of validity; undefined where they are irregular or anything else is there besides. */
function withBounds(input: Plain, members: number, mayBeNull: boolean, operation: Plain): Plain | undefined {
  const others = Object.keys(input).length - members
  if (others === 0) return operation
  if (members === 2) return undefined
  let bounds = 0
  for (const name of ['validFrom', 'validTo'] as const) {
    const bound = input[name]
    if (bound === undefined) continue
    if (!(Number.isSafeInteger(bound) || (bound === null && mayBeNull))) return undefined
    operation[name] = bound === null ? null : (bound as number) + 0
    bounds++
  }
  const { validFrom, validTo } = operation
  if (bounds !== others || (typeof validFrom === 'number' && typeof validTo === 'number' && validFrom > validTo)) {
    return undefined
  }
  return operation
}

function readChanges(input: unknown, limits: JsonLimits, maxChanges: number): Plain[] | undefined {
  if (!Array.isArray(input) || input.length > maxChanges) return undefined
  const changes: Plain[] = []
  for (let index = 0; index < input.length; index++) {
    const change = isPlain(input[index]) ? readChange(input[index], limits) : undefined
    if (change === undefined) return undefined
    changes.push(change)
  }
  return changes
}

function readChange(input: Plain, limits: JsonLimits): Plain | undefined {
  const { op, path } = input
  if (refusedPointer(path) !== undefined) return undefined
  const at = path as string
  const members = Object.keys(input).length
  switch (op) {
    case 'patch':
      return members === 3 ? { op, patch: guardObject(input.patch, limits), path: at } : undefined
    case 'set': {
      if (members !== 3 || input.value === undefined || (at === '' && !isJsonObject(input.value))) return undefined
      return { op, path: at, value: guardJson(input.value, limits) }
    }
    case 'delete':
      return members === 2 && at !== '' ? { op, path: at } : undefined
    case 'remove':
      return members === 3 && isIndex(input.index) ? { index: input.index + 0, op, path: at } : undefined
    case 'insert': {
      const { index } = input
      if (input.value === undefined) return undefined
      if (index === undefined) {
        return members === 3 ? { op, path: at, value: guardJson(input.value, limits) } : undefined
      }
      if (members !== 4 || !isIndex(index)) return undefined
      return { index: index + 0, op, path: at, value: guardJson(input.value, limits) }
    }
    default:
      return undefined
  }
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** An object as written between braces: no class, no symbol, no `__proto__` of its own. */
function isPlain(value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false
  return !Object.hasOwn(value, '__proto__') && Object.getOwnPropertySymbols(value).length === 0
}
