/** Files by their paths: the file system's errors in the words of the library, with the system's error as their cause. */
import { type Stats, statSync } from 'node:fs'
import { IntegrityError, NotFoundError, type UniverseError, ValidationError } from '../model/errors.js'
import { diskFull } from './full.js'

/**
 * What the system says of a file; undefined where there is none.
 *
 * @throws {ValidationError} {IntegrityError} for a path that can be none, and one that may not be looked at.
 */
export function factsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw isSystemError(error) ? fileError(error, path) : error
  }
}

/** Whether an error is one of Node's, of a call of the system. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string'
}

export function fileError(error: NodeJS.ErrnoException, path: string): UniverseError {
  const facts = { cause: error }
  switch (error.code) {
    case 'ENOENT':
      return new NotFoundError({ what: 'The path', id: path, ...facts })
    case 'ENOTDIR':
      return new NotFoundError({ what: 'The path', id: path, hint: 'A part of it is a file, not a folder.', ...facts })
    case 'ENAMETOOLONG':
      return invalid('has a name that is too long', facts)
    case 'ELOOP':
      return invalid('is a link that leads back to itself', facts)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return forbidden(path, facts)
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull({
        reason: `${path} cannot grow: the disk is full`,
        hint: 'Free some space and try again.',
        ...facts,
      })
    default:
      return unreadable(error, path)
  }
}

/** The error for what nobody can do anything about. */
export function unreadable(cause: Error, path: string): IntegrityError {
  return new IntegrityError({ reason: `${path} could not be read or written: ${cause.message}`, cause })
}

/** The error for a file that this process has no right to. */
export function forbidden(path: string, facts: { cause: unknown }): IntegrityError {
  const hint = 'Give the user that runs this program the right to the file and its folder.'
  return new IntegrityError({ reason: `${path} may not be read or written`, hint, ...facts })
}

function invalid(reason: string, facts: { cause: unknown }): ValidationError {
  return new ValidationError({ what: 'The path is not valid', issues: [{ path: '', reason }], ...facts })
}
