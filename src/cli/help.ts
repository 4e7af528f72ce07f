/** `help [command]`: for a person as `--help` prints it, with `--json` for programs: of it docs/cli.md is made. */
import type { Argument, Command, Option } from 'commander'
import { UsageError } from './failure.js'
import { type Manual, manualOf } from './manual.js'
import { printJson } from './output.js'
import { similar } from './suggest.js'
import { isJson } from './universe.js'

export const manual: Manual = {
  details: 'With --json it describes the command, or all commands, for a program.',
  examples: [
    { call: 'iu help', purpose: 'all commands' },
    { call: 'iu help find', purpose: 'one command' },
  ],
}

export function define(command: Command, load: (other: Command) => Promise<void>): void {
  command.argument('[command]', 'one of those that `help` lists').action(async (name?: string) => {
    const program = command.parent as Command
    const found = name === undefined ? program : program.commands.find((candidate) => candidate.name() === name)
    if (found === undefined) throw unknown(name as string, program)
    if (!isJson(command)) {
      await load(found)
      found.help()
    }
    const wanted = found === program ? program.commands : [found]
    for (const one of wanted) await load(one)
    printJson({ options: program.options.map(optionOf), commands: wanted.map(describe) })
  })
}

function unknown(name: string, program: Command): UsageError {
  const [best] = similar(
    name,
    program.commands.map((candidate) => candidate.name()),
  )
  const hint = best === undefined ? `See \`${program.name()} --help\`.` : `Did you mean ${best}?`
  return new UsageError(`unknown command '${name}'`, hint)
}

function describe(command: Command) {
  return {
    name: command.name(),
    group: command.helpGroup().replace(/:$/, ''),
    description: command.description(),
    usage: `iu ${command.name()} ${command.usage()}`,
    arguments: command.registeredArguments.map(argumentOf),
    options: command.options.map(optionOf),
    details: manualOf(command)?.details ?? null,
    examples: manualOf(command)?.examples ?? [],
  }
}

function argumentOf(argument: Argument) {
  const { required, description, argChoices } = argument
  return { name: argument.name(), required, description, choices: argChoices ?? null }
}

function optionOf({ flags, description, argChoices, defaultValue }: Option) {
  return { flags, description, choices: argChoices ?? null, default: defaultValue ?? null }
}
