/** Settling the conflicts of a merge or a revert: by a side, or one by one with a resolution file. */
import { existsSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { Conflict, MergeStrategy, Version } from '../index.js'
import { MergeConflictError } from '../model/errors.js'
import { linesOfConflict } from './conflict.js'
import { printLines } from './output.js'
import { readResolution, UnsettledError, writeResolution } from './resolution.js'
import { isJson } from './universe.js'

export interface SettleOptions {
  strategy?: 'fail' | 'ours' | 'theirs'
  resolve?: string
}

/** What the help says of them. */
export const settleDetails = `Conflicts end it with status 4 and nothing is written. --resolve <file> writes them to
a file where there is none: give each a "settle" ("ours", "theirs", "base", "delete" or
{ "value": … }) and run it again.`

export function strategyOption(): Option {
  return new Option('--strategy <name>', 'settle every conflict by a side').choices(['fail', 'ours', 'theirs'])
}

export function resolveOption(): Option {
  const option = new Option('--resolve <file>', 'settle conflicts one by one, in a file that is written for it')
  return option.conflicts('strategy')
}

/**
 * Makes a version whose conflicts are settled as the options say. For a person those that are not are
 * printed.
 *
 * @throws {UnsettledError} with them.
 */
export async function settled(
  command: Command,
  { strategy = 'fail', resolve }: SettleOptions,
  make: (strategy: MergeStrategy) => Promise<Version>,
): Promise<Version> {
  try {
    return await make(strategy)
  } catch (error) {
    if (!(error instanceof MergeConflictError)) throw error
    const { conflicts } = error
    try {
      if (resolve !== undefined && existsSync(resolve)) return await make(readResolution(resolve, conflicts))
      if (resolve !== undefined) writeResolution(resolve, conflicts)
    } catch (unsettled) {
      if (unsettled instanceof UnsettledError) show(command, unsettled.conflicts)
      throw unsettled
    }
    show(command, conflicts)
    const hint =
      resolve === undefined
        ? 'Settle them with --strategy ours or theirs, or one by one with --resolve <file>.'
        : `They are written to ${resolve}: give each a "settle" and run it again.`
    throw new UnsettledError({ message: error.message, conflicts, hint })
  }
}

function show(command: Command, conflicts: readonly Conflict[]): void {
  if (!isJson(command)) printLines(conflicts.flatMap(linesOfConflict))
}
