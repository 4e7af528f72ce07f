/** Lists: pages, streams and counts of what a filter keeps. */
import { countList, typeList } from '../../queries/list.js'
import type { StateRow } from '../../queries/standing.js'
import { all, first, type Work } from '../database/work.js'
import { type Budget, type CallOptions, startBudget } from '../model/budget.js'
import type { ElementKind } from '../model/entity.js'
import { isHead, type Place } from '../state/place.js'
import { readCursor, writeCursor } from './cursor.js'
import { statesAtOnce } from './elements.js'
import {
  type EntityFilter,
  invalid,
  type Question,
  type RelationFilter,
  readFilter,
  readLimit,
  readOffset,
} from './filter.js'
import { givenOf, pageOfKeys, pageOfStates, shapeOf, sortOf, statesOf } from './page.js'
import type { Reader } from './reader.js'
import { sequenceOf } from './source.js'

/** A page of a list; without a cursor it is the last. */
export interface Page<T> {
  items: T[]
  /** Give it to the next call: the same question, as of the version that this page began at. */
  cursor?: string
}

/** How many elements there are. */
export interface Counts {
  entities: number
  relations: number
}

/** A type that stands in a view, and how many elements are of it. */
export interface TypeCount<Type extends string = string> {
  type: Type
  count: number
}

type AnyFilter = EntityFilter & RelationFilter & CallOptions

/** How many keys of a stream are held at a time. */
const keysAtOnce = 65_536

/** A page of what a filter keeps. For errors see `View.entities`. */
export async function pageOf<T>(
  reader: Reader,
  element: ElementKind,
  filter: AnyFilter,
  toValue: (row: StateRow) => T,
): Promise<Page<T>> {
  const { budget, rest } = begin(filter)
  const question = readFilter(rest, element)
  const limit = readLimit(rest.limit)
  const offset = readOffset(rest.offset)
  const cursor = rest.cursor === undefined ? undefined : readCursor(rest.cursor, reader.asked(question))
  budget.check()
  const found = await reader.at(
    function* (place) {
      const request = { element, question, after: cursor, limit: limit + 1, offset: cursor ? 0 : offset }
      const rows = yield* pageOfStates(place, request)
      return { rows, sequence: rows.length > limit ? yield* sequenceOf(place) : 0 }
    },
    cursor && (() => reader.source.resolveCursor(cursor.sequence)),
    budget,
  )
  if (found.rows.length <= limit) return { items: found.rows.map(toValue) }
  const rows = found.rows.slice(0, limit)
  const last = rows.at(-1) as StateRow
  const { sequence } = found
  return {
    items: rows.map(toValue),
    cursor: writeCursor({
      question: reader.asked(question),
      sequence,
      sort: sortOf(last, element, question),
      id: last[0] as string,
    }),
  }
}

/**
 * All that a filter keeps, as of the version that the stream begins at, page by page; `shared` is the
 * budget of a call that the stream is a part of.
 */
export async function* streamOf<T>(
  reader: Reader,
  element: ElementKind,
  filter: AnyFilter,
  toValue: (row: StateRow) => T,
  shared?: Budget,
): AsyncIterableIterator<T> {
  const { budget: own, rest } = begin(filter)
  const budget = shared ?? own
  const question = readFilter(rest, element)
  const cursor = rest.cursor === undefined ? undefined : readCursor(rest.cursor, reader.asked(question))
  let left = readStreamLimit(rest.limit)
  const firstOffset = readOffset(rest.offset)
  let offset = cursor ? 0 : firstOffset
  let after: { sort: number | string; id: string } | undefined = cursor
  const resume = cursor && (() => reader.source.resolveCursor(cursor.sequence))
  const sequence = await reader.at((place) => sequenceOf(place), resume, budget)
  const resolve = () => reader.source.resolveAt(sequence)

  while (left > 0) {
    budget.check()
    const request = { element, question, after, offset }
    const atOnce = Math.min(left, statesAtOnce)
    const { rows, keys } = await reader.at(
      function* (found) {
        if (isHead(found)) return { rows: yield* pageOfStates(found, { ...request, limit: atOnce }), keys: [] }
        const limit = Math.min(left, keysAtOnce)
        return { rows: [], keys: yield* pageOfKeys(found, { ...request, limit }) }
      },
      resolve,
      budget,
    )
    offset = 0
    left -= Math.max(rows.length, keys.length)
    for (const row of rows) yield toValue(row)
    for (let from = 0; from < keys.length; from += statesAtOnce) {
      budget.check()
      const some = keys.slice(from, from + statesAtOnce)
      for (const row of await reader.at((found) => statesOf(found, element, some), resolve, budget)) yield toValue(row)
    }
    const last = rows.at(-1)
    const lastKey = keys.at(-1)
    if (last && rows.length === atOnce) after = { sort: sortOf(last, element, question), id: last[0] as string }
    else if (lastKey && keys.length >= Math.min(left + keys.length, keysAtOnce)) after = lastKey
    else return
  }
}

/** How many entities and relations a filter keeps. */
export async function countOf(reader: Reader, filter: AnyFilter): Promise<Counts> {
  const { budget, rest } = begin(filter)
  const { tag, from, to, touching, ...shared } = rest
  const ofRelations = from !== undefined || to !== undefined || touching !== undefined
  const entities = ofRelations ? undefined : readFilter(tag === undefined ? shared : { ...shared, tag }, 'entity')
  const ends = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  const relations =
    tag === undefined
      ? readFilter({ ...shared, ...ends, ...(touching === undefined ? {} : { touching }) }, 'relation')
      : undefined
  budget.check()
  return reader.at(
    function* (place) {
      return {
        entities: entities ? yield* countAt(place, 'entity', entities) : 0,
        relations: relations ? yield* countAt(place, 'relation', relations) : 0,
      }
    },
    undefined,
    budget,
  )
}

/** The types of all that stands, each list by name. */
export async function typesOf(
  reader: Reader,
  options: CallOptions,
): Promise<{ entities: TypeCount[]; relations: TypeCount[] }> {
  const budget = startBudget(options, [])
  return reader.at(
    function* (place) {
      return { entities: yield* typesAt(place, 'entity'), relations: yield* typesAt(place, 'relation') }
    },
    undefined,
    budget,
  )
}

function* typesAt(place: Place, element: ElementKind): Work<TypeCount[]> {
  const request = { element, question: readFilter({}, element) }
  return yield* all(typeList(shapeOf(place, request)), givenOf(place, request))
}

function* countAt(place: Place, element: ElementKind, question: Question): Work<number> {
  const request = { element, question }
  return (yield* first(countList(shapeOf(place, request)), givenOf(place, request)))?.count ?? 0
}

/** Starts a call's clock and leaves the rest of its options. */
export function begin<T extends CallOptions>(options: T): { budget: Budget; rest: Omit<T, 'signal' | 'deadline'> } {
  if (typeof options !== 'object' || options === null) throw invalid([{ path: '', reason: 'must be an object' }])
  const { signal, deadline, ...rest } = options
  return { budget: startBudget({ signal, deadline }), rest }
}

function readStreamLimit(limit: unknown): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY
  if (Number.isSafeInteger(limit) && (limit as number) >= 1) return limit as number
  throw invalid([{ path: '/limit', reason: 'must be a whole number, 1 or more' }])
}
