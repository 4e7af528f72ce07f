/** History of an id: every state of one entity or relation along first parents. */
import { timelineOfId } from '../../queries/history.js'
import { elements, type StateRow } from '../../queries/standing.js'
import { versionsBySequences } from '../../queries/version.js'
import { all, type Work } from '../database/work.js'
import { checkRead, type ReadCheck } from '../graph/read-check.js'
import { placeOfReference, type Reference } from '../graph/reference.js'
import type { Schema } from '../graph/schema.js'
import type { EntityOf, RelationOf } from '../graph/typed.js'
import type { CallOptions } from '../model/budget.js'
import type { ElementKind, Entity, Relation } from '../model/entity.js'
import type { Version } from '../model/version.js'
import type { Place } from '../state/place.js'
import { columnOf, toEntity, toRelation, versionFrom } from '../state/rows.js'

/** How far the history of an id is told. */
export interface HistoryOptions extends CallOptions {
  /** The version to go up to. Default: `main`'s head. */
  until?: Reference | undefined
}

/** What one version did to an id. */
export interface HistoryEntry<S extends Schema = Schema> {
  version: Version
  /** What the id is afterwards, or was before it was deleted. */
  element: ElementKind
  kind: 'created' | 'updated' | 'deleted'
  before: EntityOf<S> | RelationOf<S> | undefined
  after: EntityOf<S> | RelationOf<S> | undefined
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
export function* historyOf<S extends Schema>(id: string, until: Reference, check?: ReadCheck): Work<HistoryEntry<S>[]> {
  const place = yield* placeOfReference(until)
  const entities = yield* turns(place, 'entity', id, toEntity)
  const relations = yield* turns(place, 'relation', id, toRelation)
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
    checkRead(check, [before, after])
    entries.push({ version, element, kind, before, after })
  }
  return entries as unknown as HistoryEntry<S>[]
}

function* turns<E>(place: Place, element: ElementKind, id: string, toState: (row: StateRow) => E): Work<Turn<E>[]> {
  const { metadata, fromSequence } = columnOf[element]
  const end = elements[element].columns.length
  const start = (row: StateRow) => row[fromSequence] as number
  const found: Turn<E>[] = []
  for (const { laneId, bound } of place.lanes.toReversed()) {
    const rows = yield* all(timelineOfId({ element, trunk: laneId === 1 }), { laneId, id, bound })
    rows.sort((a, b) => start(a) - start(b))
    rows.forEach((row, index) => {
      found.push({ sequence: start(row), state: row[metadata] === null ? undefined : toState(row) })
      // A gap after a row of lane 1 is a deletion; on other lanes deletions are rows themselves.
      const ended = row[end] as number | null
      const next = rows[index + 1]
      if (ended !== null && ended <= bound && laneId === 1 && (next === undefined || start(next) !== ended)) {
        found.push({ sequence: ended, state: undefined })
      }
    })
  }
  return found
}

function* versionsAt(sequences: readonly number[]): Work<Map<number, Version>> {
  if (sequences.length === 0) return new Map()
  const rows = yield* all(versionsBySequences, { sequences })
  return new Map(rows.map((row) => [row[6], versionFrom(row)]))
}
