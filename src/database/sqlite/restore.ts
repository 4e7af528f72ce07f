/**
 * Restoring a backup: the file in question is the old one or the new one at every moment, never a mixture.
 *
 * The backup is copied beside the target, looked at there, and takes its place. Before that the target
 * is locked against everybody, and its log is taken into it: SQLite would replay a log that stays onto
 * whatever database has its name.
 */
import { closeSync, existsSync, fstatSync, openSync, realpathSync, rmSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type Driver from 'better-sqlite3'
import { AlreadyExistsError, BusyError, IntegrityError, NotFoundError, ValidationError } from '../../model/errors.js'
import type { Database, RestoreSettings } from '../database.js'
import { factsOf } from '../file.js'
import { checkKnown } from '../schema.js'
import { SqliteConnection } from './connection.js'
import { besideDatabase, copyBeside, placeCopy, removeCopy, replaceByCopy } from './copy.js'
import { openDriver } from './driver.js'
import { isBusy, translate } from './errors.js'
import { checkTables, openSqlite } from './open.js'

/** Restores a backup; `check` looks at the copy before it takes the target's place, and throws where it must not. */
export async function restoreSqlite(
  backup: string,
  path: string,
  settings: RestoreSettings,
  check: (copy: Database) => Promise<void>,
): Promise<void> {
  const target = checkPaths(backup, path, settings)
  const copy = copyBackup(backup, target)
  try {
    // An older schema is brought up to date here, where nobody depends on it.
    const durability = 'normal'
    const opened = await openSqlite(copy, {
      readOnly: false,
      create: false,
      migrate: true,
      durability,
      busyTimeoutMs: 0,
    })
    try {
      await check(opened)
    } finally {
      await opened.close()
    }
    if (existsSync(target)) await replace(copy, target, settings)
    else {
      removeBeside(target)
      placeCopy(copy, target)
    }
  } catch (error) {
    removeCopy(copy)
    throw translate(error, path)
  }
}

/** Refuses what cannot be restored, or not to there. Returns where the target really lies. */
function checkPaths(backup: string, path: string, { overwrite }: RestoreSettings): string {
  const source = factsOf(backup)
  if (source === undefined || source.size === 0) throw new NotFoundError({ what: 'The backup', id: backup })
  if (source.isDirectory()) throw new IntegrityError({ reason: `${backup} is a directory, not a universe` })
  const target = factsOf(path)
  if (target === undefined) return path
  if (target.isDirectory()) throw new IntegrityError({ reason: `${path} is a directory, not a universe` })
  if (target.ino === source.ino && target.dev === source.dev) {
    const issues = [{ path: '', reason: 'a backup is not restored onto itself' }]
    throw new ValidationError({ what: 'The path is not valid', issues })
  }
  if (!overwrite) {
    const reason = 'and would be lost'
    throw new AlreadyExistsError({
      what: 'The file',
      id: path,
      reason,
      hint: 'Restore with { overwrite: true }, or --force.',
    })
  }
  return realpathSync(path)
}

/** A copy of a backup, beside the target. */
function copyBackup(backup: string, target: string): string {
  let driver: Driver.Database | undefined
  try {
    driver = openDriver(backup, { readonly: true })
    const connection = new SqliteConnection(driver)
    checkTables(connection, backup, false)
    connection.perform(checkKnown(backup))
    const [damage] = driver.pragma('integrity_check') as { integrity_check: string }[]
    if (damage?.integrity_check !== 'ok') {
      throw new IntegrityError({ reason: `${backup} is damaged: ${damage?.integrity_check}` })
    }
    return copyBeside(driver, target)
  } catch (error) {
    throw translate(error, backup)
  } finally {
    driver?.close()
  }
}

async function replace(copy: string, target: string, settings: RestoreSettings): Promise<void> {
  const driver = await seize(target, settings)
  // Closed after the driver: closing any handle of a file would take away the driver's lock.
  const old = openSync(target, 'r+')
  try {
    removeBeside(target)
    replaceByCopy(copy, target)
    spoil(old)
  } finally {
    driver?.close()
    closeSync(old)
  }
}

/**
 * Locks a database against everybody, and leaves no log beside it. Undefined for a file that is no
 * database (any more): nobody can have it open.
 */
async function seize(path: string, { busyTimeoutMs }: RestoreSettings): Promise<Driver.Database | undefined> {
  const driver = openDriver(path, { timeout: 0 })
  const deadline = Date.now() + busyTimeoutMs
  for (;;) {
    try {
      driver.pragma('locking_mode = EXCLUSIVE')
      driver.prepare('BEGIN EXCLUSIVE').run()
      driver.prepare('COMMIT').run()
      if (driver.pragma('journal_mode = DELETE', { simple: true }) === 'delete') return driver
    } catch (error) {
      if (!isBusy(error)) {
        driver.close()
        const { code } = error as { code?: string }
        if (code?.startsWith('SQLITE_NOTADB') || code?.startsWith('SQLITE_CORRUPT')) return undefined
        throw error
      }
    }
    if (Date.now() >= deadline) {
      driver.close()
      throw new BusyError({ reason: `${path} is open elsewhere; close it there before it is replaced` })
    }
    await sleep(1 + Math.random() * 20)
  }
}

/**
 * Who opened the old file just before it lost its name would write a log under the name of the new one.
 * Now it is no database to them. A file that has another name still belongs to somebody else.
 */
function spoil(old: number): void {
  if (fstatSync(old).nlink === 0) writeSync(old, Buffer.alloc(16), 0, 16, 0)
}

function removeBeside(path: string): void {
  for (const suffix of besideDatabase) rmSync(path + suffix, { force: true })
}
