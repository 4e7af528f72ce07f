/** The heading of a record: what its place in the version tree depends on. */
import { bytesOf, type Line } from './lines.js'
import { operationsStart } from './slices.js'

export interface Heading {
  version: string
  /** Undefined for a root. */
  firstParent: string | undefined
  branches: readonly string[]
}

/** How a line ends whose operations are last: no other list of a record holds objects. */
const ends = ['}]}', `${operationsStart.toString()}]}`]

/** The heading of a line; undefined where it is no record. Cost: little of the line, where its operations are last. */
export function headingOfLine(line: Line): Heading | undefined {
  return headingBeforeOperations(line) ?? headingIn(bytesOf(line).toString('utf8'))
}

/**
 * Whether the heading of a line is another than that of the record which was read of it. Of a key that comes twice
 * the parser takes the last, and what follows the operations is no part of a heading that was read up to them.
 */
export function misleads(line: Line, record: unknown): boolean {
  const told = headingBeforeOperations(line)
  const read = told && headingOf(record)
  // What is no record is for the guard to refuse.
  if (told === undefined || read === undefined) return false
  const isSame = told.version === read.version && told.firstParent === read.firstParent
  return !isSame || told.branches.join('\n') !== read.branches.join('\n')
}

/** The heading of a line that seems to end with its operations. */
function headingBeforeOperations(line: Line): Heading | undefined {
  const [first] = line.pieces
  const last = line.pieces.at(-1) as Buffer
  const start = first.indexOf(operationsStart)
  const from = Math.max(last === first ? start : 0, last.length - operationsStart.length - 2)
  const tail = last.toString('latin1', from)
  if (start < 0 || !ends.some((end) => tail.endsWith(end))) return undefined
  // Within another member the text up to there is no object.
  return headingIn(`${first.toString('utf8', 0, start)}"operations":[]}`)
}

function headingIn(text: string): Heading | undefined {
  try {
    return headingOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** The heading of a record; undefined where it is none. */
export function headingOf(record: unknown): Heading | undefined {
  if (typeof record !== 'object' || record === null) return undefined
  const { version, parents, branch = [] } = record as Record<'version' | 'parents' | 'branch', unknown>
  const firstParent: unknown = Array.isArray(parents) ? parents[0] : null
  const branches: unknown[] = Array.isArray(branch) ? branch : [branch]
  if (typeof version !== 'string' || !(firstParent === undefined || typeof firstParent === 'string')) return undefined
  if (!branches.every((name) => typeof name === 'string')) return undefined
  return { version, firstParent, branches }
}
