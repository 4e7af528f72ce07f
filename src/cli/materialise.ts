/** `materialise <version>`: the whole state of a version, an entity or a relation a line. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Command, Option } from 'commander'
import type { Entity, Relation, State } from '../index.js'
import { nameOf, shortJson } from './describe.js'
import { interruptible } from './interrupt.js'
import type { Manual } from './manual.js'
import { referenceOf } from './reference.js'
import { isJson, openToRead } from './universe.js'

export const manual: Manual = {
  details: `The state is the same whichever way it is read: through the indexes, or by replaying
the deltas from the beginning. With --json it is one object, an element a line.`,
  examples: [
    { call: 'iu materialise main', purpose: 'all that stands now' },
    { call: 'iu materialise 2024-05-01 --json', purpose: 'all that stood then, for a program' },
    { call: 'iu materialise main --from deltas', purpose: 'the same, replayed' },
  ],
}

export function define(command: Command): void {
  command
    .argument('<version>', 'a version, date or branch')
    .addOption(new Option('--from <source>', 'what it is read from').choices(['index', 'deltas']).default('index'))
    .action((text: string, { from }: { from: 'index' | 'deltas' }) =>
      interruptible(async (signal) => {
        await using universe = await openToRead(command)
        const state = await universe.materialise(await referenceOf(universe, text), { from, signal })
        const lines = isJson(command) ? jsonOf(state) : linesOf(state)
        await pipeline(Readable.from(lines), process.stdout, { end: false, signal })
      }),
    )
}

function* linesOf({ entities, relations }: State): Generator<string> {
  for (const element of [...entities, ...relations]) yield `${nameOf(element)} ${shortJson(element.metadata)}\n`
}

/** One JSON document, never in memory as a whole. */
function* jsonOf({ version, entities, relations }: State): Generator<string> {
  yield `{\n"version": ${JSON.stringify(version ?? null)},\n"entities": [`
  yield* membersOf(entities)
  yield '],\n"relations": ['
  yield* membersOf(relations)
  yield ']\n}\n'
}

function* membersOf(elements: Iterable<Entity | Relation>): Generator<string> {
  let separator = '\n'
  for (const element of elements) {
    yield `${separator}${JSON.stringify(element)}`
    separator = ',\n'
  }
  if (separator !== '\n') yield '\n'
}
