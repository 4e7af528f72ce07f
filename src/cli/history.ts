/** `history <id>`: every state of an entity or a relation, oldest first, with what changed. */
import type { Command } from 'commander'
import type { HistoryEntry } from '../index.js'
import { changesBetween } from '../state/change.js'
import { linesOfUpdate, nameOf, shortJson, signed } from './describe.js'
import type { Manual } from './manual.js'
import { shownTime } from './moment.js'
import { colours, firstLine, printable, printJson, printLines, remark } from './output.js'
import { atOption, referenceOf } from './reference.js'
import { Shortener } from './shorten.js'
import { isJson, openToRead } from './universe.js'

export const manual: Manual = {
  examples: [{ call: 'iu history ada', purpose: 'from its creation on' }],
}

export function define(command: Command): void {
  command
    .argument('<id>', 'of an entity or a relation')
    .addOption(atOption('up to this version, date or branch (default: main)'))
    .action(async (id: string, options: { at?: string }) => {
      await using universe = await openToRead(command)
      const entries = await universe.history(id, { until: await referenceOf(universe, options.at) })
      if (isJson(command)) return printJson({ items: entries })
      if (entries.length === 0) return remark(`${printable(id)} has no history here`)
      const shortener = new Shortener(universe)
      await shortener.measure(entries.map(({ version }) => version.versionId))
      for (const entry of entries) printLines(linesOf(entry, shortener))
    })
}

function linesOf(entry: HistoryEntry, shortener: Shortener): string[] {
  const { version, before, after } = entry
  const id = colours.yellow(printable(shortener.shorten(version.versionId)))
  const head = `${id}  ${shownTime(version.timestamp)}  ${entry.kind}  ${firstLine(version.description)}`.trimEnd()
  if (before === undefined && after === undefined) return [head]
  if (after === undefined) return [head, `    ${signed('-', nameOf(before as NonNullable<typeof before>))}`]
  if (before === undefined) return [head, `    ${signed('+', `${nameOf(after)} ${shortJson(after.metadata)}`)}`]
  return [head, ...linesOfUpdate(before, after, [...changesBetween(before.metadata, after.metadata)])]
}
