/**
 * Ids: of entities, relations and versions, and every other name that follows their rule (types,
 * owners, branches). Compared byte by byte; no folding, no normalisation.
 */
import { v7 } from 'uuid'
import { ValidationError } from './errors.js'
import { refusedText } from './json.js'

/** An id, or what has one. */
export type IdLike = string | { readonly id: string }

/** The longest id, in UTF-8 bytes. */
export const maxIdBytes = 512

// biome-ignore lint/suspicious/noControlCharactersInRegex: the rule is about control characters.
const control = /[\u0000-\u001f\u007f-\u009f]/

/** Why a value cannot be an id, or undefined if it can. */
export function refusedId(id: unknown): string | undefined {
  if (typeof id !== 'string') return `must be a string, not ${id === null ? 'null' : typeof id}`
  if (id === '') return 'must not be empty'
  if (id.length * 3 > maxIdBytes && Buffer.byteLength(id) > maxIdBytes) return `is longer than ${maxIdBytes} bytes`
  if (!id.isWellFormed()) return 'has a lone surrogate'
  if (control.test(id)) return 'has a control character'
  return undefined
}

/** Why a value cannot be the name of a branch, or undefined if it can: the rule for ids, and no leading `-`. */
export function refusedBranchName(name: unknown): string | undefined {
  return refusedId(name) ?? ((name as string).startsWith('-') ? 'must not begin with "-"' : undefined)
}

/**
 * An id to look for. One that cannot be kept in a database, which a driver would take for another or
 * refuse, becomes '', which no id is.
 *
 * @throws {ValidationError} for what is no string.
 */
export function readableId(id: unknown): string {
  if (typeof id === 'string') return refusedText(id) === undefined ? id : ''
  const issues = [{ path: '', reason: `must be a string, not ${id === null ? 'null' : typeof id}` }]
  throw new ValidationError({ what: 'The id is not valid', issues })
}

/** The id of what is an id or has one; whether it is one is for others to say. */
export function idOf(id: IdLike): string {
  return typeof id === 'object' && id !== null ? id.id : id
}

/** A new id: UUID version 7 (RFC 9562), which sorts by the time it was made. */
export function newId(): string {
  return v7()
}

/**
 * Compares two well-formed strings by their UTF-8 bytes, as SQLite's BINARY and PostgreSQL's "C"
 * collation do. Negative, zero or positive. JavaScript's `<` compares UTF-16 units, which puts
 * U+10000 and above before U+E000.
 */
export function compareIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return weight(left) - weight(right)
  }
  return a.length - b.length
}

/** A list in the order of its ids, sorted in place where it is not. Cost: one pass where it is. */
export function inOrderOfIds<T>(list: T[], idOf: (element: T) => string): T[] {
  for (let index = 1; index < list.length; index++) {
    if (compareIds(idOf(list[index - 1] as T), idOf(list[index] as T)) > 0) {
      const compare = list.some((element) => surrogate.test(idOf(element))) ? compareIds : compareUnits
      return list.sort((a, b) => compare(idOf(a), idOf(b)))
    }
  }
  return list
}

const surrogate = /[\ud800-\udfff]/

/** As `compareIds` without surrogates. Cost: a third. */
function compareUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function weight(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
