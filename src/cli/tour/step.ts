/** A step of the tour: a call as one would write it, what it gave, and how long it took. */
import type { Database } from '../../database/database.js'
import type { Universe, Version } from '../../index.js'
import { colours, print, printLines } from '../output.js'
import type { Choice } from './choose.js'

/** What every step is given. */
export interface Tour {
  universe: Universe
  /** The versions of `main`, newest first. */
  chain: readonly Version[]
  /** What is looked at more closely; undefined in a graph without relations. */
  choice: Choice | undefined
  /** The file of the universe. */
  path: string
  /** An empty folder, removed at the end. */
  folder: string
  /** A version's id as short as it is unique here. */
  short: (version: Version) => string
  /** Reads the head in plain SQL, for its time. */
  head: Pick<Database, 'all'>
}

/** Shows something, and says what it costs. A step that finds nothing to show shows nothing. */
export type TourStep = (tour: Tour) => Promise<void>

/** A plain SQL read of the head: what would be asked of it by hand. */
export type PlainRead = (head: Tour['head']) => unknown

export interface Shown<T> {
  title: string
  /** The call, as code. */
  code: string
  call: () => Promise<T>
  /** Whether it writes, and so is called once. */
  once?: boolean
  lines: (result: T) => string[]
  plain?: PlainRead
  /** What the plain read is. Default: the same at the head. */
  plainName?: string
}

/** A call is repeated so often, or until it has taken this long; its median time is shown. */
const repetitions = 9
const longestMs = 250

let shownSoFar = 0

/** Runs a call, and prints it with its time and its answer. */
export async function show<T>(tour: Tour, { title, code, call, once, lines, plain, plainName }: Shown<T>): Promise<T> {
  const { result, ms } = await timed(call, once)
  const beside = plain && (await timed(async () => plain(tour.head)))
  const times = [duration(ms), ...(beside ? [`${plainName ?? 'plain SQL at the head'}: ${duration(beside.ms)}`] : [])]
  heading(title)
  print(`   ${colours.cyan(code)}`)
  print(`   ${colours.dim(times.join('  ·  '))}`)
  printLines(lines(result).map((line) => `     ${shortHashes(line)}`))
  return result
}

/** The title of a step, numbered. */
export function heading(title: string): void {
  shownSoFar++
  print('')
  print(colours.bold(`${shownSoFar}. ${title}`))
}

async function timed<T>(call: () => Promise<T>, once = false): Promise<{ result: T; ms: number }> {
  const times: number[] = []
  const begin = performance.now()
  let result: T
  do {
    const start = performance.now()
    result = await call()
    times.push(performance.now() - start)
  } while (!once && times.length < repetitions && performance.now() - begin < longestMs)
  times.sort((a, b) => a - b)
  return { result, ms: times[times.length >> 1] ?? 0 }
}

/** What git calls its objects takes most of a line. */
export function shortHashes(line: string): string {
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

export function duration(ms: number): string {
  if (ms < 1) return `${Math.max(1, Math.round(ms * 1_000))} µs`
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}

/** A string as code has it. */
export function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&').replaceAll(/\p{Cc}/gu, '\uFFFD')}'`
}
