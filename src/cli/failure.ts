/** How a command fails: one line or one JSON object on stderr, and the exit status. Loads nothing of the library. */

/** Exit status of a command that found damage or differences. */
export const findings = 6

/** Exit statuses by the code of an error; everything else is 1. */
const statuses: Record<string, number> = {
  USAGE: 2,
  NOT_FOUND: 3,
  ALREADY_EXISTS: 4,
  VERSION_CONFLICT: 4,
  MERGE_CONFLICT: 4,
  ENTITY_IN_USE: 4,
  VERSIONS_LOST: 4,
  // Somebody else had it first; like the other conflicts it may succeed when tried again.
  BUSY: 4,
  VALIDATION: 5,
  LIMIT_EXCEEDED: 5,
  ABORT: 130,
}

/** What a caller typed cannot be run. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'USAGE'

  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message)
  }
}

export function statusOf(error: unknown): number {
  return statuses[codeOf(error)] ?? 1
}

/** Ends the process when what it writes is not read on: quietly where the reader has read enough. */
export function endWithReader(json: boolean): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    report(new Error(`The output cannot be written: ${error.message}`), json)
    process.exit(1)
  })
  process.stderr.on('error', () => process.exit(process.exitCode ?? 1))
}

/** Writes an error to stderr: one line for a person, one JSON object where `json` is asked for. */
export function report(error: unknown, json: boolean): void {
  const { code, message, details, hint } = describe(error)
  if (json) process.stderr.write(`${JSON.stringify({ error: { code, message, details, hint } })}\n`)
  else process.stderr.write(`${title()} ${oneLine(hint === null ? message : `${message} (${hint})`)}\n`)
}

/** In red where a person reads it; by hand, for nothing else here needs colours. */
function title(): string {
  const isRed = process.stderr.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  return isRed ? '\u001b[31merror:\u001b[39m' : 'error:'
}

function describe(error: unknown): { code: string; message: string; details: object; hint: string | null } {
  const message = error instanceof Error ? error.message : String(error)
  const facts = error instanceof Error ? (error as Error & { hint?: unknown }) : undefined
  const hidden = new Set(['name', 'code', 'message', 'hint'])
  const details = Object.fromEntries(Object.entries(facts ?? {}).filter(([key]) => !hidden.has(key)))
  const hint = typeof facts?.hint === 'string' ? facts.hint : null
  return { code: codeOf(error), message, details, hint }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code
  // Of a file that the command itself reads or writes.
  if (code === 'ENOENT') return 'NOT_FOUND'
  return typeof code === 'string' && (code in statuses || !/^E[A-Z0-9]+$/.test(code)) ? code : 'FAILURE'
}

/** Control characters would let what a database holds speak to the terminal. */
function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replace(/\p{Cc}/gu, '\uFFFD')
}
