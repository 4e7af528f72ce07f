/** `stats`: counts and sizes; with `--at` what stood then. */
import type { Command } from 'commander'
import { aligned, printJson, printLines } from './output.js'
import { atOption, referenceOf } from './reference.js'
import { isJson, openToRead } from './universe.js'

export function define(command: Command): void {
  command
    .addOption(atOption('count the entities and relations of this version, date or branch (default: main)'))
    .action(async (options: { at?: string }) => {
      await using universe = await openToRead(command)
      const counted = options.at === undefined ? {} : await universe.at(await referenceOf(universe, options.at)).count()
      const stats = { ...(await universe.stats()), ...counted }
      if (isJson(command)) return printJson(stats)
      printLines(
        aligned([
          ['universe', stats.universeId],
          ['format', String(stats.formatVersion)],
          ['entities', grouped(stats.entities)],
          ['relations', grouped(stats.relations)],
          ['versions', grouped(stats.versions)],
          ['branches', grouped(stats.branches)],
          ['lanes', grouped(stats.lanes)],
          ['superseded entities', grouped(stats.entityHistory)],
          ['superseded relations', grouped(stats.relationHistory)],
          ['events', grouped(stats.events)],
          ['size', bytes(stats.bytes)],
        ]),
      )
    })
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}

function bytes(count: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10))
  const number = power === 0 ? String(count) : (count / 1024 ** power).toFixed(1)
  return `${number} ${units[power]}`
}
