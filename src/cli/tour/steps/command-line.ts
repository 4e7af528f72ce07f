/** The same from the command line, each as a process of its own. */
import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { colours, print, printLines } from '../../output.js'
import { duration, firstOf, heading, shortHashes, type Tour } from '../step.js'

const shown = 4
const widest = 110

export async function showCommandLine(tour: Tour): Promise<void> {
  const { choice, chain } = tour
  heading('The same from the command line')
  const [, before] = chain
  const calls = [
    ...(choice === undefined ? [] : [['neighbours', choice.id, '--at', tour.short(choice.old)]]),
    ...(choice === undefined
      ? []
      : [['find', '--type', choice.entityType, '--order-by', 'updatedAt', '--order', 'desc']]),
    ...(before === undefined ? [] : [['diff', tour.short(before), 'main']]),
    ['log', '--graph', '--limit', '3'],
  ]
  for (const call of calls) run(tour, call)
}

function run({ path }: Tour, args: readonly string[]): void {
  const start = performance.now()
  const program = join(dirname(realpathSync(process.argv[1] as string)), 'main.js')
  const { stdout } = spawnSync(process.execPath, [program, ...args, '--db', path], { encoding: 'utf8' })
  const took = duration(performance.now() - start)
  print(`   ${colours.cyan(`iu ${args.map(word).join(' ')}`)}  ${colours.dim(took)}`)
  const lines = stdout.trimEnd().split('\n').map(shortHashes)
  printLines(firstOf(lines.map(cut), shown).map((line) => `     ${line}`))
}

/** A line of which the end may be left out. */
function cut(line: string): string {
  return line.length > widest ? `${line.slice(0, widest)}…` : line
}

/** As one types it in a shell. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
