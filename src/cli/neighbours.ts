/** `neighbours <id>`: the relations of an entity and the entities at their other ends. */
import type { Command } from 'commander'
import type { Direction, Neighbour } from '../index.js'
import { list, wholeNumber } from './arguments.js'
import { metadataOf } from './describe.js'
import type { Manual } from './manual.js'
import { colours, printable, printJson, remark } from './output.js'
import { atOption, type ViewOptions, validAtOption, viewOf } from './reference.js'
import { remarkUnknownTypes } from './suggest.js'
import { printTable } from './table.js'
import { isJson, openToRead } from './universe.js'
import { directionOption, relationTypeOption } from './walk.js'

interface Options extends ViewOptions {
  direction: Direction
  type?: string[]
  entityType?: string[]
  limit: number
  cursor?: string
}

export const manual: Manual = {
  examples: [
    { call: 'iu neighbours ada', purpose: 'relations that start at ada' },
    { call: 'iu neighbours acme --direction in --type WORKS_AT', purpose: 'who works there' },
    {
      call: 'iu neighbours ada --at 2024-02-15 --valid-at 2024-01-01',
      purpose: 'what was believed then of an earlier moment',
    },
  ],
}

export function define(command: Command): void {
  command
    .argument('<id>', 'of an entity')
    .addOption(atOption())
    .addOption(validAtOption())
    .addOption(directionOption())
    .addOption(relationTypeOption())
    .option('--entity-type <type>', 'only entities of this type (several: again, or with commas)', list)
    .option('-n, --limit <number>', 'list at most this many, up to 1000', wholeNumber, 100)
    .option('--cursor <cursor>', 'go on where an earlier page ended')
    .action(async (id: string, options: Options) => {
      await using universe = await openToRead(command)
      const view = await viewOf(universe, options)
      const { direction, type, entityType, limit, cursor } = options
      const page = await view.neighbours(id, { direction, relationType: type, entityType, limit, cursor })
      if (isJson(command)) return printJson(page)
      await printTable(page.items.map((item) => rowOf(id, item)))
      if (page.items.length === 0) {
        remark((await view.entity(id)) ? 'no neighbours' : `no entity ${printable(id)} stands here`)
        await remarkUnknownTypes(view, 'relation', type)
        await remarkUnknownTypes(view, 'entity', entityType)
      }
      if (page.cursor !== undefined) remark(`more: --cursor ${page.cursor}`)
    })
}

function rowOf(id: string, { entity, relation }: Neighbour): string[] {
  return [
    relation.from === id ? (relation.to === id ? '↔' : '→') : '←',
    colours.cyan(printable(relation.relationType)),
    printable(entity.id),
    colours.dim(printable(entity.entityType)),
    colours.dim(metadataOf(relation)),
  ]
}
