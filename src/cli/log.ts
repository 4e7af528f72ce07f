/** `log`: versions, newest first, a line each: along first parents, or with `--graph` over all parents. */
import type { Command } from 'commander'
import type { Reference, Universe, Version } from '../index.js'
import { wholeNumber } from './arguments.js'
import type { Graph } from './graph.js'
import type { Manual } from './manual.js'
import { shownTime } from './moment.js'
import { colours, firstLine, printable, printJson, printLines } from './output.js'
import { atOption, referenceOf } from './reference.js'
import { Shortener } from './shorten.js'
import { isJson, openToRead } from './universe.js'

/** How many versions are read at a time. */
const batch = 1_000

interface Options {
  at?: string
  graph?: boolean
  limit?: number
}

export const manual: Manual = {
  examples: [
    { call: 'iu log -n 10', purpose: 'the ten newest' },
    { call: 'iu log --graph', purpose: 'merges too, drawn as git draws them' },
    { call: 'iu log --at "last year"', purpose: 'what there was by then' },
  ],
}

export function define(command: Command): void {
  command
    .option('--graph', 'follow all parents, not only the first, and draw how versions descend')
    .addOption(atOption('begin at this version, date or branch (default: main)'))
    .option('-n, --limit <number>', 'list at most this many (default: all)', wholeNumber)
    .action(async ({ at, graph, limit = Number.POSITIVE_INFINITY }: Options) => {
      await using universe = await openToRead(command)
      const start = await referenceOf(universe, at)
      const pages = graph ? ancestorsOf(universe, start, limit) : pagesOf(universe, start, limit)
      if (isJson(command)) return printJson({ items: await collect(pages) })
      const shortener = new Shortener(universe)
      const drawing = graph ? new (await import('./graph.js')).Graph() : undefined
      for await (const versions of pages) {
        await shortener.measure(versions.map(({ versionId }) => versionId))
        const lines = linesOf(versions, shortener)
        printLines(drawing === undefined ? lines : drawn(drawing, versions, lines))
      }
    })
}

async function* pagesOf(universe: Universe, start: Reference, limit: number): AsyncGenerator<Version[]> {
  let next: Reference | undefined = start
  let left = limit
  while (next !== undefined && left > 0) {
    const versions: Version[] = await universe.versions.history(next, { limit: Math.min(left, batch) })
    if (versions.length > 0) yield versions
    left -= versions.length
    const parent: string | null | undefined = versions.at(-1)?.parentVersionId
    next = parent === null || parent === undefined ? undefined : { version: parent }
  }
}

async function collect(pages: AsyncIterable<Version[]>): Promise<Version[]> {
  const items: Version[] = []
  for await (const versions of pages) items.push(...versions)
  return items
}

/** Over all parents, in the same portions. */
async function* ancestorsOf(universe: Universe, start: Reference, limit: number): AsyncGenerator<Version[]> {
  let waiting: Version[] = []
  let left = limit
  for await (const version of universe.versions.ancestors(start)) {
    waiting.push(version)
    left--
    if (waiting.length === batch) {
      yield waiting
      waiting = []
    }
    if (left === 0) break
  }
  if (waiting.length > 0) yield waiting
}

function* drawn(graph: Graph, versions: readonly Version[], lines: readonly string[]): Generator<string> {
  for (const [index, version] of versions.entries()) {
    const [own = '', ...further] = graph.rowsOf(version)
    yield `${own} ${lines[index]}`
    yield* further
  }
}

function linesOf(versions: readonly Version[], shortener: Shortener): string[] {
  const owners = versions.map(({ owner }) => printable(owner))
  const times = versions.map(({ timestamp }) => shownTime(timestamp))
  const width = Math.min(24, Math.max(...owners.map((owner) => owner.length)))
  const timeWidth = Math.max(...times.map((time) => time.length))
  return versions.map((version, index) => {
    const id = colours.yellow(printable(shortener.shorten(version.versionId)))
    const time = (times[index] ?? '').padEnd(timeWidth)
    const owner = colours.cyan((owners[index] ?? '').padEnd(width))
    return `${id}  ${time}  ${owner}  ${firstLine(version.description)}`.trimEnd()
  })
}
