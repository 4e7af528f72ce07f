/** Entities and relations as every view shows them. */
import { equalJson, type JsonObject } from './json.js'

/** A typed node. Times are milliseconds since the Unix epoch. */
export interface Entity<Type extends string = string, Metadata = JsonObject> {
  id: string
  entityType: Type
  metadata: Metadata
  /** The timestamp of the version that created this life of the id. */
  createdAt: number
  /** The timestamp of the last version that changed it. */
  updatedAt: number
  /** Valid from this moment on (included); absent: unbounded. */
  validFrom?: number
  /** Valid up to this moment (excluded); absent: unbounded. */
  validTo?: number
}

/** A typed, directed edge between two entities. */
export interface Relation<Type extends string = string, Metadata = JsonObject> {
  id: string
  relationType: Type
  /** The id of the entity it starts at. */
  from: string
  /** The id of the entity it ends at. */
  to: string
  metadata: Metadata
  createdAt: number
  updatedAt: number
  validFrom?: number
  validTo?: number
}

/** What an id is the id of. */
export type ElementKind = 'entity' | 'relation'

/** Along relations that start at an entity, that end at it, or both. */
export type Direction = 'out' | 'in' | 'both'

export function isRelation(element: Entity | Relation): element is Relation {
  return 'relationType' in element
}

/** Whether two states of one id have the same content: type, ends, metadata and validity, not the timestamps. */
export function sameContent(a: Entity | Relation, b: Entity | Relation): boolean {
  return sameLife(a, b) && sameValidity(a, b) && equalJson(a.metadata, b.metadata)
}

/** Whether one can become the other by updates alone: the same element with the same type and ends. */
export function sameLife(a: Entity | Relation, b: Entity | Relation): boolean {
  if (isRelation(a)) {
    return isRelation(b) && a.relationType === b.relationType && a.from === b.from && a.to === b.to
  }
  return !isRelation(b) && a.entityType === b.entityType
}

function sameValidity(a: Entity | Relation, b: Entity | Relation): boolean {
  return a.validFrom === b.validFrom && a.validTo === b.validTo
}
