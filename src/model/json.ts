/**
 * JSON values: what metadata may hold, its canonical text, and the guard at the door.
 *
 * Whatever the library keeps has passed `guardJson`, so everywhere else a value is known to be
 * plain, finite, shallow and without `__proto__`.
 */
import canonicalize from 'canonicalize'

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject
/** A JSON object, as metadata is. */
export interface JsonObject {
  [key: string]: Json
}

/** How deep (levels; the outermost object is level 1) and how large (bytes of canonical JSON) a value may be. */
export interface JsonLimits {
  maxDepth: number
  maxBytes: number
}

export const defaultJsonLimits: JsonLimits = { maxDepth: 64, maxBytes: 1_048_576 }

/**
 * How deep metadata may be allowed to be. SQLite reads 1,000 levels, of an event's operation too, and four are above
 * what a change sets: the list of operations, the operation, its list of changes, the change.
 */
export const mostMetadataDepth = 996

/** A value that the guard turned away: where in it (tokens) and why. */
export class RefusedJson extends Error {
  override readonly name = 'RefusedJson'
  constructor(
    readonly path: string[],
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options)
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Canonical JSON (RFC 8785). Two values are equal if and only if their texts are.
 *
 * Cost: one pass and the native serialiser where the keys stand in canonical order already, as in
 * everything that was read from a database or has passed the guard; about four times that otherwise.
 */
export function canonicalJson(value: Json): string {
  return isOrdered(value) ? JSON.stringify(value) : (canonicalize(value) as string)
}

/** Whether two values are the same JSON: members in any order, `1` and `1.0` alike, `1` and `true` not. */
export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((element, index) => equalJson(element, b[index]))
  }
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key], b[key]))
}

/** An object's keys in the order of RFC 8785: by UTF-16 code units. */
export function canonicalKeys(object: JsonObject): string[] {
  const keys = Object.keys(object)
  return isSorted(keys) ? keys : keys.sort()
}

/** A parsed value with the keys of each object in canonical order. Where they are, it is the value itself. */
export function inCanonicalOrder(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = inCanonicalOrder(value[index] as Json)
    return value
  }
  let previous = ''
  let isOrdered = true
  for (const key in value) {
    const member = value[key] as Json
    if (typeof member === 'object' && member !== null) value[key] = inCanonicalOrder(member)
    if (key < previous) isOrdered = false
    previous = key
  }
  if (isOrdered) return value
  const ordered: JsonObject = {}
  for (const key of canonicalKeys(value)) ordered[key] = value[key] as Json
  return ordered
}

/**
 * Copies a value that came from outside, or throws `RefusedJson`. The copy shares nothing with the
 * original, has its keys in canonical order and 0 for −0; members that are undefined are left out,
 * as `JSON.stringify` does.
 *
 * Refused: functions, symbols, bigint, NaN, Infinity, undefined inside arrays, holes, objects that
 * are not plain (Date, Map, class instances), lone surrogates, U+0000, the key `__proto__`, and what
 * exceeds `limits`. A cycle exceeds them all.
 *
 * Cost: one pass over at most `limits.maxBytes` members, whatever the value is.
 */
export function guardJson(value: unknown, limits: JsonLimits = defaultJsonLimits): Json {
  const guard = new Guard(limits)
  try {
    const copy = guard.copy(value, 0)
    guard.checkSize(copy)
    return copy
  } catch (error) {
    if (error instanceof RefusedJson) throw error
    // A getter or a proxy of the caller's threw.
    throw new RefusedJson([], 'cannot be read', { cause: error })
  }
}

/** As `guardJson`, for what must be an object. */
export function guardObject(value: unknown, limits: JsonLimits = defaultJsonLimits): JsonObject {
  if (!isJsonObject(value)) throw new RefusedJson([], 'must be a plain object')
  return guardJson(value, limits) as JsonObject
}

/** Why a string cannot be kept, or undefined if it can. */
export function refusedText(text: string): string | undefined {
  if (!text.isWellFormed()) return 'has a lone surrogate'
  if (text.includes('\u0000')) return 'has the character U+0000'
  return undefined
}

