/** `backup <path>`: copies the newest committed state into a new file, while others read and write. */
import type { Command } from 'commander'
import type { Manual } from './manual.js'
import { print, printJson } from './output.js'
import { isJson, openToRead } from './universe.js'

export const manual: Manual = {
  examples: [{ call: 'iu backup copy.db', purpose: 'while others read and write' }],
}

export function define(command: Command): void {
  command.argument('<path>', 'a file that is not there yet').action(async (path: string) => {
    await using universe = await openToRead(command)
    await universe.backup(path)
    if (isJson(command)) printJson({ path })
    else print(path)
  })
}
