/** Opening and restoring a database by its address: a path, `:memory:`, or the URL of a server. */
import { ValidationError } from '../model/errors.js'
import { pathOf } from './address.js'
import type { Database, OpenOptions, RestoreSettings } from './database.js'
import { isPostgresAddress, readAddress } from './postgres/address.js'

/**
 * Opens the database at an address.
 *
 * @throws {ValidationError} for an address that is none, or of a database that is not supported.
 */
export async function openDatabase(address: string, options: OpenOptions): Promise<Database> {
  // A database loads its driver only where it is the one that is opened.
  if (isPostgresAddress(address)) {
    const { openPostgres } = await import('./postgres/open.js')
    return openPostgres(address, options)
  }
  const path = pathOf(address, 'The address of the universe is not valid')
  const { openSqlite } = await import('./sqlite/open.js')
  return openSqlite(path, options)
}

/**
 * Lets a backup take the place of a database; `check` looks at the copy before, and throws where it must not.
 *
 * @throws {ValidationError} for what is no path.
 */
export async function restoreDatabase(
  backup: string,
  path: string,
  settings: RestoreSettings,
  check: (copy: Database) => Promise<void>,
): Promise<void> {
  if (isPostgresAddress(path)) {
    const reason = `${readAddress(path).name} is on a server: a backup takes the place of a file alone`
    const hint = 'Use pg_restore for what pg_dump has saved, or import what was exported.'
    throw new ValidationError({ what: 'The path is not valid', issues: [{ path: '', reason }], hint })
  }
  const [from, to] = [pathOf(backup, 'The backup is not valid'), pathOf(path, 'The path is not valid')]
  for (const one of [from, to]) {
    if (one !== ':memory:') continue
    const issues = [{ path: '', reason: 'what is in memory is not restored: open the backup itself' }]
    throw new ValidationError({ what: 'The path is not valid', issues })
  }
  const { restoreSqlite } = await import('./sqlite/restore.js')
  return restoreSqlite(from, to, settings, check)
}
