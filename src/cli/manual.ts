/** What the help of a command says besides its arguments and options. */
import type { Command } from 'commander'

/** A call, as one would type it, and what it is for. */
export interface Example {
  call: string
  purpose: string
}

export interface Manual {
  /** Every command has some: the tests run each of them. */
  examples: readonly Example[]
  /** What one has to know and the options do not say; lines of at most 80 characters. */
  details?: string
}

/** A command's own file, loaded when it runs. */
export interface CommandFile {
  manual: Manual
  /** Adds arguments, options and what the command does. `load` does the same for another command. */
  define(command: Command, load: (other: Command) => Promise<void>): void
}

const manuals = new WeakMap<Command, Manual>()

/** Adds a manual to what `--help` prints. */
export function addManual(command: Command, manual: Manual): void {
  manuals.set(command, manual)
  const width = Math.max(...manual.examples.map(({ call }) => call.length))
  const examples = manual.examples.map(({ call, purpose }) => `  ${call.padEnd(width)}  ${purpose}`)
  const details = manual.details === undefined ? [] : ['', manual.details]
  command.addHelpText('after', [...details, '', 'Examples:', ...examples].join('\n'))
}

export function manualOf(command: Command): Manual | undefined {
  return manuals.get(command)
}
