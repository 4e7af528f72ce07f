/** `reachable <id>`: what relations lead to from an entity, nearest first. */
import type { Command } from 'commander'
import type { Manual } from './manual.js'
import { aligned, printable, printJson, printLines, remark } from './output.js'
import { viewOf } from './reference.js'
import { remarkUnknownTypes } from './suggest.js'
import { isJson, openToRead } from './universe.js'
import { addWalkOptions, type WalkOptions, walkOf } from './walk.js'

export const manual: Manual = {
  details: 'Each line is an entity, after the least number of relations that lead to it.',
  examples: [
    { call: 'iu reachable ada', purpose: 'all that ada leads to' },
    { call: 'iu reachable acme --direction in --type WORKS_AT', purpose: 'who works there, and whom they lead on' },
    { call: 'iu reachable ada --max-depth 2 --at "3 days ago"', purpose: 'two relations away, as it was' },
  ],
}

export function define(command: Command): void {
  addWalkOptions(command.argument('<id>', 'of an entity')).action(async (id: string, options: WalkOptions) => {
    await using universe = await openToRead(command)
    const view = await viewOf(universe, options)
    const items = await view.reachable(id, walkOf(options))
    if (isJson(command)) return printJson({ items })
    if (items.length > 0) return printLines(aligned(items.map((one) => [String(one.depth), printable(one.id)])))
    remark((await view.entity(id)) ? 'nothing can be reached' : `no entity ${printable(id)} stands here`)
    await remarkUnknownTypes(view, 'relation', options.type)
  })
}
