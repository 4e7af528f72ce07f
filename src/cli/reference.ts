/** What a person types for a version: a branch, a version id or a unique prefix of one, a date, milliseconds. */
import { Option } from 'commander'
import type { Reference, Universe } from '../index.js'
import { NotFoundError, ValidationError } from '../model/errors.js'

/** How many candidates an error names. */
const shownCandidates = 10

/** `--at`, as every read has it. */
export function atOption(what = 'read as of this version, date or branch (default: main)'): Option {
  return new Option('--at <version>', what)
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
  const time = momentOf(text)
  if (time !== undefined) return { time }
  const candidates = await universe.versions.withPrefix(text, shownCandidates + 1)
  if (candidates.length > 1) throw ambiguous(text, candidates)
  const [version] = candidates
  if (version === undefined) throw new NotFoundError({ what: 'The version or branch', id: text })
  return { version }
}

const milliseconds = /^@(-?\d+)$/
const date = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2}(?:\.\d{1,3})?))?)?(Z|[+-]\d{2}:?\d{2})?$/i

/** The moment that a text names; undefined where it has the form of none. */
export function momentOf(text: string): number | undefined {
  const [, digits] = milliseconds.exec(text) ?? []
  if (digits !== undefined) {
    const time = Number(digits)
    if (!Number.isSafeInteger(time)) throw refuse(`${text} is no whole number of milliseconds that keeps its digits`)
    return time
  }
  const [, day, minutes = '00:00', seconds = '00', zone = 'Z'] = date.exec(text) ?? []
  if (day === undefined) return undefined
  const offset = /^z$/i.test(zone) ? 'Z' : zone.replace(/^(...)(\d\d)$/, '$1:$2')
  const time = Date.parse(`${day}T${minutes}:${seconds.padEnd(2, '0')}${offset}`)
  // JavaScript reads the 30th of February as the 1st of March.
  const start = new Date(`${day}T00:00Z`)
  const isDay = !Number.isNaN(start.getTime()) && start.toISOString().startsWith(day)
  if (!isDay || Number.isNaN(time)) throw refuse(`${text} is no date of the calendar`)
  return time
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
