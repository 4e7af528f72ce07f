/** The options of commands that go along relations. */
import { type Command, Option } from 'commander'
import type { Direction } from '../index.js'
import { list, wholeNumber } from './arguments.js'
import { atOption, type ViewOptions, validAtOption } from './reference.js'

export interface WalkOptions extends ViewOptions {
  direction: Direction
  type?: string[]
  maxDepth?: number
  maxEntities: number
}

export function directionOption(): Option {
  return new Option('--direction <direction>', 'of the relations').choices(['out', 'in', 'both']).default('out')
}

export function relationTypeOption(): Option {
  return new Option('--type <type>', 'only relations of this type (several: again, or with commas)').argParser(list)
}

export function addWalkOptions(command: Command): Command {
  return command
    .addOption(directionOption())
    .addOption(relationTypeOption())
    .option('--max-depth <number>', 'go over at most this many relations (default: any number)', wholeNumber)
    .option('--max-entities <number>', 'give up where more than this many are reached', wholeNumber, 10_000)
    .addOption(atOption())
    .addOption(validAtOption())
}

/** The options as the library takes them. */
export function walkOf({ direction, type, maxDepth, maxEntities }: WalkOptions) {
  return { direction, relationType: type, maxDepth, maxEntities }
}
