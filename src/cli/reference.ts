/** What a person types for a version: a branch, a version id or a unique prefix of one, a date, milliseconds. */
import { Option } from 'commander'
import type { Reference, Universe, View } from '../index.js'
import { NotFoundError, ValidationError } from '../model/errors.js'
import { momentOf, NoDate } from './moment.js'

const forms = 'Give a version id or the beginning of one, a branch, or a date such as 2024-05-01 or "3 days ago".'

/** How many candidates an error names. */
const shownCandidates = 10

/** `--at`, as every read has it. */
export function atOption(what = 'read as of this version, date or branch (default: main)'): Option {
  return new Option('--at <version>', what)
}

/** `--valid-at`, as every read of the graph has it. */
export function validAtOption(): Option {
  return new Option('--valid-at <date>', 'only what is valid at this moment, by validFrom and validTo')
}

/** What `--at` and `--valid-at` leave to see. */
export interface ViewOptions {
  at?: string
  validAt?: string
}

/** The view that `--at` and `--valid-at` ask for. */
export async function viewOf(universe: Universe, { at, validAt }: ViewOptions): Promise<View> {
  const view = universe.at(await referenceOf(universe, at))
  return validAt === undefined ? view : view.validAt(momentGiven(validAt))
}

/**
 * The version that a text names: a branch first, then a whole version id, `@milliseconds`, a date,
 * and a prefix at last. Without a text: `main`'s head.
 *
 * @throws {NotFoundError} where it names nothing.
 * @throws {ValidationError} where several versions begin with it, and for a date that is none.
 */
export async function referenceOf(universe: Universe, text: string | undefined): Promise<Reference> {
  if (text === undefined || text === 'main') return { branch: 'main' }
  if (text === '') throw refuse('must not be empty')
  const named = await universe.versions.get(text)
  if (named !== undefined) return named.versionId === text ? { version: text } : { branch: text }
  const time = dateOf(text, 'The version asked for')
  if (time !== undefined) return { time }
  const candidates = await universe.versions.withPrefix(text, shownCandidates + 1)
  if (candidates.length > 1) throw ambiguous(text, candidates)
  const [version] = candidates
  if (version === undefined) throw new NotFoundError({ what: 'The version or branch', id: text, hint: forms })
  return { version }
}

/**
 * A moment: a date as `--at` takes them, or `@milliseconds`.
 *
 * @throws {ValidationError} for what is none.
 */
export function momentGiven(text: string): number {
  const time = dateOf(text, 'The moment')
  if (time !== undefined) return time
  const issues = [{ path: '', reason: `${text} is no date` }]
  const hint = 'Write 2024-05-01, yesterday, "3 days ago" or @milliseconds.'
  throw new ValidationError({ what: 'The moment is not valid', issues, hint })
}

function dateOf(text: string, what: string): number | undefined {
  try {
    return momentOf(text)
  } catch (error) {
    if (!(error instanceof NoDate)) throw error
    throw new ValidationError({ what: `${what} is not valid`, issues: [{ path: '', reason: error.message }] })
  }
}

function ambiguous(text: string, candidates: readonly string[]): ValidationError {
  const shown = candidates.slice(0, shownCandidates).join(', ')
  const more = candidates.length > shownCandidates ? ' and more' : ''
  return refuse(`${text} is ambiguous: ${shown}${more}`, 'Give more of the version id.')
}

function refuse(reason: string, hint?: string): ValidationError {
  const issues = [{ path: '', reason }]
  return new ValidationError({ what: 'The version asked for is not valid', issues, ...(hint ? { hint } : {}) })
}
