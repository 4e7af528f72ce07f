/** Conflicts: where the two sides of a merge or a revert contradict each other. */
import type { ElementKind, Entity, Relation } from './entity.js'
import type { Json } from './json.js'

/** From when (included) and up to when (excluded) an element is valid, in milliseconds; absent: unbounded. */
export interface Bounds {
  validFrom?: number
  validTo?: number
}

/** A top-level key of the metadata was changed to different values; undefined: the key is not there. */
export interface KeyConflict {
  id: string
  element: ElementKind
  kind: 'changed'
  key: string
  base: Json | undefined
  ours: Json | undefined
  theirs: Json | undefined
}

/** The validity was changed to different bounds. */
export interface ValidityConflict {
  id: string
  element: ElementKind
  kind: 'changed'
  key?: undefined
  base: Bounds
  ours: Bounds
  theirs: Bounds
}

/** A whole element is contradicted; undefined: it does not stand there. */
export interface ElementConflict<E = Entity | Relation> {
  id: string
  element: ElementKind
  /**
   * - `'deleted'`: changed on one side, deleted on the other.
   * - `'created'`: created on both sides with different content, or as an entity here and a relation there.
   * - `'replaced'`: deleted and created again with another type or other ends on one side, changed on the other.
   * - `'end'`: a relation whose end was deleted on the other side.
   * - `'schema'`: what the merge would leave of it breaks the schema.
   */
  kind: 'deleted' | 'created' | 'replaced' | 'end' | 'schema'
  key?: undefined
  base: E | undefined
  ours: E | undefined
  theirs: E | undefined
  /** How it breaks the schema; of `'schema'` alone. */
  issues?: { path: string; reason: string }[]
}

/**
 * What a merge or a revert cannot settle by itself: one a key where an element was changed on both
 * sides, else one an id with the whole elements.
 */
export type Conflict<E = Entity | Relation> = KeyConflict | ValidityConflict | ElementConflict<E>
