/** Walks: along which relations, how far, and over how many entities at most. */
import type { ReachGiven, ReachShape } from '../../queries/reach.js'
import type { Budget, CallOptions } from '../model/budget.js'
import type { Direction } from '../model/entity.js'
import { LimitExceededError, type ValidationIssue } from '../model/errors.js'
import type { Place } from '../state/place.js'
import { invalid, readList } from './filter.js'

/** Along which relations, and how much the call may use up. */
export interface WalkOptions<RelationType extends string = string> extends CallOptions {
  /** Default: `'out'`. */
  direction?: Direction | undefined
  /** Only along relations of this type, or of these. */
  relationType?: RelationType | readonly RelationType[] | undefined
  /** How many entities may be reached; one more is a `LimitExceededError`. `Infinity` for any number. */
  maxEntities?: number | undefined
}

/** Walk options in the terms of statements. */
export interface Walk {
  direction: Direction
  relationTypes: readonly string[] | undefined
  /** How many relations lie between the start and what is reached. */
  maxDepth: number
  maxEntities: number
}

/** How many entities are handed to a statement at a time: between two of them the clock is looked at. */
const entitiesAtOnce = 4_096

const keys = ['direction', 'relationType', 'maxEntities', 'signal', 'deadline']
const directions: readonly unknown[] = ['out', 'in', 'both']

/**
 * Reads the options of a walk.
 *
 * @throws {ValidationError} for options that are not of their kind.
 */
export function readWalk<D extends string>(
  options: WalkOptions & { [name in D]?: number | undefined },
  defaults: { depth: D; maxDepth: number; maxEntities: number },
): Walk {
  const issues: ValidationIssue[] = []
  const refuse = (path: string, reason: string) => issues.push({ path: `/${path}`, reason })
  for (const key of Object.keys(options)) {
    if (!keys.includes(key) && key !== defaults.depth) refuse(key, 'is no option of this call')
  }
  const direction = options.direction ?? 'out'
  if (!directions.includes(direction)) refuse('direction', "must be 'out', 'in' or 'both'")
  const relationTypes = readList(options.relationType, 'relationType', refuse)
  const maxDepth = readCount(options[defaults.depth], defaults.maxDepth, defaults.depth, refuse)
  const maxEntities = readCount(options.maxEntities, defaults.maxEntities, 'maxEntities', refuse)
  if (issues.length > 0) throw invalid(issues, 'The options are not valid')
  return { direction, relationTypes, maxDepth, maxEntities }
}

function readCount(
  value: unknown,
  fallback: number,
  name: string,
  refuse: (path: string, reason: string) => void,
): number {
  if (value === undefined) return fallback
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= 0)) {
    return value as number
  }
  refuse(name, 'must be a whole number, 0 or more, or Infinity')
  return fallback
}

/** The shape of the statements that take one step of a walk. */
export function stepShape(
  place: Place,
  { relationTypes }: Pick<Walk, 'relationTypes'>,
  direction: Direction,
  budget: Budget,
): ReachShape {
  const mode = relationTypes === undefined ? 'any' : relationTypes.length === 1 ? 'one' : 'many'
  return { place: place.shape, direction, relationTypes: mode, timed: budget.timed }
}

/** What such a statement is given, besides its list. */
export function stepGiven(place: Place, { relationTypes }: Pick<Walk, 'relationTypes'>): Omit<ReachGiven, 'ids'> {
  const types = relationTypes ?? []
  return { ...place, relationTypes: types, relationType: types[0] ?? '', limit: -1 }
}

/** A list in the portions that a statement takes, each with the position of its first. */
export function* portions<T>(list: readonly T[], budget: Budget): Generator<{ from: number; some: readonly T[] }> {
  for (let from = 0; from < list.length; from += entitiesAtOnce) {
    budget.check()
    yield { from, some: list.length <= entitiesAtOnce ? list : list.slice(from, from + entitiesAtOnce) }
  }
}

/** Throws where more entities were reached than may be. */
export function checkReached(count: number, { maxEntities }: Walk): void {
  if (count > maxEntities) {
    const hint = 'Raise maxEntities, or ask for less: fewer steps, or relations of one type.'
    throw new LimitExceededError({ limit: 'entities reached', maximum: maxEntities, hint })
  }
}
