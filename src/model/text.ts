/**
 * JSON as text, from streams and the command line.
 *
 * JavaScript reads `9007199254740993` as another number without a word. An integer literal that a
 * number cannot hold is refused here, unless it is written as RFC 8785 writes the number it means.
 */
import { RefusedJson } from './json.js'

/**
 * Parses JSON text. The result has not passed the guard yet.
 *
 * @throws {RefusedJson} for text that is no JSON, and for an integer literal beyond ±(2⁵³−1) that is
 * not the canonical text of the number it stands for.
 */
export function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'it cannot be read'
    throw new RefusedJson([], `is no JSON (${reason.slice(0, 200)})`, { cause: error })
  }
  if (/\d{16}/.test(text)) checkIntegers(text)
  return value
}

const stringOrInteger = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs

function checkIntegers(text: string): void {
  for (const [token] of text.matchAll(stringOrInteger)) {
    if (token.startsWith('"') || /[.eE]/.test(token)) continue
    const number = Number(token)
    if (!Number.isSafeInteger(number) && String(number) !== token) {
      throw new RefusedJson([], `holds the integer ${token.slice(0, 40)}, which would not keep its digits`)
    }
  }
}
