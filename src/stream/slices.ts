/**
 * Large lines, parsed slice by slice: neither their bytes nor their text are ever held as one.
 *
 * It is tried where the operations of a record come last. A cut between two of them is a guess that the parser
 * proves: a slice that begins where an operation does and parses as a list ends where one does. Where any guess
 * is wrong the line is parsed whole, so what it says, or what is wrong with it, never depends on this.
 */
import { parseJson } from '../model/text.js'

/** What operations begin with that are a record's last member. */
export const operationsStart = Buffer.from('"operations":[')
const end = Buffer.from(']}')
const between = Buffer.from('},{')
/** After so many wrong guesses the line is not worth another. */
const mostWrong = 3

/** What the pieces of a line say; undefined where they cannot be sliced. `decode` throws for bytes that are no text. */
export function parseInSlices(pieces: readonly Buffer[], decode: (bytes: Buffer) => string): object | undefined {
  const [first, ...rest] = pieces as [Buffer, ...Buffer[]]
  const at = first.indexOf(operationsStart)
  if (at < 0) return undefined
  // Within another member the text up to the operations is no object.
  const record = parsed(`${decode(first.subarray(0, at))}"operations":[]}`)
  if (record === undefined) return undefined
  const operations: unknown[] = []
  const take = (slice: Buffer): boolean => {
    const list = parsed(`[${decode(slice)}]`) as unknown[] | undefined
    for (const operation of list ?? []) operations.push(operation)
    return list !== undefined
  }
  let list = first.subarray(at + operationsStart.length)
  let wrong = 0
  for (const piece of rest) {
    const cut = list.lastIndexOf(between)
    if (cut >= 0) {
      if (take(list.subarray(0, cut + 1))) list = list.subarray(cut + 2)
      else if (++wrong === mostWrong) return undefined
    }
    list = Buffer.concat([list, piece])
  }
  if (!list.subarray(-end.length).equals(end) || !take(list.subarray(0, -end.length))) return undefined
  return Object.assign(record, { operations })
}

function parsed(text: string): object | undefined {
  try {
    return parseJson(text) as object
  } catch {
    return undefined
  }
}
