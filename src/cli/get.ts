/** `get <id>`: an entity or a relation as it stands at a version. */
import type { Command } from 'commander'
import type { Entity, Relation } from '../index.js'
import { isRelation } from '../model/entity.js'
import { NotFoundError } from '../model/errors.js'
import type { Manual } from './manual.js'
import { fullTime } from './moment.js'
import { aligned, printable, printJson, printLines } from './output.js'
import { atOption, type ViewOptions, validAtOption, viewOf } from './reference.js'
import { isJson, openToRead } from './universe.js'

export const manual: Manual = {
  examples: [
    { call: 'iu get ada', purpose: 'as it stands now' },
    { call: 'iu get ada --at 2024-01-15 --json', purpose: 'as it stood then, for a program' },
  ],
}

export function define(command: Command): void {
  command
    .argument('<id>', 'of an entity or a relation')
    .addOption(atOption())
    .addOption(validAtOption())
    .action(async (id: string, options: ViewOptions) => {
      await using universe = await openToRead(command)
      const view = await viewOf(universe, options)
      const element = (await view.entity(id)) ?? (await view.relation(id))
      if (element === undefined) throw new NotFoundError({ what: 'The entity or relation', id })
      if (isJson(command)) return printJson(element)
      printLines(linesOf(element))
    })
}

function linesOf(element: Entity | Relation): string[] {
  const { id, createdAt, updatedAt, validFrom, validTo, metadata } = element
  const rows: [string, string][] = isRelation(element)
    ? [
        ['relation', printable(id)],
        ['type', printable(element.relationType)],
        ['from', printable(element.from)],
        ['to', printable(element.to)],
      ]
    : [
        ['entity', printable(id)],
        ['type', printable(element.entityType)],
      ]
  rows.push(['created', fullTime(createdAt)], ['updated', fullTime(updatedAt)])
  if (validFrom !== undefined) rows.push(['validFrom', fullTime(validFrom)])
  if (validTo !== undefined) rows.push(['validTo', fullTime(validTo)])
  return [...aligned(rows), ...JSON.stringify(metadata, null, 2).split('\n').map(printable)]
}
