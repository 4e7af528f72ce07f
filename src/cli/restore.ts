/** `restore <backup>`: puts a backup where the universe is to be, whole or not at all. */
import type { Command } from 'commander'
import type { Manual } from './manual.js'
import { print, printJson } from './output.js'
import { addressOf, isJson } from './universe.js'

export const manual: Manual = {
  details: `The backup is copied, its chain of versions and its head are verified, and the copy takes the place in
one step. A universe that is there is replaced with --force alone, and not while it is open.`,
  examples: [
    { call: 'iu restore monday.db --db restored.db', purpose: 'where nothing is' },
    { call: 'iu restore monday.db --db restored.db --force', purpose: 'in the place of what is there' },
  ],
}

export function define(command: Command): void {
  command
    .argument('<backup>', 'a file that `backup` made')
    .option('--force', 'replace the universe that is there')
    .action(async (backup: string, { force: overwrite }: { force?: boolean }) => {
      const path = addressOf(command)
      const { restoreUniverse } = await import('../index.js')
      await restoreUniverse(backup, path, { overwrite })
      if (isJson(command)) printJson({ path })
      else print(path)
    })
}
