/** Pages of a list at a place: one statement at the head, keys and then their states in the past. */
import { entitiesByIds } from '../../queries/entity.js'
import { type KeyRow, keyList, type ListGiven, type ListShape, stateList } from '../../queries/list.js'
import { relationsByIds } from '../../queries/relation.js'
import type { StateRow } from '../../queries/standing.js'
import { all, type Work } from '../database/work.js'
import type { ElementKind } from '../model/entity.js'
import { isHead, type Place } from '../state/place.js'
import { columnOf } from '../state/rows.js'
import type { Question } from './filter.js'

export interface PageRequest {
  element: ElementKind
  question: Question
  after?: { sort: number | string; id: string } | undefined
  limit: number
  offset: number
}

/** The states of a page, in order. */
export function* pageOfStates(place: Place, request: PageRequest): Work<StateRow[]> {
  if (isHead(place)) return yield* all(stateList(shapeOf(place, request)), givenOf(place, request))
  const keys = yield* pageOfKeys(place, request)
  return yield* statesOf(place, request.element, keys)
}

/** The keys of a page in the past, in order. */
export function pageOfKeys(place: Place, request: PageRequest): Work<KeyRow[]> {
  return all(keyList(shapeOf(place, request)), givenOf(place, request))
}

/** The states of these keys, in their order. */
export function* statesOf(place: Place, element: ElementKind, keys: readonly KeyRow[]): Work<StateRow[]> {
  const statement = element === 'entity' ? entitiesByIds : relationsByIds
  const rows = yield* all(statement({ place: place.shape }), { ...place, ids: keys.map(({ id }) => id) })
  const byId = new Map(rows.map((row) => [row[0] as string, row]))
  return keys.map(({ id }) => byId.get(id)).filter((row) => row !== undefined)
}

/** The value that a row is sorted by. */
export function sortOf(row: StateRow, element: ElementKind, { sort }: Question): number | string {
  return (sort === 'id' ? row[0] : row[columnOf[element][sort]]) as number | string
}

export function shapeOf(place: Place, { element, question, after }: Omit<PageRequest, 'limit' | 'offset'>): ListShape {
  return {
    element,
    place: place.shape,
    ...question.filter,
    sort: question.sort,
    descending: question.descending,
    after: after !== undefined,
  }
}

export function givenOf(place: Place, request: Partial<PageRequest> & { question: Question }): ListGiven {
  const { after, question } = request
  return {
    ...place,
    ...question.given,
    ...(after === undefined ? {} : { afterSort: after.sort, afterId: after.id }),
    limit: request.limit ?? 0,
    offset: request.offset ?? 0,
  } as ListGiven
}
