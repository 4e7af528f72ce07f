/** `find`: entities or relations by type, tag, ends, age and metadata, a page at a time. */
import { type Command, Option } from 'commander'
import type { Entity, Relation } from '../index.js'
import { isRelation } from '../model/entity.js'
import { list, wholeNumber } from './arguments.js'
import { shortJson } from './describe.js'
import { UsageError } from './failure.js'
import type { Manual } from './manual.js'
import { colours, print, printable, printJson, remark } from './output.js'
import { atOption, momentGiven, type ViewOptions, validAtOption, viewOf } from './reference.js'
import { remarkUnknownTypes } from './suggest.js'
import { printTable } from './table.js'
import { isJson, openToRead } from './universe.js'
import { type Where, where, whereDetails } from './where.js'

interface Options extends ViewOptions {
  relation?: boolean
  type?: string[]
  tag?: string
  where?: Where
  from?: string
  to?: string
  touching?: string
  createdAfter?: string
  createdBefore?: string
  orderBy: 'id' | 'createdAt' | 'updatedAt'
  order: 'asc' | 'desc'
  count?: boolean
  limit: number
  cursor?: string
}

export const manual: Manual = {
  details: whereDetails,
  examples: [
    { call: 'iu find --type Person', purpose: 'every person' },
    { call: "iu find --where 'address.city=Paris' --where 'age>=18'", purpose: 'by two conditions on the metadata' },
    { call: 'iu find --tag lead --at 2024-05-01', purpose: 'who bore a tag then' },
    { call: 'iu find --relation --touching ada', purpose: 'every relation of an entity' },
    { call: 'iu find --order-by updatedAt --order desc -n 10', purpose: 'what was changed last' },
    { call: "iu find --type Company --where 'name~Ac' --count", purpose: 'only how many' },
  ],
}

export function define(command: Command): void {
  command
    .option('--entity', 'list entities (the default)')
    .addOption(new Option('--relation', 'list relations').conflicts('entity'))
    .option('--type <type>', 'only of this type (several: again, or with commas)', list)
    .option('--tag <tag>', 'only entities with this string in their metadata.tags')
    .option('--where <condition>', "only where this holds of the metadata, such as 'age>=18' (again: all hold)", where)
    .option('--from <id>', 'only relations from this entity')
    .option('--to <id>', 'only relations to this entity')
    .option('--touching <id>', 'only relations from or to this entity')
    .option('--created-after <date>', 'only what was created later')
    .option('--created-before <date>', 'only what was created earlier')
    .addOption(
      new Option('--order-by <key>', 'what to sort by').choices(['id', 'createdAt', 'updatedAt']).default('id'),
    )
    .addOption(new Option('--order <order>', 'least or greatest first').choices(['asc', 'desc']).default('asc'))
    .addOption(atOption())
    .addOption(validAtOption())
    .option('--count', 'say only how many there are')
    .option('-n, --limit <number>', 'list at most this many, up to 1000', wholeNumber, 100)
    .option('--cursor <cursor>', 'go on where an earlier page ended')
    .action(async (options: Options) => {
      const isOfRelations = options.relation === true || ends.some((end) => options[end] !== undefined)
      if (isOfRelations && (options.tag !== undefined || command.getOptionValue('entity') === true)) {
        throw new UsageError(
          `Only ${options.tag === undefined ? 'relations have ends' : 'entities have tags'}`,
          'Leave out --tag and --entity, or --relation, --from, --to and --touching.',
        )
      }
      await using universe = await openToRead(command)
      const view = await viewOf(universe, options)
      const kept = keptBy(options)
      if (options.count) {
        const { entities, relations } = await view.count(kept)
        const count = isOfRelations ? relations : entities
        return isJson(command) ? printJson({ count }) : print(String(count))
      }
      const { orderBy, order, limit, cursor } = options
      const filter = { ...kept, orderBy, order, limit, cursor }
      const page = isOfRelations ? await view.relations(filter) : await view.entities(filter)
      if (isJson(command)) return printJson(page)
      await printTable(page.items.map(rowOf))
      if (page.items.length === 0) {
        remark('nothing found')
        await remarkUnknownTypes(view, isOfRelations ? 'relation' : 'entity', options.type)
      }
      if (page.cursor !== undefined) remark(`more: --cursor ${page.cursor}`)
    })
}

const ends = ['from', 'to', 'touching'] as const

function keptBy({ type, tag, where: metadata, from, to, touching, createdAfter, createdBefore }: Options) {
  const given = {
    ...{ type, tag, metadata, from, to, touching },
    createdAfter: createdAfter === undefined ? undefined : momentGiven(createdAfter),
    createdBefore: createdBefore === undefined ? undefined : momentGiven(createdBefore),
  }
  // What entities do not have may not even be named where they are asked for.
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<typeof given>
}

function rowOf(element: Entity | Relation): string[] {
  const metadata = Object.keys(element.metadata).length === 0 ? '' : colours.dim(shortJson(element.metadata))
  if (!isRelation(element)) return [printable(element.id), colours.cyan(printable(element.entityType)), metadata]
  const { id, relationType, from, to } = element
  const way = `${printable(from)} → ${printable(to)}`
  return [printable(id), colours.cyan(printable(relationType)), way, metadata]
}
