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
import type { JsonObject } from '../model/json.js'
import type { Place } from '../state/place.js'
import { toRelation } from '../state/rows.js'
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
  for (let index = 1; index < rows.length; index++) {
    const [previous, row] = [rows[index - 1] as NeighbourRow, rows[index] as NeighbourRow]
    if (compareIds(previous.id, row.id) > 0) return rows.sort((a, b) => compareIds(a.id, b.id))
  }
  return rows
}

function toNeighbour(row: NeighbourRow): Neighbour {
  const entity: Entity = {
    id: row.end_id,
    entityType: row.end_entity_type,
    metadata: JSON.parse(row.end_metadata) as JsonObject,
    createdAt: row.end_created_at,
    updatedAt: row.end_updated_at,
  }
  if (row.end_valid_from !== null) entity.validFrom = row.end_valid_from
  if (row.end_valid_to !== null) entity.validTo = row.end_valid_to
  return { entity, relation: toRelation(row) }
}
