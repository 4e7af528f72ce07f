/** A step of the tour: a call as one would write it, what it gave, and how long it took. */
import { colours, print, printLines } from '../output.js'

/** A call is repeated so often, or until it has taken this long; its median time is shown. */
const repetitions = 9
const longestMs = 250

export interface Step<T> {
  title: string
  /** The call, as code. */
  code: string
  call: () => Promise<T>
  lines: (result: T) => string[]
}

export async function show<T>({ title, code, call, lines }: Step<T>): Promise<T> {
  const times: number[] = []
  const begin = performance.now()
  let result: T
  do {
    const start = performance.now()
    result = await call()
    times.push(performance.now() - start)
  } while (times.length < repetitions && performance.now() - begin < longestMs)
  times.sort((a, b) => a - b)

  print('')
  print(colours.bold(title))
  print(`  ${colours.cyan(code)}  ${colours.dim(`// ${duration(times[times.length >> 1] ?? 0)}`)}`)
  printLines(lines(result).map((line) => `    ${shortHashes(line)}`))
  return result
}

/** What git calls its objects takes most of a line. */
function shortHashes(line: string): string {
  return line.replace(/\b([0-9a-f]{8})(?:[0-9a-f]{32}|[0-9a-f]{56})\b/g, '$1…')
}

/** The first of some lines, and how many more there are. */
export function firstOf(lines: readonly string[], count: number): string[] {
  const more = lines.length - count
  return more > 0 ? [...lines.slice(0, count), colours.dim(`… and ${grouped(more)} more`)] : [...lines]
}

export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}

function duration(ms: number): string {
  if (ms < 1) return `${Math.max(1, Math.round(ms * 1_000))} µs`
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}
