/** `neighbours <id>`: the relations of an entity and the entities at their other ends. */
import { type Command, Option } from 'commander'
import type { Direction, Neighbour } from '../index.js'
import { list, wholeNumber } from './arguments.js'
import { shortJson } from './describe.js'
import { colours, print, printable, printJson, remark } from './output.js'
import { atOption, referenceOf } from './reference.js'
import { isJson, openToRead } from './universe.js'

interface Options {
  at?: string
  direction: Direction
  type?: string[]
  entityType?: string[]
  limit: number
  cursor?: string
}

export function define(command: Command): void {
  command
    .argument('<id>', 'of an entity')
    .addOption(atOption())
    .addOption(new Option('--direction <direction>', 'of the relations').choices(['out', 'in', 'both']).default('out'))
    .option('--type <type>', 'only relations of this type (several: again, or with commas)', list)
    .option('--entity-type <type>', 'only entities of this type (several: again, or with commas)', list)
    .option('-n, --limit <number>', 'list at most this many, up to 1000', wholeNumber, 100)
    .option('--cursor <cursor>', 'go on where an earlier page ended')
    .action(async (id: string, options: Options) => {
      await using universe = await openToRead(command)
      const view = universe.at(await referenceOf(universe, options.at))
      const { direction, type, entityType, limit, cursor } = options
      const page = await view.neighbours(id, { direction, relationType: type, entityType, limit, cursor })
      if (isJson(command)) return printJson(page)
      if (page.items.length > 0) print(await tableOf(id, page.items))
      else remark((await view.entity(id)) ? 'no neighbours' : `no entity ${printable(id)} stands here`)
      if (page.cursor !== undefined) remark(`more: --cursor ${page.cursor}`)
    })
}

async function tableOf(id: string, neighbours: readonly Neighbour[]): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', mid: '', 'mid-mid': '', 'left-mid': '' }
  const chars = { ...none, bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', 'right-mid': '' }
  const table = new Table({
    chars: { ...chars, left: '', right: '', middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const { entity, relation } of neighbours) {
    table.push([
      relation.from === id ? (relation.to === id ? '↔' : '→') : '←',
      colours.cyan(printable(relation.relationType)),
      printable(entity.id),
      colours.dim(printable(entity.entityType)),
      Object.keys(relation.metadata).length === 0 ? '' : colours.dim(shortJson(relation.metadata)),
    ])
  }
  return table.toString().replaceAll(/[ \t]+$/gm, '')
}
