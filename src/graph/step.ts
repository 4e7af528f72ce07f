/** The steps of a traversal, and the statement that takes them all at once. */
import type { StepKind, TraversalGiven } from '../../queries/traverse.js'
import type { Direction } from '../model/entity.js'
import { LimitExceededError, type ValidationIssue } from '../model/errors.js'
import type { JsonObject } from '../model/json.js'
import { type EntityFilter, invalid, type Question, readFilter, readList } from './filter.js'

/** Which entities a step keeps: a filter without what orders and cuts a list. */
export type StepFilter<Type extends string = string, Metadata = JsonObject> = Omit<
  EntityFilter<Type, Metadata>,
  'orderBy' | 'order' | 'limit' | 'cursor' | 'offset'
>

/** A hop along relations, or a filter of what was reached. Steps with the same key are alike. */
export type StepTaken = { key: string } & (
  | { hop: Direction; types: readonly string[] | undefined }
  | { where: Question }
)

/** Steps in the terms of statements. */
export interface Steps {
  kinds: StepKind[]
  given: TraversalGiven
}

/** A statement takes at most 500 terms, and a kind at most six. */
const maxKinds = 64

const notOfSteps = ['orderBy', 'order', 'limit', 'cursor', 'offset']

/** Reads a hop; throws `ValidationError` for types that are none. */
export function readHop(hop: Direction, type: string | readonly string[] | undefined): StepTaken {
  const issues: ValidationIssue[] = []
  const types = readList(type, 'relationType', (path, reason) => issues.push({ path: `/${path}`, reason }))
  if (issues.length > 0) throw invalid(issues, 'The step is not valid')
  return { hop, types, key: keyOf(hop, types) }
}

/** Reads a filter of a step; throws `ValidationError` for one that is not valid. */
export function readWhere(filter: StepFilter): StepTaken {
  const where = readFilter(filter, 'entity')
  const issues = notOfSteps.filter((key) => Object.hasOwn(filter, key))
  if (issues.length > 0) {
    throw invalid(issues.map((key) => ({ path: `/${key}`, reason: 'orders or cuts a list, and a step is none' })))
  }
  return { where, key: where.hash }
}

function keyOf(hop: Direction, types: readonly string[] | undefined): string {
  if (types === undefined) return hop
  return types.length === 1 ? `${hop} 1 ${types[0]}` : `${hop} * ${JSON.stringify(types)}`
}

/**
 * Sorts steps into kinds. Steps that are alike are one kind, so that the statement is the same however
 * many there are.
 *
 * @throws {LimitExceededError} for more than 64 that are not alike.
 */
export function sortSteps(starts: readonly string[], steps: readonly StepTaken[]): Steps {
  const places = new Map<string, number[]>()
  for (let at = 0; at < steps.length; at++) {
    const { key } = steps[at] as StepTaken
    const known = places.get(key)
    if (known === undefined) places.set(key, [at])
    else known.push(at)
  }
  if (places.size > maxKinds) throw new LimitExceededError({ limit: 'different steps', maximum: maxKinds })

  const kinds: StepKind[] = []
  const given: TraversalGiven & Record<string, unknown> = {
    trunk: 0,
    lineage: '',
    start: starts[0] ?? '',
    starts,
    last: steps.length,
    after: '',
    limit: -1,
  }
  for (const at of places.values()) {
    const position = kinds.length
    const often = at.length > 1
    if (often) given[`steps_${position}`] = marks(at)
    else given[`step_${position}`] = at[0]
    const step = steps[at[0] as number] as StepTaken
    if ('hop' in step) {
      const { hop, types } = step
      kinds.push({ hop, relationTypes: types === undefined ? 'any' : types.length === 1 ? 'one' : 'many', often })
      if (types?.length === 1) given[`type_${position}`] = types[0]
      else if (types !== undefined) given[`types_${position}`] = types
    } else {
      kinds.push({ where: step.where.filter, often })
      for (const [name, value] of Object.entries(step.where.given)) given[`${name}_${position}`] = value
    }
  }
  return { kinds, given }
}

/** A 1 at each of these places. */
function marks(places: readonly number[]): string {
  const text = Array<string>((places.at(-1) as number) + 1).fill('0')
  for (const place of places) text[place] = '1'
  return text.join('')
}
