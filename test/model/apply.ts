/** Operations turn contents into contents, one after the other, or are refused as a whole. */
import { applyChanges } from './change.js'
import { hasValidBounds, isValidOperation } from './check.js'
import { copyJson } from './json.js'
import type { BoundChanges, Bounds, CreateEntity, CreateRelation, Operation, Update } from './operation.js'
import { attempt, type Code, Refusal, refuse } from './refusal.js'
import { type Content, type Contents, relationsOf } from './state.js'

/** Every operation is checked before the first is applied, as at the door. */
export function applyOperations(before: Contents, operations: readonly Operation[]): Contents {
  checkOperations(operations)
  return operations.reduce((contents, operation, index) => {
    const after = attempt(() => applyOperation(contents, operation))
    if (after instanceof Refusal) throw new Refusal(after.codes, after.message, index)
    return after
  }, before)
}

export function checkOperations(operations: readonly Operation[]): void {
  operations.forEach((operation, index) => {
    if (!isValidOperation(operation)) throw new Refusal(['VALIDATION'], 'malformed', index)
  })
}

function applyOperation(before: Contents, operation: Operation): Contents {
  const entities = new Map(before.entities)
  const relations = new Map(before.relations)
  const { id } = operation

  switch (operation.op) {
    case 'createEntity':
      refuseCreation(before, id, [])
      entities.set(id, createdEntity(operation))
      break
    case 'createRelation':
      refuseCreation(before, id, [operation.from, operation.to])
      relations.set(id, createdRelation(operation))
      break
    case 'updateEntity': {
      const entity = entities.get(id) ?? absent(operation)
      entities.set(id, updated(entity, operation))
      break
    }
    case 'updateRelation': {
      const relation = relations.get(id) ?? absent(operation)
      relations.set(id, updated(relation, operation))
      break
    }
    case 'deleteEntity':
      if (!entities.has(id)) absent(operation)
      if (relationsOf(before, id).length > 0) refuse('ENTITY_IN_USE', id)
      entities.delete(id)
      break
    case 'deleteRelation':
      if (!relations.has(id)) absent(operation)
      relations.delete(id)
      break
  }
  return { entities, relations }
}

function refuseCreation(before: Contents, id: string, ends: string[]): void {
  const codes: Code[] = []
  if (before.entities.has(id) || before.relations.has(id)) codes.push('ALREADY_EXISTS')
  if (!ends.every((end) => before.entities.has(end))) codes.push('NOT_FOUND')
  if (codes.length > 0) throw new Refusal(codes, `creation of ${id}`)
}

function absent({ op, id }: Operation): never {
  return refuse('NOT_FOUND', `${op} ${id}`)
}

function createdEntity({ id, entityType, metadata, ...bounds }: CreateEntity) {
  return { id, entityType, metadata: copyJson(metadata), ...boundsOf(bounds) }
}

function createdRelation({ id, relationType, from, to, metadata, ...bounds }: CreateRelation) {
  return { id, relationType, from, to, metadata: copyJson(metadata), ...boundsOf(bounds) }
}

function updated<T extends Content>(element: T, update: Update): T {
  const { validFrom: oldFrom, validTo: oldTo, ...rest } = element
  const { validFrom = oldFrom, validTo = oldTo } = update
  if (!hasValidBounds({ validFrom: validFrom ?? null, validTo: validTo ?? null })) {
    refuse('VALIDATION', `validity of ${update.id}`)
  }
  const metadata = applyChanges(element.metadata, update.changes)
  const bounds = boundsOf({ validFrom: validFrom ?? null, validTo: validTo ?? null })
  return { ...rest, metadata, ...bounds } as unknown as T
}

/** No key for a bound that is not there. */
function boundsOf({ validFrom = null, validTo = null }: BoundChanges): Bounds {
  return {
    ...(validFrom === null ? {} : { validFrom: validFrom + 0 }),
    ...(validTo === null ? {} : { validTo: validTo + 0 }),
  }
}
