/** `stats`: counts and sizes; with `--at` what stood then. */
import type { Command } from 'commander'
import type { TypeCount } from '../index.js'
import type { Manual } from './manual.js'
import { aligned, printable, printJson, printLines } from './output.js'
import { atOption, type ViewOptions, validAtOption, viewOf } from './reference.js'
import { isJson, openToRead } from './universe.js'

export const manual: Manual = {
  examples: [
    { call: 'iu stats', purpose: 'now' },
    { call: 'iu stats --at "last year"', purpose: 'what stood then' },
  ],
}

export function define(command: Command): void {
  command
    .addOption(atOption('count the entities and relations of this version, date or branch (default: main)'))
    .addOption(validAtOption())
    .action(async (options: ViewOptions) => {
      await using universe = await openToRead(command)
      const view = await viewOf(universe, options)
      const types = await view.types()
      const counted = { entities: sum(types.entities), relations: sum(types.relations) }
      const stats = { ...(await universe.stats()), ...counted, types }
      if (isJson(command)) return printJson(stats)
      printLines(
        aligned([
          ['universe', stats.universeId],
          ['format', String(stats.formatVersion)],
          ['entities', grouped(stats.entities)],
          ...types.entities.map(rowOf),
          ['relations', grouped(stats.relations)],
          ...types.relations.map(rowOf),
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

function rowOf({ type, count }: TypeCount): [string, string] {
  return [`  ${printable(type)}`, grouped(count)]
}

function sum(types: readonly TypeCount[]): number {
  return types.reduce((total, { count }) => total + count, 0)
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
