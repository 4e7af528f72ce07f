/**
 * Copies of a database: a file that is whole, or not there.
 *
 * A copy is made beside the place that it is for, brought to the disk, and takes the place in one step.
 */
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type Driver from 'better-sqlite3'
import { AlreadyExistsError, NotFoundError } from '../../model/errors.js'
import { fileError } from '../file.js'

/** What SQLite puts beside a database. */
export const besideDatabase = ['-wal', '-shm', '-journal']

/**
 * Copies what is committed into a new file beside a path, compact and without a log.
 *
 * @throws {NotFoundError} {IntegrityError} where the path's folder is not there, or cannot be written.
 */
export function copyBeside(driver: Driver.Database, path: string): string {
  const folder = dirname(path)
  if (!existsSync(folder)) throw new NotFoundError({ what: 'The folder', id: folder })
  try {
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw fileError(error as NodeJS.ErrnoException, folder)
  }
  const copy = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.part`)
  try {
    // In one statement: a backup in steps starts again whenever somebody writes.
    driver.prepare('VACUUM INTO ?').run(copy)
    return copy
  } catch (error) {
    removeCopy(copy)
    throw error
  }
}

/**
 * Lets a copy take a place where nothing is.
 *
 * @throws {AlreadyExistsError} where something is.
 */
export function placeCopy(copy: string, path: string): void {
  syncFile(copy)
  try {
    linkSync(copy, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || existsSync(path)) throw new AlreadyExistsError({ what: 'The file', id: path })
    // Not every file system has links.
    renameSync(copy, path)
  }
  removeCopy(copy)
  syncFolder(path)
}

/** Lets a copy take the place of a file. */
export function replaceByCopy(copy: string, path: string): void {
  syncFile(copy)
  renameSync(copy, path)
  syncFolder(path)
}

/** Removes what is left of a copy. */
export function removeCopy(copy: string): void {
  for (const suffix of ['', ...besideDatabase]) rmSync(copy + suffix, { force: true })
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A name reaches the disk with its folder. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
