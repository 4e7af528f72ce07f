/**
 * A state: everything alive as of one version, whole, in two maps. An id is alive in one of them
 * at most. Nothing in a state is ever changed in place.
 */
import { canonical, compareBytes, type Json, type JsonObject } from './json.js'

export interface EntityContent {
  id: string
  entityType: string
  metadata: JsonObject
  validFrom?: number
  validTo?: number
}

export interface RelationContent {
  id: string
  relationType: string
  from: string
  to: string
  metadata: JsonObject
  validFrom?: number
  validTo?: number
}

interface Stamps {
  createdAt: number
  updatedAt: number
}

export type Entity = EntityContent & Stamps
export type Relation = RelationContent & Stamps
export type Content = EntityContent | RelationContent
export type Element = Entity | Relation

/** A state without its timestamps: what operations lead from and to. */
export interface Contents {
  entities: ReadonlyMap<string, EntityContent>
  relations: ReadonlyMap<string, RelationContent>
}

export interface State extends Contents {
  entities: ReadonlyMap<string, Entity>
  relations: ReadonlyMap<string, Relation>
}

export const emptyState: State = { entities: new Map(), relations: new Map() }

export function isRelation<T extends Content>(element: T): element is T & RelationContent {
  return 'relationType' in element
}

export function byId<T extends { id: string }>(elements: Iterable<T>): T[] {
  return [...elements].sort((a, b) => compareBytes(a.id, b.id))
}

export function elements(contents: Contents, element: 'entity' | 'relation'): Content[] {
  return byId<Content>(contents[element === 'entity' ? 'entities' : 'relations'].values())
}

/** Relations that start or end at `id`, by id. */
export function relationsOf<R extends RelationContent>(state: { relations: ReadonlyMap<string, R> }, id: string): R[] {
  return byId([...state.relations.values()].filter(({ from, to }) => from === id || to === id))
}

/** The tuple that STORAGE section 4 hashes: all of the content, none of the timestamps. */
export function contentTuple(element: Content): Json[] {
  const { id, metadata, validFrom = null, validTo = null } = element
  return isRelation(element)
    ? ['relation', id, element.relationType, element.from, element.to, metadata, validFrom, validTo]
    : ['entity', id, element.entityType, metadata, validFrom, validTo]
}

export function sameContent(a: Content | undefined, b: Content | undefined): boolean {
  if (!a || !b) return a === b
  return canonical(contentTuple(a)) === canonical(contentTuple(b))
}

/** One life: the same element with the same type and the same ends. */
export function sameLife(a: Content, b: Content): boolean {
  if (isRelation(a)) {
    return isRelation(b) && a.relationType === b.relationType && a.from === b.from && a.to === b.to
  }
  return !isRelation(b) && a.entityType === b.entityType
}

/** From its first moment on, up to but not at its last; a bound that is not there is none. */
export function isValidAt({ validFrom = -Infinity, validTo = Infinity }: Content, moment: number): boolean {
  return validFrom <= moment && moment < validTo
}

/**
 * `after` with its timestamps, given the state of the first parent: an element whose content did
 * not change keeps both, one whose life goes on keeps `createdAt`.
 */
export function stamp(before: State, after: Contents, timestamp: number): State {
  const stamped = <T extends Content>(now: T, old: Element | undefined): T & Stamps => {
    if (old && sameContent(old, now)) {
      return { ...now, createdAt: old.createdAt, updatedAt: old.updatedAt }
    }
    const createdAt = old && sameLife(old, now) ? old.createdAt : timestamp
    return { ...now, createdAt, updatedAt: timestamp }
  }
  return {
    entities: new Map([...after.entities].map(([id, now]) => [id, stamped(now, before.entities.get(id))])),
    relations: new Map([...after.relations].map(([id, now]) => [id, stamped(now, before.relations.get(id))])),
  }
}
