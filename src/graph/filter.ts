/** Filters: what lists, counts and streams may be asked for, and the shape of statement that answers. */
import { hash } from 'node:crypto'
import type { Condition, FilterGiven, FilterShape } from '../../queries/condition.js'
import type { SortColumn } from '../../queries/list.js'
import { metadataQuestion } from '../../queries/metadata.js'
import type { ElementKind } from '../model/entity.js'
import { ValidationError, type ValidationIssue } from '../model/errors.js'
import { canonicalJson, isJsonObject, isText, type Json, type JsonObject } from '../model/json.js'
import type { MetadataConditions } from './condition.js'
import { readMetadata } from './metadata.js'

/** A moment: a date, or milliseconds since the Unix epoch. */
export type Moment = Date | number

/** What entities and relations have in common to be asked for by. */
export interface Filter<Type extends string = string, Metadata = JsonObject> {
  /** A type, or a list of types. */
  type?: Type | readonly Type[] | undefined
  ids?: readonly string[] | undefined
  /** Later than this moment; the moment itself is left out. */
  createdAfter?: Moment | undefined
  /** Earlier than this moment; the moment itself is left out. */
  createdBefore?: Moment | undefined
  /**
   * Conditions on the metadata, by path; all of them hold.
   *
   * @example
   * { 'address.city': { eq: 'Paris' }, age: { gte: 18, lt: 65 }, '/tags': { contains: 'lead' } }
   */
  metadata?: MetadataConditions<Metadata> | undefined
  /** Default: `'id'`; ids break ties, in the same direction. */
  orderBy?: 'id' | 'createdAt' | 'updatedAt' | undefined
  order?: 'asc' | 'desc' | undefined
  /** At most this many, 1 to 1,000. Default: 100. */
  limit?: number | undefined
  /** Where an earlier page ended. */
  cursor?: string | undefined
  /** How many to leave out first; with a cursor it does not count again. */
  offset?: number | undefined
}

/** Which entities. */
export interface EntityFilter<Type extends string = string, Metadata = JsonObject> extends Filter<Type, Metadata> {
  /** A string of the array `metadata.tags`. */
  tag?: string | undefined
}

/** Which relations. */
export interface RelationFilter<Type extends string = string, Metadata = JsonObject> extends Filter<Type, Metadata> {
  /** The id of the entity that the relation starts at. */
  from?: string | undefined
  /** The id of the entity that it ends at. */
  to?: string | undefined
  /** The id of the entity at either end. */
  touching?: string | undefined
}

/** What a filter keeps, in the terms of statements: the shape of its conditions, and what they are given. */
export interface Kept {
  filter: FilterShape
  given: Partial<FilterGiven>
}

/** A filter in the terms of statements. */
export interface Question extends Kept {
  sort: SortColumn
  descending: boolean
  /** Tells this question from others; pages of the same question have the same. */
  hash: string
}

const common = [
  'type',
  'ids',
  'createdAfter',
  'createdBefore',
  'metadata',
  'orderBy',
  'order',
  'limit',
  'cursor',
  'offset',
]
const known = {
  entity: new Set([...common, 'tag']),
  relation: new Set([...common, 'from', 'to', 'touching']),
}
/** In the order in which statements list them. */
const conditionNames = ['tag', 'ids', 'from', 'to', 'touching'] as const
const sortColumns = { id: 'id', createdAt: 'created_at', updatedAt: 'updated_at' } as const

const maxLimit = 1_000
const defaultLimit = 100

/**
 * Reads a filter.
 *
 * @throws {ValidationError} for keys that no filter has and values that are not of their kind.
 */
