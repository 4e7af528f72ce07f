/**
 * Cursors: where a page ended, of which question, as of which sequence.
 *
 * Later pages are read as of the sequence that the first began at, so that a list read over many
 * calls is one state.
 */
import { isText } from '../model/json.js'
import { invalid } from './filter.js'

export interface Cursor {
  /** The hash of the question. */
  question: string
  /** The sequence that the first page began at. */
  sequence: number
  /** The last key: the value it was sorted by, and the id. */
  sort: number | string
  id: string
}

export function writeCursor({ question, sequence, sort, id }: Cursor): string {
  return Buffer.from(JSON.stringify([question, sequence, sort, id])).toString('base64url')
}

/**
 * Reads a cursor that an earlier page of the same question returned.
 *
 * @throws {ValidationError} for one of another question, and for what is no cursor.
 */
export function readCursor(text: unknown, question: string): Cursor {
  const parts = parse(text)
  if (parts === undefined) throw invalid([{ path: '/cursor', reason: 'is no cursor of this library' }])
  if (parts.question !== question) {
    throw invalid([
      {
        path: '/cursor',
        reason: 'belongs to another question, or to another moment: what is asked must stay the same',
      },
    ])
  }
  return parts
}

function parse(text: unknown): Cursor | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (!Array.isArray(parts) || parts.length !== 4) return undefined
    const [question, sequence, sort, id] = parts as unknown[]
    const valid =
      typeof question === 'string' &&
      Number.isSafeInteger(sequence) &&
      (sequence as number) >= 0 &&
      (isText(sort) || Number.isSafeInteger(sort)) &&
      isText(id)
    return valid ? ({ question, sequence, sort, id } as Cursor) : undefined
  } catch {
    return undefined
  }
}
