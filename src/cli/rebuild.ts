/** `rebuild`: derives everything that can be derived from the deltas again. */
import type { Command } from 'commander'
import { interruptible } from './interrupt.js'
import type { Manual } from './manual.js'
import { print, printJson } from './output.js'
import { withVersionsBar } from './progress.js'
import { isJson, openThere } from './universe.js'

export const manual: Manual = {
  details: `Heads, histories, tags, lanes and snapshots are dropped and derived from the deltas again,
all or nothing; no answer changes. It mends what verify finds in them, and lays lanes anew
where reading has become slow. Damage in the deltas themselves it refuses.`,
  examples: [{ call: 'iu rebuild', purpose: 'derive everything again' }],
}

export function define(command: Command): void {
  command.action(() =>
    interruptible(async (signal) => {
      await using universe = await openThere(command)
      const result = await withVersionsBar((onProgress) => universe.rebuild({ signal, onProgress }))
      if (isJson(command)) printJson(result)
      else print(`rebuilt ${counted(result.versions, 'version')} on ${counted(result.lanes, 'lane')}`)
    }),
  )
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
