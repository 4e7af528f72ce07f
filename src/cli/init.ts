/** `init`: makes a universe. */
import type { Command } from 'commander'
import type { Manual } from './manual.js'
import { print, printJson, remark } from './output.js'
import { addressOf, hasContent, isJson, openToWrite } from './universe.js'

export const manual: Manual = {
  examples: [{ call: 'iu init --db knowledge.db', purpose: 'an empty universe' }],
}

export function define(command: Command): void {
  command.action(async () => {
    const address = addressOf(command)
    const created = !hasContent(address)
    await using _universe = await openToWrite(command)
    if (isJson(command)) return printJson({ path: address, created })
    if (!created) remark('is a universe already')
    print(address)
  })
}