export function readFilter(filter: EntityFilter & RelationFilter, element: ElementKind): Question {
  const issues: ValidationIssue[] = []
  const refuse = (path: string, reason: string) => issues.push({ path: `/${path}`, reason })
  if (!isJsonObject(filter)) throw invalid([{ path: '', reason: 'must be an object' }])

  for (const key of Object.keys(filter)) {
    if (!known[element].has(key)) refuse(key, `is no filter of ${element === 'entity' ? 'entities' : 'relations'}`)
  }
  const kept = readKept(filter, issues)
  const orderBy: unknown = filter.orderBy ?? 'id'
  if (typeof orderBy !== 'string' || !Object.hasOwn(sortColumns, orderBy)) {
    refuse('orderBy', "must be 'id', 'createdAt' or 'updatedAt'")
  }
  const order: unknown = filter.order ?? 'asc'
  if (order !== 'asc' && order !== 'desc') refuse('order', "must be 'asc' or 'desc'")
  if (issues.length > 0) throw invalid(issues)

  const sort = sortColumns[orderBy as keyof typeof sortColumns]
  const asked = canonicalJson({ element, ...kept, sort, order } as unknown as Json)
  return { ...kept, sort, descending: order === 'desc', hash: hash('sha256', asked, 'hex').slice(0, 16) }
}

/** Reads what a filter keeps, whatever its order and page; what is wrong with it goes to `issues`. */
export function readKept(filter: EntityFilter & RelationFilter, issues: ValidationIssue[]): Kept {
  const refuse = (path: string, reason: string) => issues.push({ path: `/${path}`, reason })
  const conditions: Condition[] = []
  const given: Partial<FilterGiven> = {}
  for (const name of conditionNames) {
    const value: unknown = filter[name]
    if (value === undefined) continue
    conditions.push(name)
    if (name === 'ids') {
      if (isTexts(value)) given.ids = value
      else refuse(name, 'must be a list of strings')
    } else if (isText(value)) given[name] = value
    else refuse(name, 'must be a well-formed string without U+0000')
  }
  const types = readList(filter.type, 'type', refuse)
  if (types?.length === 1) {
    conditions.push('type')
    given.type = types[0] as string
  } else if (types) {
    conditions.push('types')
    given.types = types
  }
  for (const name of ['createdAfter', 'createdBefore'] as const) {
    if (filter[name] === undefined) continue
    conditions.push(name)
    const time = readMoment(filter[name], name, refuse)
    given[name] = name === 'createdAfter' ? Math.floor(time) : Math.ceil(time)
  }
  const tests = filter.metadata === undefined ? [] : readMetadata(filter.metadata, issues)
  if (tests.length === 0) return { filter: { conditions }, given }
  const metadata = metadataQuestion(tests)
  return { filter: { conditions, metadata: metadata.shape }, given: { ...given, ...metadata.given } }
}

/** The size of a page: 1 to 1,000. */
export function readLimit(limit: unknown): number {
  if (limit === undefined) return defaultLimit
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= maxLimit) return limit
  throw invalid([{ path: '/limit', reason: `must be a whole number from 1 to ${maxLimit}` }])
}

export function readOffset(offset: unknown): number {
  if (offset === undefined) return 0
  if (Number.isSafeInteger(offset) && (offset as number) >= 0) return offset as number
  throw invalid([{ path: '/offset', reason: 'must be a whole number, 0 or more' }])
}

/** One string or a list of them; undefined where neither is given. */
export function readList(
  value: unknown,
  name: string,
  refuse: (path: string, reason: string) => void,
): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (isTexts(value)) return value
  if (isTexts([value])) return [value as string]
  refuse(name, 'must be a well-formed string without U+0000, or a list of them')
  return undefined
}

/** Milliseconds of a moment. */
export function readMoment(value: unknown, name: string, refuse: (path: string, reason: string) => void): number {
  const time = value instanceof Date ? value.getTime() : value
  if (typeof time === 'number' && !Number.isNaN(time) && Math.abs(time) <= Number.MAX_SAFE_INTEGER) return time
  refuse(name, 'must be a valid Date or milliseconds since the Unix epoch')
  return 0
}

export function invalid(issues: ValidationIssue[], what = 'The filter is not valid'): ValidationError {
  return new ValidationError({ what, issues })
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText)
}
