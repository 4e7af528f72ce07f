/** `revert <version>`: undoes a version, or a range of them, on top of what came later. */
import type { Command } from 'commander'
import type { Reference, RevertOptions, RevertRange, Universe } from '../index.js'
import { interruptible } from './interrupt.js'
import { printMade } from './made.js'
import type { Manual } from './manual.js'
import { printJson } from './output.js'
import { referenceOf } from './reference.js'
import { resolveOption, type SettleOptions, settleDetails, settled, strategyOption } from './settle.js'
import { isJson, openThere } from './universe.js'

interface Options extends SettleOptions {
  branch: string
  message?: string
}

export const manual: Manual = {
  details: settleDetails,
  examples: [
    { call: 'iu revert main', purpose: 'undo the newest version' },
    { call: 'iu revert 2024-02-15..main', purpose: 'undo all since then' },
  ],
}

export function define(command: Command): void {
  command
    .argument('<version>', 'a version, date or branch; a..b: those after a up to b, along first parents')
    .option('--branch <name>', 'the branch on which it is undone', 'main')
    .addOption(strategyOption())
    .addOption(resolveOption())
    .option('-m, --message <text>', 'the description of the version')
    .action(async (named: string, options: Options) => {
      await using universe = await openThere(command)
      await interruptible(async (signal) => {
        const { branch, message } = options
        const undone = await undoneBy(universe, named)
        const rest: RevertOptions = { branch, signal, ...(message === undefined ? {} : { description: message }) }
        const version = await settled(command, options, (strategy) => universe.revert(undone, { ...rest, strategy }))
        if (isJson(command)) printJson(version)
        else await printMade(universe, version)
      })
    })
}

/** A version, or a range where the text has two dots and is not the name of one itself. */
async function undoneBy(universe: Universe, text: string): Promise<Reference | RevertRange> {
  const dots = text.indexOf('..')
  if (dots === -1 || (await universe.versions.get(text)) !== undefined) return referenceOf(universe, text)
  return {
    from: await referenceOf(universe, text.slice(0, dots)),
    to: await referenceOf(universe, text.slice(dots + 2)),
  }
}
