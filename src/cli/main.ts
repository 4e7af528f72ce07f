#!/usr/bin/env node
/**
 * The command line. Each command is a file of its own, loaded only when it runs: what `--help` needs
 * is here and in commander.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Command, CommanderError } from 'commander'
import { report, statusOf, UsageError } from './failure.js'

interface CommandFile {
  /** Adds arguments, options and what the command does. */
  define(command: Command): void
}

const commands: Record<string, { summary: string; load: () => Promise<CommandFile> }> = {
  init: { summary: 'make a universe', load: () => import('./init.js') },
  migrate: { summary: 'bring the schema up to date, or step by step', load: () => import('./migrate.js') },
  import: { summary: 'add the versions of a stream (NDJSON, plain or gzip)', load: () => import('./import.js') },
  'import-git': { summary: "add a git repository's history", load: () => import('./import-git.js') },
  export: { summary: 'write versions as a stream (NDJSON)', load: () => import('./export.js') },
  log: { summary: 'list versions, newest first', load: () => import('./log.js') },
  show: { summary: 'show a version and its operations', load: () => import('./show.js') },
  get: { summary: 'show an entity or a relation', load: () => import('./get.js') },
  neighbours: { summary: "list an entity's relations and what they lead to", load: () => import('./neighbours.js') },
  history: { summary: 'list every state of an entity or a relation', load: () => import('./history.js') },
  diff: { summary: 'compare two versions', load: () => import('./diff.js') },
  stats: { summary: 'show counts and sizes', load: () => import('./stats.js') },
  verify: { summary: 'prove that the database is what its versions say', load: () => import('./verify.js') },
  backup: { summary: 'copy the universe into a new file', load: () => import('./backup.js') },
}

const more = `
A version is given as its id, a unique prefix of one, a branch (its head), a date
(2024-05-01, 2024-05-01T10:00, 2024-05-01T10:00:00+02:00; UTC where no zone is given,
a bare date is its midnight) or milliseconds since the Unix epoch (@1454341470000).

Exit status: 0 ok, 1 failure, 2 usage, 3 not found, 4 conflict, 5 invalid input,
6 findings (verify found damage, diff --exit-code found changes), 130 interrupted.`

const ends = process.argv.indexOf('--')
const wantsJson = process.argv.slice(2, ends === -1 ? undefined : ends).includes('--json')

let running: string | undefined

// Whoever reads us has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
  throw error
})

try {
  await createProgram().parseAsync()
} catch (error) {
  const failure = error instanceof CommanderError ? usageError(error) : error
  if (failure !== undefined) {
    report(failure, wantsJson)
    process.exitCode = statusOf(failure)
  }
}

function createProgram(): Command {
  const invoked = basename(process.argv[1] ?? '')
  const program = new Command(invoked === 'iu' ? 'iu' : 'inner-universe')
    .description('A knowledge graph that remembers: every change is a version, any past state is read.')
    .option('--db <path>', 'the universe (default: the environment variable INNER_UNIVERSE_DB)')
    .option('--json', 'write JSON, errors too')
    .version(ownVersion(), '-V, --version', 'print the version of this program')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      // Errors are reported in one place, below; usage without a command is for a person.
      outputError: () => undefined,
      writeErr: (text) => (wantsJson ? undefined : process.stderr.write(text)),
    })
    .addHelpText('after', more)
    .exitOverride()

  for (const [name, { summary }] of Object.entries(commands)) {
    const command = program.command(name).summary(summary).description(sentence(summary))
    command.copyInheritedSettings(program)
  }
  program
    .command('help')
    .summary('print help of a command')
    .argument('[command]')
    .action(async (name?: string) => {
      const command = name === undefined ? program : program.commands.find((candidate) => candidate.name() === name)
      if (command === undefined) throw new UsageError(`unknown command '${name}'`, 'See `inner-universe --help`.')
      await load(command)
      command.help()
    })
  return program.hook('preSubcommand', async (_program, command) => {
    running = command.name()
    await load(command)
  })
}

async function load(command: Command): Promise<void> {
  const file = await commands[command.name()]?.load()
  file?.define(command)
}

/** What commander refused, as an error of ours; undefined where it only printed what was asked for. */
function usageError(error: CommanderError): UsageError | undefined {
  if (error.exitCode === 0) return undefined
  const help = `See \`inner-universe${running === undefined ? '' : ` ${running}`} --help\`.`
  if (error.code === 'commander.help') return wantsJson ? new UsageError('No command is given', help) : silent()
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  return new UsageError(message.replace(/\.$/, ''), suggestion?.replace(/^\((.*)\)$/, '$1') ?? help)
}

/** The help was printed in place of an error. */
function silent(): undefined {
  process.exitCode = 2
  return undefined
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`
}
