/** The file that `--output` names: written where a shell's `>` would write, but never half, and never over a database. */
import {
  chmodSync,
  closeSync,
  createWriteStream,
  existsSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { besideDatabase } from '../database/sqlite/copy.js'
import { NotFoundError, ValidationError } from '../model/errors.js'

/** Where the output goes. */
export interface OutputFile {
  path: string
  /** The permissions of the file that is replaced; undefined: there is none. */
  mode: number | undefined
  /** Whether it can be written beside and renamed; a pipe or a device is written to as it is. */
  isRegular: boolean
  isZipped: boolean
}

/**
 * Finds out what a name stands for, and writes nothing yet. A link stands for what it leads to.
 *
 * @throws {NotFoundError} where its folder is not there.
 * @throws {ValidationError} for a folder and for what SQLite keeps.
 */
export function findOutputFile(name: string): OutputFile {
  if (name === '') throw refuse('The empty name', 'is none of a file')
  checkFolderOf(name)
  const path = endOfLinks(name)
  const facts = statSync(path, { throwIfNoEntry: false })
  if (facts?.isDirectory()) throw refuse(name, 'is a directory, not a file')
  const isRegular = facts === undefined || facts.isFile()
  const suffix = besideDatabase.find((end) => path.endsWith(end)) ?? ''
  if (isRegular && [path, path.slice(0, path.length - suffix.length)].some(isDatabase)) {
    throw refuse(name, 'belongs to an SQLite database, which would be lost')
  }
  return { path, mode: facts?.mode, isRegular, isZipped: name.endsWith('.gz') }
}

/**
 * Refuses a path in a folder that is not there.
 *
 * @throws {NotFoundError} with the folder.
 */
export function checkFolderOf(path: string): void {
  // After a last slash a name is still missing.
  const folder = dirname(`${path}x`)
  if (!existsSync(folder)) throw new NotFoundError({ what: 'The folder', id: folder })
}

/** Writes it: a regular file beside its place, which it takes once it is whole and on the disk. */
export async function writeOutputFile(lines: Readable, output: OutputFile, signal: AbortSignal): Promise<void> {
  const { path, mode, isRegular, isZipped } = output
  const write = (to: string, options: { flags: string; mode?: number; flush?: boolean }) => {
    const file = createWriteStream(to, options)
    return isZipped ? pipeline(lines, createGzip(), file, { signal }) : pipeline(lines, file, { signal })
  }
  if (!isRegular) return write(path, { flags: 'w' })
  const part = `${path}.${process.pid}.part`
  try {
    await write(part, { flags: 'wx', flush: true, ...(mode === undefined ? {} : { mode: mode & 0o777 }) })
    if (mode !== undefined) chmodSync(part, mode & 0o777)
    renameSync(part, path)
  } finally {
    rmSync(part, { force: true })
  }
}

const magic = 'SQLite format 3\u0000'

function isDatabase(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false
  const file = openSync(path, 'r')
  try {
    const start = Buffer.alloc(magic.length)
    readSync(file, start)
    return start.toString('latin1') === magic
  } finally {
    closeSync(file)
  }
}

/** Where links lead, to what is not there yet too. */
function endOfLinks(path: string): string {
  const facts = statSync(path, { throwIfNoEntry: false })
  // The name of a pipe that a shell has opened leads nowhere.
  if (facts !== undefined) return facts.isFile() ? realpathSync(path) : path
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()
  return isLink ? endOfLinks(resolve(realpathSync(dirname(path)), readlinkSync(path))) : path
}

function refuse(name: string, reason: string): ValidationError {
  const hint = 'Name another file.'
  return new ValidationError({
    what: 'The output is not valid',
    issues: [{ path: '', reason: `${name} ${reason}` }],
    hint,
  })
}
