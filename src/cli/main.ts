#!/usr/bin/env node
/**
 * The command line. Each command is a file of its own, loaded only when it runs: what `--help` needs
 * is in program.ts and in commander.
 */
import { basename } from 'node:path'
import { CommanderError } from 'commander'
import { endWithReader, report, statusOf, UsageError } from './failure.js'
import { createProgram } from './program.js'

const ends = process.argv.indexOf('--')
const wantsJson = process.argv.slice(2, ends === -1 ? undefined : ends).includes('--json')
const name = basename(process.argv[1] ?? '') === 'iu' ? 'iu' : 'inner-universe'

let running: string | undefined

endWithReader(wantsJson)

try {
  const program = createProgram({
    name,
    wantsJson,
    onCommand: (command) => {
      running = command
    },
  })
  await program.parseAsync()
} catch (error) {
  const failure = error instanceof CommanderError ? usageError(error) : error
  if (failure !== undefined) {
    report(failure, wantsJson)
    process.exitCode = statusOf(failure)
  }
}

/** What commander refused, as an error of ours; undefined where it only printed what was asked for. */
function usageError(error: CommanderError): UsageError | undefined {
  if (error.exitCode === 0) return undefined
  const help = `See \`${name}${running === undefined ? '' : ` ${running}`} --help\`.`
  if (error.code === 'commander.help') return wantsJson ? new UsageError('No command is given', help) : silent()
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  return new UsageError(message.replace(/\.$/, ''), suggestion?.replace(/^\((.*)\)$/, '$1') ?? help)
}

/** The help was printed in place of an error. */
function silent(): undefined {
  process.exitCode = 2
  return undefined
}
