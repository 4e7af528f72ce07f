/** `import-git <repository>`: adds the history of a git repository, along first parents or all of it. */
import type { Command } from 'commander'
import { importFrom } from './import.js'
import { interruptible } from './interrupt.js'
import type { Manual } from './manual.js'
import { printable, remark } from './output.js'
import { isJson } from './universe.js'

export const manual: Manual = {
  details: `Commits along first parents are versions; files and directories are entities, contains
and imports (of JavaScript and TypeScript) relations. HEAD's chain is main. With --all merges
keep their parents, and every branch its name, or its full one, refs/heads/…, where another
is called so. Run again it adds what is new.`,
  examples: [
    { call: 'iu import-git . --db code.db', purpose: 'the repository around this folder' },
    { call: 'iu import-git . --all --db code.db', purpose: 'every branch of it' },
  ],
}

export function define(command: Command): void {
  command.argument('<repository>', 'a repository, or a folder inside its work tree')
  command.option('--all', 'every branch, with merges')
  command.action(async (path: string, { all }: { all?: boolean }) => {
    const [{ versionsOfGit }, { countOfGit }] = await Promise.all([
      import('../stream/git.js'),
      import('../stream/git/count.js'),
    ])
    // A branch may be called anything.
    const onOmission = (omission: string) =>
      remark(isJson(command) ? JSON.stringify({ warning: omission }) : `warning: ${printable(omission)}`)
    await interruptible(async (signal) => {
      const total = await countOfGit(path, { all, signal })
      const versions = versionsOfGit(path, { all, signal, onOmission })
      // The first version before a universe is made: a folder that is no repository leaves nothing.
      const first = await versions.next()
      await importFrom(command, continued(first, versions), signal, total)
    })
  })
}

async function* continued<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (first.done) return
  yield first.value
  yield* rest
}
