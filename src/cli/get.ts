/** `get <id>`: an entity or a relation as it stands at a version. */
import type { Command } from 'commander'
import type { Entity, Relation } from '../index.js'
import { isRelation } from '../model/entity.js'
import { NotFoundError } from '../model/errors.js'
import { aligned, isoTime, printable, printJson, printLines } from './output.js'
import { atOption, referenceOf } from './reference.js'
import { isJson, openToRead } from './universe.js'

export function define(command: Command): void {
  command
    .argument('<id>', 'of an entity or a relation')
    .addOption(atOption())
    .action(async (id: string, options: { at?: string }) => {
      await using universe = await openToRead(command)
      const view = universe.at(await referenceOf(universe, options.at))
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
  rows.push(['created', isoTime(createdAt)], ['updated', isoTime(updatedAt)])
  if (validFrom !== undefined) rows.push(['validFrom', isoTime(validFrom)])
  if (validTo !== undefined) rows.push(['validTo', isoTime(validTo)])
  return [...aligned(rows), ...JSON.stringify(metadata, null, 2).split('\n').map(printable)]
}
