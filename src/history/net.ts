/**
 * Net operations: what leads from one state to another, in one order wherever it is made: delete
 * relations, delete entities, create entities, update entities, create relations, update relations,
 * each by id.
 *
 * An id whose type or ends differ is deleted and created; an entity treated so takes its relations
 * with it, those too that are the same on both sides.
 */
import { relationsByIds, relationsOfEntities } from '../../queries/relation.js'
import { all, type Work } from '../database/work.js'
import { type Entity, type Relation, sameLife } from '../model/entity.js'
import { compareIds } from '../model/id.js'
import { type Change, fitsOperation, type Operation } from '../model/operation.js'
import type { Place } from '../state/place.js'
import { toRelation } from '../state/rows.js'
import type { Diff } from './diff.js'

/** The net operations of a diff between two places. */
export function* netOperations(diff: Diff, before: Place, after: Place): Work<Operation[]> {
  const replaced = diff.entities.updated.filter((update) => !sameLife(update.before, update.after))
  const ids = replaced.map((update) => update.after.id)
  return operationsOf(diff, yield* relationsTouching(before, ids), yield* relationsTouching(after, ids))
}

/** The net operations of a diff. `torn` and `mended`: the relations of entities that are deleted and created, before and after. */
export function operationsOf(diff: Diff, torn: readonly Relation[], mended: readonly Relation[]): Operation[] {
  const deletedRelations = new Map([...diff.relations.deleted, ...torn].map((relation) => [relation.id, relation]))
  const createdRelations = new Map([...diff.relations.created, ...mended].map((relation) => [relation.id, relation]))
  const deletedEntities = [...diff.entities.deleted]
  const createdEntities = [...diff.entities.created]
  const updates: Operation[] = []
  for (const { before, after, changes } of diff.entities.updated) {
    if (sameLife(before, after)) updates.push(update('updateEntity', before, after, changes))
    else {
      deletedEntities.push(before)
      createdEntities.push(after)
    }
  }
  const relationUpdates: Operation[] = []
  for (const { before, after, changes } of diff.relations.updated) {
    const isTorn = deletedRelations.has(before.id) || createdRelations.has(after.id)
    if (!isTorn && sameLife(before, after)) relationUpdates.push(update('updateRelation', before, after, changes))
    else {
      deletedRelations.set(before.id, before)
      createdRelations.set(after.id, after)
    }
  }
  return [
    ...sorted(deletedRelations.values()).map(({ id }): Operation => ({ id, op: 'deleteRelation' })),
    ...sorted(deletedEntities).map(({ id }): Operation => ({ id, op: 'deleteEntity' })),
    ...sorted(createdEntities).map(createEntity),
    ...updates.sort(byId),
    ...sorted(createdRelations.values()).map(createRelation),
    ...relationUpdates.sort(byId),
  ]
}

/** The relations that touch one of these entities at a place. */
export function* relationsTouching(place: Place, entities: readonly string[]): Work<Relation[]> {
  if (entities.length === 0) return []
  const ends = yield* all(relationsOfEntities({ place: place.shape }), { ...place, ids: entities })
  const ids = [...new Set(ends.map(({ id }) => id))]
  return (yield* all(relationsByIds({ place: place.shape }), { ...place, ids })).map(toRelation)
}

function createEntity({ id, entityType, metadata, ...rest }: Entity): Operation {
  return { entityType, id, metadata, op: 'createEntity', ...bounds(rest) }
}

function createRelation({ id, relationType, from, to, metadata, ...rest }: Relation): Operation {
  return { from, id, metadata, op: 'createRelation', relationType, to, ...bounds(rest) }
}

function update(
  op: 'updateEntity' | 'updateRelation',
  before: Entity | Relation,
  after: Entity | Relation,
  changes: Change[],
): Operation {
  const moved: { validFrom?: number | null; validTo?: number | null } = {}
  if (before.validFrom !== after.validFrom) moved.validFrom = after.validFrom ?? null
  if (before.validTo !== after.validTo) moved.validTo = after.validTo ?? null
  const operation = { changes, id: after.id, op, ...moved } as Operation
  // Many changes at long paths can be larger than an operation may be, and than all they lead to.
  if (changes.length < 2 || fitsOperation(operation)) return operation
  return { ...operation, changes: [{ op: 'set', path: '', value: after.metadata }] } as Operation
}

function bounds({ validFrom, validTo }: { validFrom?: number; validTo?: number }) {
  return { ...(validFrom === undefined ? {} : { validFrom }), ...(validTo === undefined ? {} : { validTo }) }
}

function sorted<E extends Entity | Relation>(elements: Iterable<E>): E[] {
  return [...elements].sort(byId)
}

function byId(a: { id: string }, b: { id: string }): number {
  return compareIds(a.id, b.id)
}
