/** History of an id: every state of one entity or relation along first parents. */
import { timelineOfId } from '../../queries/history.js'
import type { EntityTable, RelationTable } from '../../queries/tables.js'
import { versionsBySequences } from '../../queries/version.js'
import { all, type Work } from '../database/work.js'
import { placeOfReference, type Reference } from '../graph/reference.js'
import type { CallOptions } from '../model/budget.js'
import type { ElementKind, Entity, Relation } from '../model/entity.js'
import type { Version } from '../model/version.js'
import type { Place } from '../state/place.js'
import { toEntity, toRelation, toVersion } from '../state/rows.js'

/** How far the history of an id is told. */
export interface HistoryOptions extends CallOptions {
  /** The version to go up to. Default: `main`'s head. */
  until?: Reference | undefined
}

/** What one version did to an id. */
export interface HistoryEntry {
  version: Version
  /** What the id is afterwards, or was before it was deleted. */
  element: ElementKind
  kind: 'created' | 'updated' | 'deleted'
  before: Entity | Relation | undefined
  after: Entity | Relation | undefined
}

/** From a sequence on an id stands so, or (undefined) not at all. */
interface Turn<E> {
  sequence: number
  state: E | undefined
}

/**
 * Every state of an id, oldest first, at most one entry a version: its net change. Empty for an id
 * that never was. Cost: two probes a lane, and the rows of the id.
 */
export function* historyOf(id: string, until: Reference): Work<HistoryEntry[]> {
  const place = yield* placeOfReference(until)
  const entities = yield* turns(place, 'entity', id, (row) => toEntity(row as EntityTable))
  const relations = yield* turns(place, 'relation', id, (row) => toRelation(row as RelationTable))
  const entityAt = new Map(entities.map((turn) => [turn.sequence, turn]))
  const relationAt = new Map(relations.map((turn) => [turn.sequence, turn]))
  const sequences = [...new Set([...entityAt.keys(), ...relationAt.keys()])].sort((a, b) => a - b)
  const versions = yield* versionsAt(sequences)

  const entries: HistoryEntry[] = []
  let entity: Entity | undefined
  let relation: Relation | undefined
  for (const sequence of sequences) {
    const before = entity ?? relation
    const beforeElement: ElementKind = entity ? 'entity' : 'relation'
    if (entityAt.has(sequence)) entity = entityAt.get(sequence)?.state
    if (relationAt.has(sequence)) relation = relationAt.get(sequence)?.state
    const after = entity ?? relation
    const version = versions.get(sequence)
    if (version === undefined || (before === undefined && after === undefined)) continue
    const kind = before === undefined ? 'created' : after === undefined ? 'deleted' : 'updated'
    const element = after === undefined ? beforeElement : entity ? 'entity' : 'relation'
    entries.push({ version, element, kind, before, after })
  }
  return entries
}

function* turns<E>(place: Place, element: ElementKind, id: string, toState: (row: object) => E): Work<Turn<E>[]> {
  const found: Turn<E>[] = []
  for (const { laneId, bound } of place.lanes.toReversed()) {
    const rows = yield* all(timelineOfId({ element, trunk: laneId === 1 }), { laneId, id, bound })
    rows.forEach((row, index) => {
      found.push({ sequence: row.from_sequence, state: row.metadata === null ? undefined : toState(row) })
      // A gap after a row of lane 1 is a deletion; on other lanes deletions are rows themselves.
      const end = row.to_sequence
      if (end !== null && end <= bound && rows[index + 1]?.from_sequence !== end && laneId === 1) {
        found.push({ sequence: end, state: undefined })
      }
    })
  }
  return found
}

function* versionsAt(sequences: readonly number[]): Work<Map<number, Version>> {
  if (sequences.length === 0) return new Map()
  const rows = yield* all(versionsBySequences, { sequences: sequences.map(String) })
  return new Map(rows.map((row) => [row.sequence, toVersion(row)]))
}
