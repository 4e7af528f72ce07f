/** Opening a database by its address: a path, `:memory:`, or the URL of a server. */
import { fileURLToPath } from 'node:url'
import { ValidationError } from '../model/errors.js'
import type { Database, OpenOptions } from './database.js'

/**
 * Opens the database at an address.
 *
 * @throws {ValidationError} for an address that is none, or of a database that is not supported.
 */
export async function openDatabase(address: string, options: OpenOptions): Promise<Database> {
  const refuse = (reason: string) =>
    new ValidationError({ what: 'The address of the universe is not valid', issues: [{ path: '', reason }] })
  if (typeof address !== 'string' || address === '') throw refuse('must be a path or ":memory:"')
  if (address.includes('\u0000')) throw refuse('has the character U+0000')
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(address)?.[1]
  if (scheme !== undefined && scheme !== 'file') throw refuse(`${scheme}: is no database that this release knows`)
  // A database loads its driver only where it is the one that is opened.
  const { openSqlite } = await import('./sqlite/open.js')
  return openSqlite(scheme === 'file' ? pathOf(address, refuse) : address, options)
}

function pathOf(address: string, refuse: (reason: string) => Error): string {
  try {
    return fileURLToPath(address)
  } catch {
    throw refuse('is no file URL of this machine')
  }
}
