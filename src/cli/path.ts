/** `path <a> <b>`: a shortest path between two entities, a line for each relation on it. */
import type { Command } from 'commander'
import type { Path } from '../index.js'
import { NotFoundError } from '../model/errors.js'
import { metadataOf } from './describe.js'
import type { Manual } from './manual.js'
import { colours, printable, printJson } from './output.js'
import { viewOf } from './reference.js'
import { printTable } from './table.js'
import { isJson, openToRead } from './universe.js'
import { addWalkOptions, type WalkOptions, walkOf } from './walk.js'

export const manual: Manual = {
  details: 'Of several that are as short it is always the same one. Where there is none the exit status is 3.',
  examples: [
    { call: 'iu path ada acme', purpose: 'from one to the other' },
    { call: 'iu path grace acme --direction both', purpose: 'along relations and against them' },
    { call: 'iu path ada acme --at 2024-05-01 --json', purpose: 'as it was, for a program' },
  ],
}

export function define(command: Command): void {
  command.argument('<a>', 'the id of an entity').argument('<b>', 'the id of an entity')
  addWalkOptions(command).action(async (a: string, b: string, options: WalkOptions) => {
    await using universe = await openToRead(command)
    const view = await viewOf(universe, options)
    const path = await view.shortestPath(a, b, walkOf(options))
    if (path === undefined) {
      for (const id of [a, b]) await view.requireEntity(id)
      throw new NotFoundError({ what: `A path from ${JSON.stringify(a)} to`, id: b })
    }
    if (isJson(command)) return printJson(path)
    await printTable(rowsOf(path))
  })
}

/** The start, and then each relation with the entity that it leads to. */
function rowsOf({ entities, relations }: Path): string[][] {
  return entities.map(({ id, entityType }, index) => {
    const relation = relations[index - 1]
    const name = [printable(id), colours.dim(printable(entityType))]
    if (relation === undefined) return ['', '', ...name, '']
    const arrow = relation.to === id ? '→' : '←'
    return [arrow, colours.cyan(printable(relation.relationType)), ...name, colours.dim(metadataOf(relation))]
  })
}
