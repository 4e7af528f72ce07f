/** SQLite's errors in the words of the library, with the driver's error as their cause. */
import { existsSync } from 'node:fs'
import Driver from 'better-sqlite3'
import { BusyError, IntegrityError, NotFoundError, type UniverseError } from '../../model/errors.js'
import { fileError, forbidden, isSystemError, unreadable } from '../file.js'
import { diskFull } from '../full.js'

export function isBusy(error: unknown): boolean {
  return error instanceof Driver.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code)
}

/** Translates an error of the driver or of the file system; everything else comes back as it is. */
export function translate(error: unknown, path: string): unknown {
  if (isSystemError(error)) return fileError(error, path)
  if (!(error instanceof Driver.SqliteError)) return error
  return translated(error, path)
}

function translated(error: InstanceType<typeof Driver.SqliteError>, path: string): UniverseError {
  const facts = { cause: error }
  const code = error.code.replace(/^SQLITE_/, '')
  if (isBusy(error)) return new BusyError({ reason: `${path} is kept busy by another connection`, ...facts })
  if (code === 'NOTADB') {
    return new IntegrityError({ reason: `${path} is not a universe: the file is no SQLite database`, ...facts })
  }
  if (code.startsWith('CORRUPT')) {
    const hint = 'Restore a backup; what `verify` names may help to find what is lost.'
    return new IntegrityError({ reason: `${path} is damaged: ${error.message}`, hint, ...facts })
  }
  if (code === 'FULL') {
    return diskFull({
      reason: `${path} cannot grow: the disk is full`,
      hint: 'Free some space and try again. The transaction that did not fit was undone.',
      ...facts,
    })
  }
  if (code === 'READONLY_DIRECTORY') {
    return new IntegrityError({
      reason: `${path} cannot be opened: its log belongs beside it, in a folder that cannot be written`,
      hint: 'Make the folder writable, or put a backup there, which has no log, and open it with { readOnly: true }.',
      ...facts,
    })
  }
  if (code.startsWith('READONLY')) {
    return new IntegrityError({
      reason: `${path} cannot be written: ${error.message}`,
      hint: 'Open it with { readOnly: true }, or make the file and its folder writable.',
      ...facts,
    })
  }
  if (code.startsWith('CANTOPEN') && existsSync(path)) return forbidden(path, facts)
  if (code.startsWith('CANTOPEN')) return new NotFoundError({ what: 'The database', id: path, ...facts })
  return unreadable(error, path)
}
