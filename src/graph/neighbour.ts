/** Neighbours: the relations of an entity with the entities at their other ends. */
import { hash } from 'node:crypto'
import {
  degreeOf,
  type NeighbourGiven,
  type NeighbourRow,
  type NeighbourShape,
  neighboursOf,
} from '../../queries/relation.js'
import { all, first, type Work } from '../database/work.js'
import type { Budget, CallOptions } from '../model/budget.js'
import type { Direction, Entity, Relation } from '../model/entity.js'
import type { ValidationIssue } from '../model/errors.js'
import { inOrderOfIds } from '../model/id.js'
import type { Place } from '../state/place.js'
import { metadataOf, setBounds } from '../state/rows.js'
import { readCursor, writeCursor } from './cursor.js'
import { invalid, readLimit, readList } from './filter.js'
import type { Page } from './list.js'
import type { Reader } from './reader.js'
import { sequenceOf } from './source.js'

/** Which neighbours, and how many of them. */
export interface NeighbourOptions<
  D extends Direction = Direction,
  RelationType extends string = string,
  EntityType extends string = string,
> extends CallOptions {
  /** Default: `'out'`. */
  direction?: D | undefined
  relationType?: RelationType | readonly RelationType[] | undefined
  /** The type of the entity at the other end. */
  entityType?: EntityType | readonly EntityType[] | undefined
  /** At most this many, 1 to 1,000. Default: 100. */
  limit?: number | undefined
  cursor?: string | undefined
}

/** Which relations are counted. */
export type DegreeOptions<RelationType extends string = string> = Pick<
  NeighbourOptions<Direction, RelationType>,
  'direction' | 'relationType' | 'signal' | 'deadline'
>

/** A relation and the entity at its other end. */
export interface Neighbour<E = Entity, R = Relation> {
  entity: E
  relation: R
}

/** A question for neighbours in the terms of statements. */
export interface NeighbourQuestion {
  shape: Omit<NeighbourShape, 'place' | 'after' | 'first'>
  given: Partial<NeighbourGiven>
  hash: string
}

const keys = new Set(['direction', 'relationType', 'entityType', 'limit', 'cursor', 'signal', 'deadline'])
const directions = ['out', 'in', 'both']

/** Reads a question; throws `ValidationError` for options that are not of their kind. */
export function readNeighbourQuestion(id: string, options: NeighbourOptions): NeighbourQuestion {
  const issues: ValidationIssue[] = []
  const refuse = (path: string, reason: string) => issues.push({ path: `/${path}`, reason })
  for (const key of Object.keys(options)) if (!keys.has(key)) refuse(key, 'is no option of this call')
  const direction = options.direction ?? 'out'
  if (!directions.includes(direction)) refuse('direction', "must be 'out', 'in' or 'both'")
  const relationTypes = readList(options.relationType, 'relationType', refuse)
  const entityTypes = readList(options.entityType, 'entityType', refuse)
  if (issues.length > 0) throw invalid(issues, 'The options are not valid')
  return {
    shape: {
      direction,
      relationTypes: relationTypes === undefined ? 'any' : relationTypes.length === 1 ? 'one' : 'many',
      entityTypes: entityTypes === undefined ? 'any' : 'many',
    },
    given: {
      id,
      ...(relationTypes === undefined ? {} : { relationTypes, relationType: relationTypes[0] as string }),
      ...(entityTypes === undefined ? {} : { entityTypes }),
    },
    get hash() {
      return hash('sha256', JSON.stringify([id, direction, relationTypes, entityTypes]), 'hex').slice(0, 16)
    },
  }
}

/** A page of neighbours, by relation id. For errors see `View.neighbours`. */
export async function neighbourPage(
  reader: Reader,
  question: NeighbourQuestion,
  options: Pick<NeighbourOptions, 'limit' | 'cursor'>,
  budget: Budget,
): Promise<Page<Neighbour>> {
  const { database, source } = reader
  const limit = readLimit(options.limit)
  const cursor = options.cursor === undefined ? undefined : readCursor(options.cursor, reader.asked(question))
  if (cursor === undefined && !budget.timed) {
    // Most entities have few: one statement, which needs no transaction around it, has them all.
    const rows = await reader.known((place) => {
      const { statement, given } = anyNeighbours(place, question, undefined, limit + 1)
      return database.all(statement, given)
    })
    if (rows !== undefined && rows.length <= limit) return { items: toNeighbours(rows, question) }
  }
  const found = await reader.at(
    function* (place) {
      const items = yield* neighboursAt(place, question, cursor?.id, limit + 1)
      return { items, sequence: items.length > limit ? yield* sequenceOf(place) : 0 }
    },
    cursor && (() => source.resolveCursor(cursor.sequence)),
    budget,
  )
  if (found.items.length <= limit) return { items: found.items }
  const items = found.items.slice(0, limit)
  const { id } = (items.at(-1) as Neighbour).relation
  return { items, cursor: writeCursor({ question: reader.asked(question), sequence: found.sequence, sort: id, id }) }
}

/**
 * At most `limit` neighbours after a relation's id, by relation id. Where there are no more than that,
 * as around most entities, they are read in any order and sorted here.
 */
function* neighboursAt(
  place: Place,
  question: NeighbourQuestion,
  after: string | undefined,
  limit: number,
): Work<Neighbour[]> {
  const { statement, given } = anyNeighbours(place, question, after, limit)
  const some = yield* all(statement, given)
  if (some.length < limit) return toNeighbours(some, question)
  const first = neighboursOf({ ...question.shape, place: place.shape, after: after !== undefined, first: true })
  return toNeighbours(yield* all(first, given), question)
}

/** The statement for neighbours in no order. One that returns `limit` rows may not be all, or not the first. */
function anyNeighbours(
  place: Place,
  question: NeighbourQuestion,
  after: string | undefined,
  limit: number,
): { statement: ReturnType<typeof neighboursOf>; given: NeighbourGiven } {
  const shape = { ...question.shape, place: place.shape, after: after !== undefined, first: false }
  const { trunk, lineage, validAt } = place
  return {
    statement: neighboursOf(shape),
    given: { ...question.given, trunk, lineage, validAt, after, limit } as NeighbourGiven,
  }
}

/** How many neighbours there are. */
export function* degreeAt(place: Place, { shape, given }: NeighbourQuestion): Work<number> {
  const { direction, relationTypes } = shape
  const statement = degreeOf({ direction, relationTypes, place: place.shape })
  return (yield* first(statement, { ...place, ...given } as NeighbourGiven))?.count ?? 0
}

/** The rows of a question as values, by relation id. */
function toNeighbours(rows: NeighbourRow[], { given }: NeighbourQuestion): Neighbour[] {
  const id = given.id as string
  return inOrderOfIds(rows, ([relation]) => relation as string).map((row) => toNeighbour(row, id))
}

/** The columns of a row in the order of its statement. */
function toNeighbour(row: NeighbourRow, id: string): Neighbour {
  const from = row[1] as string
  const to = row[2] as string
  const relation: Relation = {
    id: row[0] as string,
    relationType: row[3] as string,
    from,
    to,
    metadata: metadataOf(row[4], 'relation', row[0]),
    createdAt: row[5] as number,
    updatedAt: row[6] as number,
  }
  const entity: Entity = {
    id: from === id ? to : from,
    entityType: row[9] as string,
    metadata: metadataOf(row[10], 'entity', from === id ? to : from),
    createdAt: row[11] as number,
    updatedAt: row[12] as number,
  }
  setBounds(relation, row[7], row[8])
  setBounds(entity, row[13], row[14])
  return { entity, relation }
}
