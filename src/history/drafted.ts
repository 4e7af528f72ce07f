/**
 * Elements as a draft shows them: what stood at its base, with what was recorded since.
 *
 * Metadata is frozen: what is shown of a creation is the very object that the commit will write.
 */
import type { Rules } from '../graph/rules.js'
import type { Schema } from '../graph/schema.js'
import type { EntityOf, EntityType, RelationOf, RelationType } from '../graph/typed.js'
import type { Entity, Relation } from '../model/entity.js'
import type { Json, JsonObject } from '../model/json.js'
import type {
  CreateEntity,
  CreateRelation,
  PendingOperation,
  UpdateEntity,
  UpdateRelation,
} from '../model/operation.js'
import { applyChanges } from '../state/change.js'

/** An entity as a draft knows it: the commit gives `createdAt` and `updatedAt`. */
export type DraftEntity<S extends Schema = Schema, T extends EntityType<S> = EntityType<S>> = Drafted<EntityOf<S, T>>
/** A relation as a draft knows it; as `DraftEntity`. */
export type DraftRelation<S extends Schema = Schema, R extends RelationType<S> = RelationType<S>> = Drafted<
  RelationOf<S, R>
>

type Drafted<E extends Entity<string, unknown> | Relation<string, unknown>> = E extends unknown
  ? Omit<E, 'createdAt' | 'updatedAt'> & Partial<Pick<E, 'createdAt' | 'updatedAt'>>
  : never

/** The entity that a recorded creation makes. */
export function createdEntity(operation: CreateEntity): DraftEntity {
  const { id, entityType, metadata } = operation
  return withBounds({ id, entityType, metadata: freeze(metadata) }, operation)
}

/** The relation that a recorded creation makes. */
export function createdRelation(operation: CreateRelation): DraftRelation {
  const { id, relationType, from, to, metadata } = operation
  return withBounds({ id, relationType, from, to, metadata: freeze(metadata) }, operation)
}

/** What these operations leave of an entity. */
export function entityAfter(
  operations: readonly PendingOperation[],
  id: string,
  base: DraftEntity | undefined,
  rules: Rules | undefined,
): DraftEntity | undefined {
  let entity = base
  for (const operation of operations) {
    if (operation.id !== id) continue
    if (operation.op === 'createEntity') {
      entity = createdEntity(operation)
    } else if (operation.op === 'updateEntity' && entity) {
      entity = updated(entity, operation, (left) => rules?.settledEntity(left) ?? left.metadata)
    } else if (operation.op === 'deleteEntity') entity = undefined
  }
  return entity
}

/** What these operations leave of a relation; `typeOf` gives the types of its ends. */
export function relationAfter(
  operations: readonly PendingOperation[],
  id: string,
  base: DraftRelation | undefined,
  rules: Rules | undefined,
  typeOf: (entity: string) => string | undefined,
): DraftRelation | undefined {
  let relation = base
  for (const operation of operations) {
    if (operation.op === 'deleteEntity') {
      if (relation?.from === operation.id || relation?.to === operation.id) relation = undefined
    } else if (operation.id !== id) continue
    else if (operation.op === 'createRelation') {
      relation = createdRelation(operation)
    } else if (operation.op === 'updateRelation' && relation) {
      const settle = (left: DraftRelation) => rules?.settledRelation(left, typeOf(left.from), typeOf(left.to))
      relation = updated(relation, operation, (left) => settle(left) ?? left.metadata)
    } else if (operation.op === 'deleteRelation') relation = undefined
  }
  return relation
}

/** `settle` gives the metadata that the schema makes of what an update leaves. */
function updated<E extends DraftEntity | DraftRelation>(
  element: E,
  operation: UpdateEntity | UpdateRelation,
  settle: (left: E) => JsonObject,
): E {
  const left = { ...element, metadata: applyChanges(element.metadata, operation.changes) }
  const result = { ...left, metadata: freeze(operation.changes.length > 0 ? settle(left) : left.metadata) }
  if (operation.validFrom === null) delete result.validFrom
  else if (operation.validFrom !== undefined) result.validFrom = operation.validFrom
  if (operation.validTo === null) delete result.validTo
  else if (operation.validTo !== undefined) result.validTo = operation.validTo
  return result
}

function withBounds<E extends DraftEntity | DraftRelation>(
  element: E,
  { validFrom, validTo }: CreateEntity | CreateRelation,
): E {
  if (validFrom !== undefined) element.validFrom = validFrom
  if (validTo !== undefined) element.validTo = validTo
  return element
}

function freeze<T extends Json>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const key in value) {
    const member = (value as JsonObject)[key]
    if (typeof member === 'object' && member !== null) freeze(member)
  }
  return Object.freeze(value)
}
