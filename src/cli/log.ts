/** `log`: versions, newest first, a line each: along first parents, or with `--graph` and `--all` over all parents. */
import type { Command } from 'commander'
import type { Branch, Reference, Universe, Version } from '../index.js'
import { wholeNumber } from './arguments.js'
import type { Graph } from './graph.js'
import type { Manual } from './manual.js'
import { shownTime } from './moment.js'
import { colours, firstLine, isTerminal, printable, printJson, printLines } from './output.js'
import { atOption, referenceOf } from './reference.js'
import { Shortener } from './shorten.js'
import { isJson, openToRead } from './universe.js'

/** How many versions are read at a time. */
const batch = 1_000

interface Options {
  at?: string
  all?: boolean
  graph?: boolean
  limit?: number
}

export const manual: Manual = {
  examples: [
    { call: 'iu log -n 10', purpose: 'the ten newest' },
    { call: 'iu log --graph --all', purpose: 'every branch and merge, drawn as git draws them' },
    { call: 'iu log --at "last year"', purpose: 'what there was by then' },
  ],
}

export function define(command: Command): void {
  command
    .option('--graph', 'follow all parents, not only the first, and draw how versions descend')
    .option('--all', 'follow all parents from the heads of all branches')
    .addOption(atOption('begin at this version, date or branch (default: main)').conflicts('all'))
    .option('-n, --limit <number>', 'list at most this many (default: all)', wholeNumber)
    .action(async ({ at, all, graph, limit = Number.POSITIVE_INFINITY }: Options) => {
      await using universe = await openToRead(command)
      const start = await referenceOf(universe, at)
      const branches = await universe.branches()
      const starts = all ? branches.map(({ name }) => ({ branch: name })) : start
      const isOfAll = graph || all
      const pages = isOfAll ? portionsOf(universe.versions.ancestors(starts), limit) : pagesOf(universe, start, limit)
      if (isJson(command)) return printJson({ items: await collect(pages) })
      const shortener = new Shortener(universe)
      // As git does: through a pipe a plain log stays as it is when a branch moves.
      const names = namesByHead(isOfAll || isTerminal ? branches : [])
      const drawing = graph ? new (await import('./graph.js')).Graph() : undefined
      for await (const versions of pages) {
        await shortener.measure(versions.map(({ versionId }) => versionId))
        const lines = linesOf(versions, shortener, names)
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

/** Versions in portions of the same size. */
async function* portionsOf(versions: AsyncIterable<Version>, limit: number): AsyncGenerator<Version[]> {
  let waiting: Version[] = []
  let left = limit
  for await (const version of versions) {
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

/** The names of the branches whose head a version is. */
function namesByHead(branches: readonly Branch[]): Map<string, string[]> {
  const names = new Map<string, string[]>()
  for (const { name, head } of branches) {
    if (head !== undefined) names.set(head.versionId, [...(names.get(head.versionId) ?? []), name])
  }
  return names
}

function* drawn(graph: Graph, versions: readonly Version[], lines: readonly string[]): Generator<string> {
  for (const [index, version] of versions.entries()) {
    const [own = '', ...further] = graph.rowsOf(version)
    yield `${own} ${lines[index]}`
    yield* further
  }
}

function linesOf(
  versions: readonly Version[],
  shortener: Shortener,
  names: ReadonlyMap<string, readonly string[]>,
): string[] {
  const owners = versions.map(({ owner }) => printable(owner))
  const times = versions.map(({ timestamp }) => shownTime(timestamp))
  const width = Math.min(24, Math.max(...owners.map((owner) => owner.length)))
  const timeWidth = Math.max(...times.map((time) => time.length))
  return versions.map((version, index) => {
    const id = colours.yellow(printable(shortener.shorten(version.versionId)))
    const time = (times[index] ?? '').padEnd(timeWidth)
    const owner = colours.cyan((owners[index] ?? '').padEnd(width))
    const heads = names.get(version.versionId)?.map((name) => colours.green(printable(name)))
    const branches = heads === undefined ? '' : `(${heads.join(', ')}) `
    return `${id}  ${time}  ${owner}  ${branches}${firstLine(version.description)}`.trimEnd()
  })
}
