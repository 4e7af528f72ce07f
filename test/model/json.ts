/**
 * JSON as the model sees it. Equal means equal canonical text (RFC 8785); the model shares no code
 * with `src`, so that one mistake cannot hide in both.
 */
export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

/** RFC 8785: keys by UTF-16 code units, numbers and strings as ECMAScript writes them. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] as Json)}`)
  return `{${members.join(',')}}`
}

export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return canonical(a) === canonical(b)
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A copy that shares nothing; −0 becomes 0. */
export function copyJson<T extends Json>(value: T): T {
  return JSON.parse(canonical(value)) as T
}

/** Ids, types and tags compare byte by byte in UTF-8, which is not the order of JavaScript's `<`. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

export function bytesOf(text: string): number {
  return Buffer.byteLength(text)
}
