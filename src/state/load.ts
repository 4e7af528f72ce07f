/** Loads as much of a state as operations touch. A bounded handful of statements, however many there are. */
import { entitiesByIds, entitiesStanding } from '../../queries/entity.js'
import { relationsByIds, relationsOfEntities } from '../../queries/relation.js'
import { all, together, type Work } from '../database/work.js'
import type { PendingOperation } from '../model/operation.js'
import { MemoryGraph, Standing } from './memory.js'
import type { Place } from './place.js'
import { columnOf, metadataTextOf, toEntity, toRelation } from './rows.js'

/**
 * The part of the state at a place that these operations look at; with `ends` those of updated relations too, and
 * the types of all ends.
 */
export function* loadTouched(place: Place, operations: Iterable<PendingOperation>, ends = false): Work<MemoryGraph> {
  const graph = new MemoryGraph()
  const touched = touchedBy(operations)
  if (touched.deleted.length > 0) {
    for (const row of yield* all(relationsOfEntities({ place: place.shape }), { ...place, ids: touched.deleted })) {
      graph.addEnds(row.id, row.from_entity, row.to_entity)
      if (touched.cascading.has(row.from_entity) || touched.cascading.has(row.to_entity)) touched.relations.add(row.id)
    }
  }
  const others = [...touched.ends].filter((id) => !touched.entities.has(id))
  yield* together(
    loadEntities(place, graph, touched.entities),
    loadStanding(place, graph, others, ends),
    loadRelations(place, graph, touched.relations),
  )
  if (ends) yield* loadEnds(place, graph, touched.updated)
  return graph
}

/** What operations look at. An id that is created must not be taken by either element. */
function touchedBy(operations: Iterable<PendingOperation>) {
  const entities = new Set<string>()
  const relations = new Set<string>()
  const ends = new Set<string>()
  const deleted: string[] = []
  const cascading = new Set<string>()
  const updated: string[] = []
  for (const operation of operations) {
    const { op, id } = operation
    if (op !== 'updateRelation' && op !== 'deleteRelation') entities.add(id)
    if (op !== 'updateEntity' && op !== 'deleteEntity') relations.add(id)
    if (op === 'createRelation') {
      ends.add(operation.from)
      ends.add(operation.to)
    } else if (op === 'deleteEntity') {
      deleted.push(id)
      if ('cascade' in operation) cascading.add(id)
    } else if (op === 'updateRelation') updated.push(id)
  }
  return { entities, relations, ends, deleted, cascading, updated }
}

/** Of an end that nothing else is done to, no more is looked at than that it stands, and its type where that is asked for. */
function* loadStanding(place: Place, graph: MemoryGraph, ids: readonly string[], types: boolean): Work<void> {
  if (ids.length === 0) return
  const standing = entitiesStanding({ place: place.shape, types })
  for (const [id, entityType = ''] of yield* all(standing, { ...place, ids })) {
    graph.addEntity(new Standing({ id, entityType, metadata: {}, createdAt: 0, updatedAt: 0 }, 0))
  }
}

/** Loads the ends of these relations, as far as they are not there. */
function* loadEnds(place: Place, graph: MemoryGraph, relations: readonly string[]): Work<void> {
  const ids = new Set<string>()
  for (const id of relations) {
    const relation = graph.relation(id)
    for (const end of relation ? [relation.from, relation.to] : []) if (!graph.entities.has(end)) ids.add(end)
  }
  yield* loadEntities(place, graph, ids)
}

function* loadRelations(place: Place, graph: MemoryGraph, ids: ReadonlySet<string>): Work<void> {
  if (ids.size === 0) return
  for (const row of yield* all(relationsByIds({ place: place.shape }), { ...place, ids: [...ids] })) {
    const { fromSequence, metadata } = columnOf.relation
    graph.addRelation(new Standing(toRelation(row), row[fromSequence] as number, metadataTextOf(row[metadata])))
  }
}

function* loadEntities(place: Place, graph: MemoryGraph, ids: ReadonlySet<string>): Work<void> {
  if (ids.size === 0) return
  for (const row of yield* all(entitiesByIds({ place: place.shape }), { ...place, ids: [...ids] })) {
    const { fromSequence, metadata } = columnOf.entity
    graph.addEntity(new Standing(toEntity(row), row[fromSequence] as number, metadataTextOf(row[metadata])))
  }
}
