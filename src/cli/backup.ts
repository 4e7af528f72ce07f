/** `backup <path>`: copies the newest committed state into a new file, while others read and write. */
import type { Command } from 'commander'
import { print, printJson } from './output.js'
import { isJson, openToRead } from './universe.js'

export function define(command: Command): void {
  command.argument('<path>', 'a file that is not there yet').action(async (path: string) => {
    await using universe = await openToRead(command)
    await universe.backup(path)
    if (isJson(command)) printJson({ path })
    else print(path)
  })
}
