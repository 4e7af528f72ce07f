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
import type { CallOptions } from '../model/budget.js'
import type { Direction, Entity, Relation } from '../model/entity.js'
import type { ValidationIssue } from '../model/errors.js'
import { compareIds } from '../model/id.js'
import type { Place } from '../state/place.js'
import { toEntity, toRelation } from '../state/rows.js'
import { invalid, readList } from './filter.js'

/** Which neighbours, and how many of them. */
export interface NeighbourOptions extends CallOptions {
  /** Default: `'out'`. */
  direction?: Direction | undefined
  relationType?: string | readonly string[] | undefined
  /** The type of the entity at the other end. */
  entityType?: string | readonly string[] | undefined
  /** At most this many, 1 to 1,000. Default: 100. */
  limit?: number | undefined
  cursor?: string | undefined
}

/** Which relations are counted. */
export type DegreeOptions = Pick<NeighbourOptions, 'direction' | 'relationType' | 'signal' | 'deadline'>

/** A relation and the entity at its other end. */
export interface Neighbour {
  entity: Entity
  relation: Relation
}

/** A question for neighbours in the terms of statements. */
export interface NeighbourQuestion {
  shape: Omit<NeighbourShape, 'place' | 'after'>
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

/** At most `limit` neighbours after a relation's id, by relation id. */
export function* neighboursAt(
  place: Place,
  question: NeighbourQuestion,
  after: string | undefined,
  limit: number,
): Work<Neighbour[]> {
  const shape = { ...question.shape, place: place.shape, after: after !== undefined }
  const rows = yield* all(neighboursOf(shape), { ...place, ...question.given, after, limit } as NeighbourGiven)
  return inOrder(rows).map(toNeighbour)
}

/** How many neighbours there are. */
export function* degreeAt(place: Place, { shape, given }: NeighbourQuestion): Work<number> {
  const { direction, relationTypes } = shape
  const statement = degreeOf({ direction, relationTypes, place: place.shape })
  return (yield* first(statement, { ...place, ...given } as NeighbourGiven))?.count ?? 0
}

/** The statement orders what it joins; that a join keeps the order is not promised by SQL. */
function inOrder(rows: NeighbourRow[]): NeighbourRow[] {
  const id = (row: NeighbourRow | undefined) => row?.[0] as string
  for (let index = 1; index < rows.length; index++) {
    if (compareIds(id(rows[index - 1]), id(rows[index])) > 0) return rows.sort((a, b) => compareIds(id(a), id(b)))
  }
  return rows
}

/** The columns of a row in the order of its statement. */
function toNeighbour(row: NeighbourRow): Neighbour {
  return {
    entity: toEntity({
      id: row[10] as string,
      entity_type: row[11] as string,
      created_at: row[12] as number,
      updated_at: row[13] as number,
      metadata: row[14] as string,
      from_sequence: row[15] as number,
      valid_from: row[16] as number | null,
      valid_to: row[17] as number | null,
    }),
    relation: toRelation({
      id: row[0] as string,
      from_entity: row[1] as string,
      to_entity: row[2] as string,
      relation_type: row[3] as string,
      created_at: row[4] as number,
      updated_at: row[5] as number,
      metadata: row[6] as string,
      from_sequence: row[7] as number,
      valid_from: row[8] as number | null,
      valid_to: row[9] as number | null,
    }),
  }
}
