/** Loads as much of a state as operations touch. A bounded handful of statements, however many there are. */
import { entitiesByIds } from '../../queries/entity.js'
import { relationsByIds, relationsOfEntities } from '../../queries/relation.js'
import { all, type Work } from '../database/work.js'
import type { PendingOperation } from '../model/operation.js'
import { MemoryGraph, Standing } from './memory.js'
import type { Place } from './place.js'
import { columnOf, toEntity, toRelation } from './rows.js'

/** The part of the state at a place that these operations look at. */
export function* loadTouched(place: Place, operations: Iterable<PendingOperation>): Work<MemoryGraph> {
  const graph = new MemoryGraph()
  const ids = new Set<string>()
  const deleted: string[] = []
  const cascading = new Set<string>()
  for (const operation of operations) {
    ids.add(operation.id)
    if (operation.op === 'createRelation') {
      ids.add(operation.from)
      ids.add(operation.to)
    } else if (operation.op === 'deleteEntity') {
      deleted.push(operation.id)
      if ('cascade' in operation) cascading.add(operation.id)
    }
  }
  const relationIds = new Set(ids)
  if (deleted.length > 0) {
    for (const row of yield* all(relationsOfEntities({ place: place.shape }), { ...place, ids: deleted })) {
      graph.addEnds(row.id, row.from_entity, row.to_entity)
      if (cascading.has(row.from_entity) || cascading.has(row.to_entity)) relationIds.add(row.id)
    }
  }
  for (const row of yield* all(entitiesByIds({ place: place.shape }), { ...place, ids: [...ids] })) {
    const { fromSequence, metadata } = columnOf.entity
    graph.addEntity(new Standing(toEntity(row), row[fromSequence] as number, row[metadata] as string))
  }
  for (const row of yield* all(relationsByIds({ place: place.shape }), { ...place, ids: [...relationIds] })) {
    const { fromSequence, metadata } = columnOf.relation
    graph.addRelation(new Standing(toRelation(row), row[fromSequence] as number, row[metadata] as string))
  }
  return graph
}
