/** `init`: makes a universe. */
import type { Command } from 'commander'
import { nameOf } from '../database/address.js'
import type { Universe } from '../index.js'
import { NotFoundError } from '../model/errors.js'
import { UsageError } from './failure.js'
import type { Manual } from './manual.js'
import { print, printJson, remark } from './output.js'
import { addressOf, isJson } from './universe.js'

export const manual: Manual = {
  details: `On PostgreSQL the universe is a schema of the database: "public", or the one that ?schema=name
in the address says. The database itself must be there, and the package pg installed.`,
  examples: [{ call: 'iu init --db knowledge.db', purpose: 'an empty universe' }],
}

export function define(command: Command): void {
  command.action(async () => {
    const address = addressOf(command)
    if (address === ':memory:') {
      throw new UsageError('A universe in memory would end with the command', 'Name a file.')
    }
    const { universe, created } = await openOrMake(address)
    await universe.close()
    const path = nameOf(address)
    if (isJson(command)) return printJson({ path, created })
    if (!created) remark('is a universe already')
    print(path)
  })
}

async function openOrMake(address: string): Promise<{ universe: Universe; created: boolean }> {
  const { openUniverse } = await import('../index.js')
  try {
    return { universe: await openUniverse(address, { create: false }), created: false }
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error
  }
  return { universe: await openUniverse(address), created: true }
}
