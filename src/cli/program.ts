/** The program as commander knows it: all commands by name and summary, each loaded when it is needed. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import picocolors from 'picocolors'
import { commandGroups } from './commands.js'
import { addManual, type CommandFile } from './manual.js'

const more = `
A version is given as its id, a unique prefix of one, a branch (its head) or a date:
2024-05-01, 2024-05-01T10:00, 2024-05-01T10:00:00+02:00, "1 May 2024" (UTC where no zone
is given, a bare date is its midnight), now, today, yesterday, "3 days ago", "last month",
or milliseconds since the Unix epoch (@1454341470000).

Exit status: 0 ok, 1 failure, 2 usage, 3 not found, 4 conflict, 5 invalid input,
6 findings (verify found damage, diff --exit-code found changes), 130 interrupted.`

/** Commander takes them out again where there is no terminal. */
const { bold, cyan } = picocolors.createColors(true)

interface ProgramOptions {
  /** As the program was called. */
  name: string
  /** Whether nothing but JSON may be written to stderr. */
  wantsJson: boolean
  onCommand: (name: string) => void
}

export function createProgram({ name, wantsJson, onCommand }: ProgramOptions): Command {
  const files = new Map<Command, () => Promise<CommandFile>>()
  const loaded = new Set<Command>()
  const program = new Command(name)
    .description('A knowledge graph that remembers: every change is a version, any past state is read.')
    .usage('<command> [options]')
    .option('--db <address>', 'the universe: a path or a postgres:// URL (default: the variable INNER_UNIVERSE_DB)')
    .option('--json', 'write JSON, errors too')
    .version(ownVersion(), '-V, --version', 'print the version of this program')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, styleTitle: bold, styleSubcommandText: cyan, styleOptionText: cyan })
    .configureOutput({
      // Errors are reported in one place, by main; usage without a command is for a person.
      outputError: () => undefined,
      writeErr: (text) => (wantsJson ? undefined : process.stderr.write(text)),
    })
    .addHelpText('after', more)
    .exitOverride()

  for (const { title, commands } of commandGroups) {
    for (const entry of commands) {
      const command = program.command(entry.name).summary(entry.summary).description(sentence(entry.summary))
      command.copyInheritedSettings(program).helpGroup(title)
      files.set(command, entry.load)
    }
  }

  async function load(command: Command): Promise<void> {
    const file = files.get(command)
    if (file === undefined || loaded.has(command)) return
    loaded.add(command)
    const { define, manual } = await file()
    define(command, load)
    addManual(command, manual)
  }
  return program.hook('preSubcommand', async (_program, command) => {
    onCommand(command.name())
    await load(command)
  })
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`
}
