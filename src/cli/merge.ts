/** `merge <source>`: brings a branch, or any version, into a branch; or shows what that would make. */
import { type Command, Option } from 'commander'
import type { MergeOptions, Reference, Universe } from '../index.js'
import { linesOfConflict } from './conflict.js'
import { linesOfOperation } from './describe.js'
import { statusOf } from './failure.js'
import { interruptible } from './interrupt.js'
import { printMade } from './made.js'
import type { Manual } from './manual.js'
import { colours, print, printable, printJson, printLines } from './output.js'
import { referenceOf } from './reference.js'
import { resolveOption, type SettleOptions, settleDetails, settled, strategyOption } from './settle.js'
import { isJson, openThere, openToRead } from './universe.js'

interface Options extends SettleOptions {
  into: string
  base?: string
  message?: string
  preview?: boolean
}

export const manual: Manual = {
  details: settleDetails,
  examples: [
    { call: 'iu merge proposal', purpose: 'a branch into main' },
    { call: 'iu merge proposal --preview', purpose: 'what it would make; nothing is written' },
    {
      call: 'iu merge main --into proposal --strategy theirs',
      purpose: 'catch up; where both changed, as main has it',
    },
  ],
}

export function define(command: Command): void {
  command
    .argument('<source>', 'a branch, version or date')
    .option('--into <branch>', 'the branch to merge into', 'main')
    .addOption(strategyOption())
    .addOption(resolveOption())
    .option('--base <version>', 'compare with this version, date or branch (default: the best common ancestor)')
    .option('-m, --message <text>', 'the description of the version')
    .addOption(new Option('--preview', 'show what it would make').conflicts(['strategy', 'resolve', 'message']))
    .action(async (source: string, options: Options) => {
      if (options.preview) {
        await using universe = await openToRead(command)
        return await preview(command, universe, source, options)
      }
      await using universe = await openThere(command)
      await interruptible(async (signal) => {
        const { into, message } = options
        const given = await referenceOf(universe, source)
        const base = await baseOf(universe, options)
        const rest: MergeOptions = { into, signal, ...base, ...(message === undefined ? {} : { description: message }) }
        const before = await universe.versions.latest(into)
        const version = await settled(command, options, (strategy) => universe.merge(given, { ...rest, strategy }))
        const isNew = version.versionId !== before?.versionId
        if (isJson(command)) printJson(version)
        else if (isNew) await printMade(universe, version)
        else print(`${printable(into)} has all of ${printable(source)} already`)
      })
    })
}

async function preview(command: Command, universe: Universe, source: string, options: Options): Promise<void> {
  const into = await referenceOf(universe, options.into)
  const given = await referenceOf(universe, source)
  const made = await universe.previewMerge(given, { into, ...(await baseOf(universe, options)) })
  const { base, operations, conflicts } = made
  if (conflicts.length > 0) process.exitCode = statusOf({ code: 'MERGE_CONFLICT' })
  if (isJson(command)) return printJson({ base: base ?? null, operations, conflicts })
  printLines(operations.flatMap(linesOfOperation))
  printLines(conflicts.flatMap(linesOfConflict))
  const counts = `${operations.length} operations, ${conflicts.length} conflicts`
  print(colours.dim(`${counts}, base ${base === undefined ? 'the empty graph' : printable(base.versionId)}`))
}

async function baseOf(universe: Universe, { base }: Options): Promise<{ base?: Reference }> {
  return base === undefined ? {} : { base: await referenceOf(universe, base) }
}
