/** Opening the universe that a command is about: for reading it is never made, changed or migrated. */
import { existsSync, statSync } from 'node:fs'
import type { Command } from 'commander'
import type { Universe, UniverseOptions } from '../index.js'
import { NotFoundError } from '../model/errors.js'
import { UsageError } from './failure.js'

/** The address from `--db`, or from the environment. */
export function addressOf(command: Command): string {
  const { db } = command.optsWithGlobals<{ db?: string }>()
  const address = db ?? process.env.INNER_UNIVERSE_DB
  if (!address) {
    throw new UsageError('No universe is named', 'Give --db <address>, or set INNER_UNIVERSE_DB.')
  }
  return address
}

/** Whether `--json` is asked for. */
export function isJson(command: Command): boolean {
  return command.optsWithGlobals<{ json?: boolean }>().json === true
}

export async function openToRead(command: Command): Promise<Universe> {
  return openWhatIsThere(command, { readOnly: true })
}

/** Opens the universe to write; makes it where there is none. */
export async function openToWrite(command: Command): Promise<Universe> {
  const { openUniverse } = await import('../index.js')
  return openUniverse(addressOf(command))
}

/** Opens a universe that is there, to write. */
export async function openThere(command: Command): Promise<Universe> {
  return openWhatIsThere(command, { create: false })
}

async function openWhatIsThere(command: Command, options: UniverseOptions): Promise<Universe> {
  const address = addressOf(command)
  checkIsThere(address)
  const { openUniverse } = await import('../index.js')
  try {
    return await openUniverse(address, options)
  } catch (error) {
    if (!(error instanceof NotFoundError) || error.hint !== undefined || !isUrl(address)) throw error
    throw new NotFoundError({ what: error.what, id: error.id, hint: howToMake(error.id), cause: error })
  }
}

/**
 * Refuses a file that is not there, or holds nothing yet. What a URL names is looked at as it is opened.
 *
 * @throws {NotFoundError} with a hint how to make it.
 */
export function checkIsThere(address: string): void {
  if (isUrl(address) || hasContent(address)) return
  throw new NotFoundError({ what: 'The universe', id: address, hint: howToMake(address) })
}

function howToMake(name: string): string {
  return `Make one with \`inner-universe init --db ${name}\`.`
}

/** Whether there is a file with something in it. */
function hasContent(address: string): boolean {
  return existsSync(address) && (statSync(address).isDirectory() || statSync(address).size > 0)
}

export function isUrl(address: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(address)
}
