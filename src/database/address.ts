/** Addresses of databases: paths, `:memory:`, and the URLs of files and servers. */
import { fileURLToPath } from 'node:url'
import { ValidationError } from '../model/errors.js'
import { isText } from '../model/json.js'
import { isPostgresAddress, readAddress } from './postgres/address.js'

/** How an address is called where others may read it: without a password. */
export function nameOf(address: string): string {
  return isPostgresAddress(address) ? readAddress(address).name : address
}

/**
 * The path of a database that is a file. `what` is said of one that is none.
 *
 * @throws {ValidationError} for what is no path.
 */
export function pathOf(address: unknown, what: string): string {
  const refuse = (reason: string) => new ValidationError({ what, issues: [{ path: '', reason }] })
  if (typeof address !== 'string' || address === '') throw refuse('must be a path or ":memory:"')
  if (!isText(address)) throw refuse('has the character U+0000 or a lone surrogate')
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(address)?.[1]
  if (scheme === undefined) return address
  if (scheme !== 'file') throw refuse(`${scheme}: is no database that this release knows`)
  try {
    return fileURLToPath(address)
  } catch {
    throw refuse('is no file URL of this machine')
  }
}
