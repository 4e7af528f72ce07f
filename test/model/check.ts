/** What an operation may be, whatever the state: the guard at the door (DESIGN sections 3 and 8). */
import { bytesOf, canonical, isObject, type Json } from './json.js'
import type { Change, Operation } from './operation.js'
import { tokensOf } from './pointer.js'

const maxLevels = 64
const maxMetadataBytes = 2 ** 20
const maxOperationBytes = 4 * 2 ** 20
const operationKinds = [
  'createEntity',
  'updateEntity',
  'deleteEntity',
  'createRelation',
  'updateRelation',
  'deleteRelation',
]

export function isValidOperation(operation: Operation): boolean {
  if (!operationKinds.includes(operation.op) || !isName(operation.id)) return false
  if (!hasValidFields(operation)) return false
  return bytesOf(canonical(operation as unknown as Json)) <= maxOperationBytes
}

function hasValidFields(operation: Operation): boolean {
  switch (operation.op) {
    case 'createEntity':
      return isName(operation.entityType) && hasValidBounds(operation) && isMetadata(operation)
    case 'createRelation': {
      const { relationType, from, to } = operation
      return [relationType, from, to].every(isName) && hasValidBounds(operation) && isMetadata(operation)
    }
    case 'updateEntity':
    case 'updateRelation':
      return hasValidBounds(operation) && operation.changes.every(isValidChange)
    default:
      return true
  }
}

function isValidChange(change: Change): boolean {
  const tokens = tokensOf(change.path)
  if (!tokens || tokens.includes('__proto__') || !isText(change.path)) return false
  switch (change.op) {
    case 'set':
      return isStorable(change.value)
    case 'insert':
      return isStorable(change.value) && (change.index === undefined || isIndex(change.index))
    case 'remove':
      return isIndex(change.index)
    case 'patch':
      return isObject(change.patch) && isStorable(change.patch)
    case 'delete':
      return change.path !== ''
    default:
      return false
  }
}

/** The rule for ids, types, version ids, owners and branch names. */
export function isName(value: unknown): boolean {
  if (typeof value !== 'string' || value === '' || bytesOf(value) > 512) return false
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the rule forbids
  return isText(value) && !/[\u0000-\u001f\u007f-\u009f]/.test(value)
}

export function isMoment(value: unknown): boolean {
  return Number.isSafeInteger(value)
}

/** Also the result of every update. */
export function isMetadata({ metadata }: { metadata: unknown }): boolean {
  return isObject(metadata) && isStorable(metadata)
}

/** `validFrom ≤ validTo` where both are there; equal is never valid, but allowed. */
export function hasValidBounds(given: { validFrom?: number | null; validTo?: number | null }): boolean {
  const { validFrom = null, validTo = null } = given
  for (const bound of [validFrom, validTo]) if (bound !== null && !isMoment(bound)) return false
  return validFrom === null || validTo === null || validFrom <= validTo
}

/** A JSON value within both limits. */
function isStorable(value: unknown): boolean {
  return isJson(value, 1) && bytesOf(canonical(value as Json)) <= maxMetadataBytes
}

function isJson(value: unknown, level: number): boolean {
  if (value === null || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value === 'string') return isText(value)
  if (typeof value !== 'object' || level > maxLevels) return false
  if (Array.isArray(value)) return Array.from(value).every((item) => isJson(item, level + 1))
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  if (Object.getOwnPropertySymbols(value).length > 0) return false
  return Object.entries(value).every(([key, member]) => key !== '__proto__' && isText(key) && isJson(member, level + 1))
}

/** Well-formed and without U+0000: a lone surrogate does not survive the way through UTF-8. */
function isText(value: string): boolean {
  return !value.includes('\u0000') && Buffer.from(value).toString() === value
}

function isIndex(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
