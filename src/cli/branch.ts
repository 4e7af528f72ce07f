/** `branch [name] [start]`: lists branches, makes one, or with `--delete` deletes one. */
import type { Command } from 'commander'
import type { Branch, Universe } from '../index.js'
import { UsageError } from './failure.js'
import type { Manual } from './manual.js'
import { shownTime } from './moment.js'
import { colours, firstLine, print, printable, printJson, printLines } from './output.js'
import { referenceOf } from './reference.js'
import { Shortener } from './shorten.js'
import { isJson, openThere, openToRead } from './universe.js'

export const manual: Manual = {
  details: `A branch is a name that moves with each version added to it. Deleting one removes the name:
its versions stay readable by their ids.`,
  examples: [
    { call: 'iu branch', purpose: 'list all, with their newest versions' },
    { call: 'iu branch draft', purpose: "begin one at main's newest version" },
    { call: 'iu branch before "last year"', purpose: 'begin one at an older version' },
    { call: 'iu branch --delete draft', purpose: 'delete the name' },
  ],
}

export function define(command: Command): void {
  command
    .argument('[name]', 'the branch to make')
    .argument('[start]', 'the version, date or branch that it begins at (default: main)')
    .option('-d, --delete <name>', 'delete this branch', once)
    .action(async (name: string | undefined, start: string | undefined, options: { delete?: string }) => {
      if (name === undefined && options.delete === undefined) return list(command)
      if (name !== undefined && options.delete !== undefined) {
        throw new UsageError('--delete takes the place of a name', 'Make a branch, or delete one.')
      }
      await using universe = await openThere(command)
      if (options.delete !== undefined) await remove(command, universe, options.delete)
      else await make(command, universe, name as string, start)
    })
}

/** The last of several would be deleted, and the others not. */
function once(name: string, before: string | undefined): string {
  if (before !== undefined) throw new UsageError('--delete is given twice', 'Delete one branch at a time.')
  return name
}

async function list(command: Command): Promise<void> {
  await using universe = await openToRead(command)
  const branches = await universe.branches()
  if (isJson(command)) return printJson({ items: branches })
  printLines(await linesOf(universe, branches))
}

async function make(command: Command, universe: Universe, name: string, start: string | undefined): Promise<void> {
  const branch = await universe.createBranch(name, { from: await referenceOf(universe, start) })
  if (isJson(command)) return printJson(branch)
  const [line = ''] = await linesOf(universe, [branch])
  print(line)
}

async function remove(command: Command, universe: Universe, name: string): Promise<void> {
  const deleted = (await universe.branches()).find((branch) => branch.name === name)
  await universe.deleteBranch(name)
  if (isJson(command)) return printJson({ deleted })
  print(`deleted ${printable(name)} (was ${deleted?.head?.versionId})`)
}

async function linesOf(universe: Universe, branches: readonly Branch[]): Promise<string[]> {
  const shortener = new Shortener(universe)
  await shortener.measure(branches.flatMap(({ head }) => head?.versionId ?? []))
  const width = Math.max(...branches.map(({ name }) => printable(name).length))
  return branches.map(({ name, head }) => {
    const shown = colours.green(printable(name).padEnd(width))
    if (head === undefined) return `${shown}  ${colours.dim('no version yet')}`
    const id = colours.yellow(printable(shortener.shorten(head.versionId)))
    return `${shown}  ${id}  ${shownTime(head.timestamp)}  ${firstLine(head.description)}`.trimEnd()
  })
}
