/** The lists of a view: filters, order and pages, by looking at every element (DESIGN section 5). */
import { bytesOf, compareBytes, type Json, sameJson } from './json.js'
import { tokensOf, valueAt } from './pointer.js'
import type { Element, Entity, Relation, State } from './state.js'

export interface Conditions {
  eq?: Json
  ne?: Json
  gt?: number | string
  gte?: number | string
  lt?: number | string
  lte?: number | string
  contains?: Json
  startsWith?: string
  endsWith?: string
  in?: Json[]
  notIn?: Json[]
}

export interface Filter {
  type?: string | string[]
  ids?: string[]
  createdAfter?: number
  createdBefore?: number
  metadata?: Record<string, Conditions>
  orderBy?: 'id' | 'createdAt' | 'updatedAt'
  order?: 'asc' | 'desc'
}

export interface EntityFilter extends Filter {
  tag?: string
}

export interface RelationFilter extends Filter {
  from?: string
  to?: string
  touching?: string
}

/** Every entity that matches, in order: the pages of `entities(filter)`, one after the other. */
export function listEntities(state: State, filter: EntityFilter = {}): Entity[] {
  const { type, tag } = filter
  const matching = [...state.entities.values()].filter(
    (entity) =>
      isOneOf(type, entity.entityType) &&
      (tag === undefined || tagsOf(entity).includes(tag)) &&
      matches(entity, filter),
  )
  return ordered(matching, filter)
}

export function listRelations(state: State, filter: RelationFilter = {}): Relation[] {
  const { type, from, to, touching } = filter
  const matching = [...state.relations.values()].filter(
    (relation) =>
      isOneOf(type, relation.relationType) &&
      (from === undefined || relation.from === from) &&
      (to === undefined || relation.to === to) &&
      (touching === undefined || relation.from === touching || relation.to === touching) &&
      matches(relation, filter),
  )
  return ordered(matching, filter)
}

/** Strings of at most 512 bytes in the array `metadata.tags`, each once; all else there is data. */
export function tagsOf({ metadata }: { metadata: Entity['metadata'] }): string[] {
  const { tags } = metadata
  if (!Array.isArray(tags)) return []
  const strings = tags.filter((tag): tag is string => typeof tag === 'string' && bytesOf(tag) <= 512)
  return [...new Set(strings)]
}

function matches(element: Element, filter: Filter): boolean {
  const { ids, createdAfter, createdBefore, metadata = {} } = filter
  if (ids && !ids.includes(element.id)) return false
  if (createdAfter !== undefined && element.createdAt <= createdAfter) return false
  if (createdBefore !== undefined && element.createdAt >= createdBefore) return false
  return Object.entries(metadata).every(([key, conditions]) => {
    const value = valueIn(element, key)
    return Object.entries(conditions).every(([operator, wanted]) => holds(operator, value, wanted))
  })
}

/** What stands at a path in each of the elements; undefined where nothing does. */
export function valuesAt(elements: readonly Element[], path: string): (Json | undefined)[] {
  return elements.map((element) => valueIn(element, path))
}

function valueIn({ metadata }: Element, path: string): Json | undefined {
  return valueAt(metadata, path.startsWith('/') ? (tokensOf(path) ?? []) : path.split('.'))
}

/** A missing key matches only `ne` and `notIn`; order compares within one JSON type alone. */
function holds(operator: string, value: Json | undefined, wanted: Json): boolean {
  const negated = operator === 'ne' || operator === 'notIn'
  if (value === undefined) return negated
  switch (operator) {
    case 'eq':
      return sameJson(value, wanted)
    case 'ne':
      return !sameJson(value, wanted)
    case 'in':
      return (wanted as Json[]).some((one) => sameJson(value, one))
    case 'notIn':
      return !(wanted as Json[]).some((one) => sameJson(value, one))
    case 'contains':
      if (Array.isArray(value)) return value.some((member) => sameJson(member, wanted))
      return isString(value) && isString(wanted) && value.includes(wanted)
    case 'startsWith':
      return isString(value) && value.startsWith(wanted as string)
    case 'endsWith':
      return isString(value) && value.endsWith(wanted as string)
    default:
      return holdsInOrder(operator, value, wanted)
  }
}

function holdsInOrder(operator: string, value: Json, wanted: Json): boolean {
  const difference = compareValues(value, wanted)
  if (difference === undefined) return false
  switch (operator) {
    case 'gt':
      return difference > 0
    case 'gte':
      return difference >= 0
    case 'lt':
      return difference < 0
    case 'lte':
      return difference <= 0
    default:
      throw new Error(`The model knows no operator ${operator}`)
  }
}

function compareValues(value: Json, wanted: Json): number | undefined {
  if (typeof value === 'number' && typeof wanted === 'number') return value - wanted
  if (isString(value) && isString(wanted)) return compareBytes(value, wanted)
  return undefined
}

function isString(value: Json): value is string {
  return typeof value === 'string'
}

/** `id` breaks ties in the same direction: descending is ascending, the other way round. */
function ordered<T extends Element>(elements: T[], { orderBy = 'id', order = 'asc' }: Filter): T[] {
  const ascending = elements.sort((a, b) => {
    const byTime = orderBy === 'id' ? 0 : a[orderBy] - b[orderBy]
    return byTime || compareBytes(a.id, b.id)
  })
  return order === 'asc' ? ascending : ascending.reverse()
}

export function isOneOf(wanted: string | string[] | undefined, type: string): boolean {
  return wanted === undefined || [wanted].flat().includes(type)
}
