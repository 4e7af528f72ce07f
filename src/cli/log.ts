/** `log`: versions along first parents, newest first, a line each. */
import type { Command } from 'commander'
import type { Reference, Universe, Version } from '../index.js'
import { wholeNumber } from './arguments.js'
import { colours, firstLine, isoTime, printable, printJson, printLines } from './output.js'
import { atOption, referenceOf } from './reference.js'
import { Shortener } from './shorten.js'
import { isJson, openToRead } from './universe.js'

/** How many versions are read at a time. */
const batch = 1_000

export function define(command: Command): void {
  command
    .addOption(atOption('begin at this version, date or branch (default: main)'))
    .option('-n, --limit <number>', 'list at most this many (default: all)', wholeNumber)
    .action(async (options: { at?: string; limit?: number }) => {
      await using universe = await openToRead(command)
      const start = await referenceOf(universe, options.at)
      const pages = pagesOf(universe, start, options.limit ?? Number.POSITIVE_INFINITY)
      if (isJson(command)) return printJson({ items: await collect(pages) })
      const shortener = new Shortener(universe)
      for await (const versions of pages) {
        await shortener.measure(versions.map(({ versionId }) => versionId))
        printLines(linesOf(versions, shortener))
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

function linesOf(versions: readonly Version[], shortener: Shortener): string[] {
  const owners = versions.map(({ owner }) => printable(owner))
  const width = Math.min(24, Math.max(...owners.map((owner) => owner.length)))
  return versions.map((version, index) => {
    const id = colours.yellow(printable(shortener.shorten(version.versionId)))
    const owner = colours.cyan((owners[index] ?? '').padEnd(width))
    return `${id}  ${isoTime(version.timestamp)}  ${owner}  ${firstLine(version.description)}`.trimEnd()
  })
}
