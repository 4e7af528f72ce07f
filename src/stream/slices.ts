/**
 * Large lines, parsed and guarded slice by slice: neither their text nor their operations are ever held as one.
 *
 * It is tried where the operations of a record come last. A cut between two of them is a guess that the parser
 * proves: a slice that begins where an operation does and parses as a list ends where one does. Where any guess
 * is wrong or any operation refused the line is parsed whole, so what it says, or what is wrong with it, never
 * depends on this.
 */
import type { Operation, OperationGuard } from '../model/operation.js'
import { PackedOperations } from '../model/packed.js'
import { parseJson } from '../model/text.js'

/** What operations begin with that are a record's last member. */
export const operationsStart = Buffer.from('"operations":[')
const end = Buffer.from(']}')
const between = Buffer.from('},{')
/** After so many wrong guesses the line is not worth another. */
const mostWrong = 3

/**
 * What the pieces of a line say, its operations guarded and packed; undefined where they cannot be sliced. `decode`
 * throws for bytes that are no text.
 */
export function parseInSlices(
  pieces: readonly Buffer[],
  decode: (bytes: Buffer) => string,
  guard: OperationGuard,
): object | undefined {
  const [first, ...rest] = pieces as [Buffer, ...Buffer[]]
  const at = first.indexOf(operationsStart)
  if (at < 0) return undefined
  // Within another member the text up to the operations is no object.
  const record = parsed(`${decode(first.subarray(0, at))}"operations":[]}`)
  if (record === undefined) return undefined
  const operations = new PackedOperations()
  const take = (slice: Buffer): boolean => {
    const list = guarded(`[${decode(slice)}]`, guard)
    if (list) operations.add(list)
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

function guarded(text: string, guard: OperationGuard): Operation[] | undefined {
  try {
    return (parseJson(text) as unknown[]).map((operation) => guard(operation))
  } catch {
    return undefined
  }
}

function parsed(text: string): object | undefined {
  try {
    return parseJson(text) as object
  } catch {
    return undefined
  }
}
