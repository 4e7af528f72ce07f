/** `migrate latest|up|down|list`: the schema of the database, step by step. */
import { Argument, type Command } from 'commander'
import type { Manual } from './manual.js'
import { shownTime } from './moment.js'
import { colours, printable, printJson, printLines } from './output.js'
import { addressOf, checkIsThere, isJson, openToWrite } from './universe.js'

type Step = 'latest' | 'up' | 'down' | 'list'

export const manual: Manual = {
  details: `\`latest\` runs all migrations that are missing, \`up\` the next one; \`down\` takes the last one back.`,
  examples: [
    { call: 'iu migrate list', purpose: 'what ran when' },
    { call: 'iu migrate latest', purpose: 'run what is missing' },
  ],
}

export function define(command: Command): void {
  command
    .addArgument(
      new Argument('<step>', 'run all migrations, the next one, take the last one back, or list them').choices([
        'latest',
        'up',
        'down',
        'list',
      ]),
    )
    .option('--force', 'take a migration back although versions are lost with it')
    .action(async (step: Step, options: { force?: boolean }) => {
      const address = addressOf(command)
      // Only latest and up make a database.
      if (step === 'down' || step === 'list') checkIsThere(address)
      const { listMigrationsOf, migrateDatabase } = await import('../database/migrator.js')
      if (step === 'list') {
        const items = await listMigrationsOf(address)
        if (isJson(command)) return printJson({ items })
        const width = Math.max(...items.map(({ name }) => name.length))
        const ran = (time: number | null) => (time === null ? colours.yellow('not run') : shownTime(time))
        printLines(items.map(({ name, executedAt }) => `${name.padEnd(width)}  ${ran(executedAt)}`))
        return
      }
      const items = await migrateDatabase(address, step, { force: options.force === true })
      if (step !== 'down' && (await isComplete(address))) await makeUniverse(command)
      if (isJson(command)) return printJson({ items })
      const nothing = step === 'down' ? 'nothing to take back' : 'up to date'
      printLines(
        items.length === 0 ? [nothing] : items.map(({ name, direction }) => `${direction}  ${printable(name)}`),
      )
    })
}

async function isComplete(address: string): Promise<boolean> {
  const { listMigrationsOf } = await import('../database/migrator.js')
  return (await listMigrationsOf(address)).every(({ executedAt }) => executedAt !== null)
}

/** Tables alone are no universe yet: a read would find no branch `main`. */
async function makeUniverse(command: Command): Promise<void> {
  await (await openToWrite(command)).close()
}
