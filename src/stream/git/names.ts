/**
 * What git calls things, made into ids, names and texts that a stream may hold.
 *
 * Git's paths are bytes, and so are its paths here: one character a byte (latin1), which makes
 * them comparable and good keys. Two paths never get one id.
 */
import { createHash } from 'node:crypto'
import { maxIdBytes, refusedId } from '../../model/id.js'

/** A longer path is shortened where it is shown: with all its escapes it stays within metadata. */
const maxPathBytes = 65_536

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

/** The text of bytes; what is no UTF-8 becomes U+FFFD. */
export function readUtf8(bytes: Buffer): string {
  return lenient.decode(bytes)
}

/** `<entity type>:<path>`, or with the SHA-256 of the path where that would be no id. */
export function entityId(entityType: 'file' | 'directory', path: string): string {
  const text = isAscii(path) ? path : textOf(path)
  const id = `${entityType}:${text}`
  // A path that looks like such a hash is hashed too: it could be the hash of another.
  const isPlain = text !== undefined && !looksHashed.test(text) && refusedId(id) === undefined
  return isPlain ? id : `${entityType}:sha256:${sha256(Buffer.from(path, 'latin1'))}`
}

/** The id of the one relation of its type between two entities. */
export function relationId(relationType: string, from: string, to: string): string {
  return `${relationType}:${sha256(`${from}\n${to}`)}`
}

/** A path as people read it. */
export function shownPath(path: string): string {
  return isAscii(path) && path.length <= maxPathBytes
    ? path
    : shortened(readUtf8(Buffer.from(path, 'latin1')), maxPathBytes)
}

/** An author's name as an owner: without control characters, short enough, never empty. */
export function ownerNamed(author: string): string {
  return shortened(author.replace(/\p{Cc}/gu, ''), maxIdBytes) || 'unknown'
}

/** A message without the line feeds that end it. */
export function descriptionOf(message: string): string {
  return message.replace(/\n+$/, '')
}

const looksHashed = /^sha256:[0-9a-f]{64}$/

function isAscii(path: string): boolean {
  return !/[\u0080-\u00ff]/.test(path)
}

/** The text of bytes, one character each; undefined where they are no UTF-8. */
export function textOf(path: string): string | undefined {
  try {
    return strict.decode(Buffer.from(path, 'latin1'))
  } catch {
    return undefined
  }
}

/** The longest beginning of `text` within `maxBytes` of UTF-8 that ends between two characters. */
function shortened(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  let end = maxBytes
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
