/** `completion <shell>`: a script that completes commands, flags and their choices. */
import { Argument, type Command, type Option } from 'commander'
import type { Manual } from './manual.js'
import { printJson } from './output.js'
import { isJson } from './universe.js'

type Shell = 'bash' | 'zsh' | 'fish'

export const manual: Manual = {
  details: `bash: add   source <(iu completion bash)   to ~/.bashrc
zsh:  add   source <(iu completion zsh)   to ~/.zshrc, after compinit
fish: iu completion fish >~/.config/fish/completions/iu.fish`,
  examples: [{ call: 'iu completion bash', purpose: 'the script for bash' }],
}

/** What completes the words of one command. */
interface Completed {
  name: string
  summary: string
  flags: { long: string; short: string | undefined; description: string; takesValue: boolean; choices: string[] }[]
  /** What its first argument is one of; where that is empty, files. */
  choices: string[]
}

export function define(command: Command, load: (other: Command) => Promise<void>): void {
  command
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: Shell) => {
      const program = command.parent as Command
      for (const other of program.commands) await load(other)
      const names = program.commands.map((other) => other.name())
      const commands = program.commands.map((other) => completed(other, program, names))
      const script = scripts[shell](commands)
      if (isJson(command)) printJson({ shell, script })
      else process.stdout.write(script)
    })
}

function completed(command: Command, program: Command, names: readonly string[]): Completed {
  const [first] = command.registeredArguments
  return {
    name: command.name(),
    summary: command.summary(),
    flags: [...command.options, ...program.options].filter(({ long }) => long !== '--version').map(flagOf),
    choices: command.name() === 'help' ? [...names] : [...(first?.argChoices ?? [])],
  }
}

function flagOf({ long, short, description, required, optional, argChoices }: Option) {
  const choices = [...(argChoices ?? [])]
  return { long: long ?? '', short: short ?? undefined, description, takesValue: required || optional, choices }
}

const scripts: Record<Shell, (commands: readonly Completed[]) => string> = { bash, zsh, fish }

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, flags, choices }) => {
    const values = flags.filter(({ takesValue }) => takesValue).map((flag) => valueCase(flag))
    const words = [...flags.flatMap(({ long, short }) => (short ? [long, short] : [long])), '--help']
    const rest = choices.length > 0 ? `words='${choices.join(' ')}'` : 'files=yes'
    return `    ${name})
      case $previous in
${values.join('\n')}
        *) case $current in -*) words='${words.join(' ')}' ;; *) ${rest} ;; esac ;;
      esac ;;`
  })
  return `# Completion of iu and inner-universe in bash: source <(iu completion bash)
_inner_universe() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command='' words='' files='' word skip=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ -n "$skip" ]; then skip=''; continue; fi
    case $word in
      --db) skip=yes ;;
      -*) ;;
      *) command=$word; break ;;
    esac
  done
  case $command in
    '') case $previous in
        --db) files=yes ;;
        *) words='${[...commands.map(({ name }) => name), '--db', '--json', '--help', '--version'].join(' ')}' ;;
      esac ;;
${cases.join('\n')}
  esac
  if [ -n "$files" ]; then
    compopt -o default
    COMPREPLY=()
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -F _inner_universe iu inner-universe
`
}

function valueCase({ long, short, choices }: Completed['flags'][number]): string {
  const pattern = short ? `${long} | ${short}` : long
  if (choices.length > 0) return `        ${pattern}) words='${choices.join(' ')}' ;;`
  return `        ${pattern}) ${takesFile(long) ? 'files=yes' : ':'} ;;`
}

function takesFile(long: string): boolean {
  return ['--db', '--output', '--receipt'].includes(long)
}

function zsh(commands: readonly Completed[]): string {
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`)
  const cases = commands.map(({ name, flags, choices }) => {
    const specs = flags.map(({ long, short, description, takesValue, choices: values }) => {
      const names = short ? `{${long},${short}}` : long
      const value = values.length > 0 ? `(${values.join(' ')})` : takesFile(long) ? '_files' : ''
      return `${names}${quoted(`[${description.replaceAll(/[[\]]/g, '')}]${takesValue ? `:value:${value}` : ''}`)}`
    })
    const rest = choices.length > 0 ? `'*:value:(${choices.join(' ')})'` : "'*:file:_files'"
    return `    ${name}) _arguments ${[...specs, rest].join(' ')} ;;`
  })
  return `#compdef iu inner-universe
# Completion of iu and inner-universe in zsh: source <(iu completion zsh)
_inner_universe() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  local at=2
  while (( at < CURRENT )) && [[ $words[at] == -* ]]; do
    [[ $words[at] == --db ]] && (( at++ ))
    (( at++ ))
  done
  if (( at >= CURRENT )); then
    _describe command commands
    return
  fi
  local name=$words[at]
  shift $(( at - 1 )) words
  (( CURRENT -= at - 1 ))
  case $name in
${cases.join('\n')}
  esac
}
compdef _inner_universe iu inner-universe
`
}

function fish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, summary, flags, choices }) => {
    const within = `-n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c $program -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
      ...flags.map(({ long, short, description, takesValue, choices: values }) => {
        const names = `-l ${long.slice(2)}${short ? ` -s ${short.slice(1)}` : ''}`
        const value =
          values.length > 0 ? ` -x -a '${values.join(' ')}'` : takesFile(long) ? ' -r' : takesValue ? ' -x' : ''
        return `complete -c $program ${within} ${names}${value} -d ${quoted(description)}`
      }),
      ...(choices.length > 0 ? [`complete -c $program ${within} -f -a '${choices.join(' ')}'`] : []),
    ]
  })
  return `# Completion of iu and inner-universe in fish: iu completion fish >~/.config/fish/completions/iu.fish
for program in iu inner-universe
${lines.map((line) => `  ${line}`).join('\n')}
end
`
}

/** Text in single quotes as every shell reads it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
