/** The operation language of DESIGN section 3, written down a second time. */
import type { Json, JsonObject } from './json.js'

export type Change =
  | { op: 'set'; path: string; value: Json }
  | { op: 'delete'; path: string }
  | { op: 'insert'; path: string; index?: number; value: Json }
  | { op: 'remove'; path: string; index: number }
  | { op: 'patch'; path: string; patch: JsonObject }

export interface Bounds {
  validFrom?: number
  validTo?: number
}

/** The bounds of an update: absent leaves a bound, null removes it. */
export interface BoundChanges {
  validFrom?: number | null
  validTo?: number | null
}

export type CreateEntity = {
  op: 'createEntity'
  id: string
  entityType: string
  metadata: JsonObject
} & Bounds

export type CreateRelation = {
  op: 'createRelation'
  id: string
  relationType: string
  from: string
  to: string
  metadata: JsonObject
} & Bounds

export type Update = {
  op: 'updateEntity' | 'updateRelation'
  id: string
  changes: Change[]
} & BoundChanges

export type Delete = { op: 'deleteEntity' | 'deleteRelation'; id: string }

export type Operation = CreateEntity | CreateRelation | Update | Delete
