/** Loads as much of a state as operations touch. A bounded handful of statements, however many there are. */
import { entitiesByIds } from '../../queries/entity.js'
import { relationsByIds, relationsOfEntities } from '../../queries/relation.js'
import { all, type Work } from '../database/work.js'
import type { PendingOperation } from '../model/operation.js'
import { MemoryGraph, Standing } from './memory.js'
import type { Place } from './place.js'
import { columnOf, toEntity, toRelation } from './rows.js'

/** The part of the state at a place that these operations look at; with `ends` those of updated relations too. */
export function* loadTouched(place: Place, operations: Iterable<PendingOperation>, ends = false): Work<MemoryGraph> {
  const graph = new MemoryGraph()
  const ids = new Set<string>()
  const deleted: string[] = []
  const cascading = new Set<string>()
  const updated: string[] = []
  for (const operation of operations) {
    ids.add(operation.id)
    if (operation.op === 'createRelation') {
      ids.add(operation.from)
      ids.add(operation.to)
    } else if (operation.op === 'deleteEntity') {
      deleted.push(operation.id)
      if ('cascade' in operation) cascading.add(operation.id)
    } else if (operation.op === 'updateRelation') updated.push(operation.id)
  }
  const relationIds = new Set(ids)
  if (deleted.length > 0) {
    for (const row of yield* all(relationsOfEntities({ place: place.shape }), { ...place, ids: deleted })) {
      graph.addEnds(row.id, row.from_entity, row.to_entity)
      if (cascading.has(row.from_entity) || cascading.has(row.to_entity)) relationIds.add(row.id)
    }
  }
  yield* loadEntities(place, graph, ids)
  for (const row of yield* all(relationsByIds({ place: place.shape }), { ...place, ids: [...relationIds] })) {
    const { fromSequence, metadata } = columnOf.relation
    graph.addRelation(new Standing(toRelation(row), row[fromSequence] as number, row[metadata] as string))
  }
  if (ends) yield* loadEnds(place, graph, updated)
  return graph
}

/** Loads the ends of these relations, as far as they are not there. */
function* loadEnds(place: Place, graph: MemoryGraph, relations: readonly string[]): Work<void> {
  const ids = new Set<string>()
  for (const id of relations) {
    const relation = graph.relation(id)
    for (const end of relation ? [relation.from, relation.to] : []) if (!graph.entities.has(end)) ids.add(end)
  }
  if (ids.size > 0) yield* loadEntities(place, graph, ids)
}

function* loadEntities(place: Place, graph: MemoryGraph, ids: ReadonlySet<string>): Work<void> {
  for (const row of yield* all(entitiesByIds({ place: place.shape }), { ...place, ids: [...ids] })) {
    const { fromSequence, metadata } = columnOf.entity
    graph.addEntity(new Standing(toEntity(row), row[fromSequence] as number, row[metadata] as string))
  }
}
