/** References: everything that names a version or a branch. */
import { branchByName } from '../../queries/branch.js'
import { first, type Work } from '../database/work.js'
import { ValidationError } from '../model/errors.js'
import { placeAtTime } from '../state/moment.js'
import { emptyPlace, type Place, placeAt, placeOfBranch, placeOfSequence } from '../state/place.js'
import type { Moment } from './filter.js'
import { branchSource, fixedSource, type KnownPlaces, namedSource, type Source, versionSource } from './source.js'

/**
 * What names a version: a version id, a branch (its head), a moment of a branch (default: `main`);
 * a string is a branch if one has this name, else a version id.
 */
export type Reference =
  | string
  | Date
  | { version: string }
  | { branch: string }
  | { time: Moment; branch?: string | undefined }

/**
 * Where a reference is read from.
 *
 * @throws {ValidationError} for what is no reference. That it names nothing is found at the first read.
 */
export function sourceOf(reference: Reference, places?: KnownPlaces): Source {
  const refuse = (reason: string, path = '') =>
    new ValidationError({ what: 'The version asked for is not valid', issues: [{ path, reason }] })
  if (typeof reference === 'string') return namedSource(reference, places)
  if (reference instanceof Date) return momentSource(reference, 'main', places, refuse)
  if (typeof reference !== 'object' || reference === null) throw refuse('must be a version, a branch or a moment')
  const facts = reference as { version?: unknown; branch?: unknown; time?: unknown }
  const unknown = Object.keys(facts).find((key) => !['version', 'branch', 'time'].includes(key))
  if (unknown !== undefined) throw refuse('is not known here: use version, branch or time', `/${unknown}`)
  if (facts.version !== undefined) {
    if (typeof facts.version !== 'string') throw refuse('must be a version id', '/version')
    return versionSource(facts.version, places)
  }
  if (facts.branch !== undefined && typeof facts.branch !== 'string') throw refuse('must be a name', '/branch')
  if (facts.time !== undefined) return momentSource(facts.time, facts.branch ?? 'main', places, refuse)
  if (facts.branch === undefined) throw refuse('must name a version, a branch or a moment')
  return branchSource(facts.branch, places)
}

/** The place that a reference names now; `main`'s head as a version too. */
export function* placeOfReference(reference: Reference): Work<Place> {
  const place = yield* sourceOf(reference).resolve()
  if (place.shape !== 'head') return place
  const main = yield* first(branchByName, { name: 'main' })
  return main?.sequence ? yield* placeAt(main.lane_id as number, main.sequence) : emptyPlace
}

/** A reference as a person would say it. */
export function textOfReference(reference: Reference): string {
  if (typeof reference === 'string') return reference
  if (reference instanceof Date) return isoOf(reference)
  if ('version' in reference) return reference.version
  if (!('time' in reference)) return reference.branch
  const { time, branch = 'main' } = reference
  return `${branch} at ${isoOf(time)}`
}

function isoOf(time: Moment): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString()
}

function momentSource(
  moment: unknown,
  branch: string,
  places: KnownPlaces | undefined,
  refuse: (reason: string, path?: string) => Error,
): Source {
  const time = moment instanceof Date ? moment.getTime() : moment
  if (typeof time !== 'number' || Number.isNaN(time)) {
    throw refuse('must be a valid Date or milliseconds since the Unix epoch', '/time')
  }
  let sequence: number | undefined
  // The moment is resolved once: a version that joins later does not move the view.
  const find = function* (): Work<Place> {
    if (sequence !== undefined) return yield* placeOfSequence(sequence)
    const place = yield* placeAtTime(yield* placeOfBranch(branch), time)
    sequence = place.sequence
    return place
  }
  return fixedSource(find, places?.lanes)
}
