/** `diff <a> <b>`: what was created, updated and deleted between two versions. */
import type { Command } from 'commander'
import type { ElementDiff, Entity, Relation } from '../index.js'
import { linesOfUpdate, nameOf, shortJson, signed } from './describe.js'
import { findings } from './failure.js'
import type { Manual } from './manual.js'
import { colours, print, printJson, printLines } from './output.js'
import { referenceOf } from './reference.js'
import { isJson, openToRead } from './universe.js'

export const manual: Manual = {
  details: 'Lines with + are new, with - gone, with ~ changed.',
  examples: [
    { call: 'iu diff yesterday main', purpose: 'what changed since' },
    { call: 'iu diff 2024-02-15 main --exit-code', purpose: 'for a script: status 6 where they differ' },
  ],
}

export function define(command: Command): void {
  command
    .argument('<a>', 'a version, date or branch')
    .argument('<b>', 'a version, date or branch')
    .option('--exit-code', 'end with status 6 where there are differences')
    .action(async (a: string, b: string, options: { exitCode?: boolean }) => {
      await using universe = await openToRead(command)
      const diff = await universe.diff(await referenceOf(universe, a), await referenceOf(universe, b))
      const lists = [diff.entities, diff.relations].flatMap(({ created, updated, deleted }) => [
        created,
        updated,
        deleted,
      ])
      if (options.exitCode && lists.some(({ length }) => length > 0)) process.exitCode = findings
      if (isJson(command)) return printJson(diff)
      printLines(linesOf(diff.entities))
      printLines(linesOf(diff.relations))
      print(colours.dim(`entities ${counts(diff.entities)}, relations ${counts(diff.relations)}`))
    })
}

function linesOf<E extends Entity | Relation>({ created, updated, deleted }: ElementDiff<E>): string[] {
  return [
    ...deleted.map((element) => signed('-', nameOf(element))),
    ...created.map((element) => signed('+', `${nameOf(element)} ${shortJson(element.metadata)}`)),
    ...updated.flatMap(({ before, after, changes }) => [
      signed('~', nameOf(after)),
      ...linesOfUpdate(before, after, changes),
    ]),
  ]
}

function counts({ created, updated, deleted }: ElementDiff<Entity> | ElementDiff<Relation>): string {
  return `+${created.length} ~${updated.length} -${deleted.length}`
}
