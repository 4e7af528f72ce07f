/** What goes to stdout: plain and stable through a pipe, coloured on a terminal. */
import picocolors from 'picocolors'

/** Whether somebody reads along: then times are relative and lines are cut to the width of the screen. */
export const isTerminal = process.stdout.isTTY === true

/** Colours of stdout: on a terminal, and elsewhere where FORCE_COLOR asks for them; never where NO_COLOR is set. */
export const colours = picocolors.createColors(isColoured())

function isColoured(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (NO_COLOR) return false
  if (FORCE_COLOR) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return isTerminal && TERM !== 'dumb'
}

/** How many lines are written at a time. */
const linesAtOnce = 1_000

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function printLines(lines: Iterable<string>): void {
  let waiting: string[] = []
  const write = () => {
    if (waiting.length > 0) print(waiting.join('\n'))
    waiting = []
  }
  for (const line of lines) if (waiting.push(line) >= linesAtOnce) write()
  write()
}

/** Writes one JSON document. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

/** For a person only: what is said beside the data. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Text that somebody else wrote, on one line; control characters would speak to the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) =>
    JSON.stringify(character)
      .slice(1, -1)
      .replace(/^\p{Cc}$/u, '\uFFFD'),
  )
}

/** The first line of a description. */
export function firstLine(text: string): string {
  return printable(text.trimStart().split('\n', 1)[0]?.trimEnd() ?? '')
}

/** Names and values, the values in one column. */
export function aligned(rows: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${colours.dim(name.padEnd(width))}  ${value}`.trimEnd())
}