/** Whether it is a string that can be kept. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && refusedText(value) === undefined
}

/** The longest text of a number, in bytes, quotes and commas of other values included. */
const longestNumber = 25
/** The longest text of one UTF-16 unit in a string: an escape. */
const longestUnit = 6

class Guard {
  private readonly path: string[] = []
  /** A lower bound of the canonical bytes seen so far: stops a small value that unfolds into a huge one. */
  private bytes = 0
  /** An upper bound of them: below the limit nothing needs to be measured. */
  private most = 0

  constructor(private readonly limits: JsonLimits) {}

  copy(value: unknown, level: number): Json {
    this.bytes++
    this.most += longestNumber + 1
    if (this.bytes > this.limits.maxBytes) this.refuseSize()
    switch (typeof value) {
      case 'string':
        this.checkText(value)
        this.bytes += value.length
        this.most += value.length * longestUnit
        return value
      case 'number':
        if (!Number.isFinite(value)) this.refuse(`is ${value}, which JSON does not have`)
        return value === 0 ? 0 : value
      case 'boolean':
        return value
      case 'object':
        if (value === null) return null
        if (level >= this.limits.maxDepth) this.refuse(`is deeper than ${this.limits.maxDepth} levels, or a cycle`)
        return Array.isArray(value) ? this.copyArray(value, level + 1) : this.copyObject(value, level + 1)
      default:
        return this.refuse(
          `is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}, which JSON does not have`,
        )
    }
  }

  private copyArray(array: unknown[], level: number): Json[] {
    const copy: Json[] = []
    for (let index = 0; index < array.length; index++) {
      this.path.push(String(index))
      copy.push(this.copy(array[index], level))
      this.path.pop()
    }
    return copy
  }

  private copyObject(object: object, level: number): JsonObject {
    const prototype: unknown = Object.getPrototypeOf(object)
    if (prototype !== null && prototype !== Object.prototype && !isPlainOfAnotherRealm(prototype)) {
      this.refuse(`is a ${object.constructor?.name ?? 'class instance'}, not a plain object`)
    }
    if (Object.getOwnPropertySymbols(object).length > 0) this.refuse('has a symbol as a key')
    const keys = Object.keys(object)
    if (!isSorted(keys)) keys.sort()
    const copy: JsonObject = {}
    for (const key of keys) {
      // Counted before it is looked at: members that are left out take time too.
      if (++this.bytes > this.limits.maxBytes) this.refuseSize()
      const value = (object as Record<string, unknown>)[key]
      if (value === undefined) continue
      this.path.push(key)
      if (key === '__proto__') this.refuse('is a key that JavaScript reserves')
      this.checkText(key, 'the key ')
      this.bytes += key.length + 2
      this.most += key.length * longestUnit + 4
      copy[key] = this.copy(value, level)
      this.path.pop()
    }
    return copy
  }

  checkSize(copy: Json): void {
    if (this.most <= this.limits.maxBytes) return
    if (Buffer.byteLength(canonicalJson(copy)) > this.limits.maxBytes) this.refuseSize()
  }

  private checkText(text: string, what = ''): void {
    const reason = refusedText(text)
    if (reason !== undefined) this.refuse(`${what}${reason}`)
  }

  private refuseSize(): never {
    this.path.length = 0
    return this.refuse(`is larger than ${this.limits.maxBytes} bytes of canonical JSON`)
  }

  private refuse(reason: string): never {
    throw new RefusedJson([...this.path], reason)
  }
}

function isPlainOfAnotherRealm(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf')
}

function isSorted(keys: string[]): boolean {
  for (let index = 1; index < keys.length; index++) {
    if ((keys[index - 1] as string) > (keys[index] as string)) return false
  }
  return true
}

/** Whether the engine serialises a value canonically as it is. */
function isOrdered(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isOrdered)
  let previous: string | undefined
  for (const key in value) {
    if (previous !== undefined && previous > key) return false
    if (!isOrdered(value[key] as Json)) return false
    previous = key
  }
  return true
}
