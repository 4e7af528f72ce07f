/** History of an id: every state of one entity or relation along first parents. */
import { type TimelineRow, timelineOfId } from '../../queries/history.js'
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
import { toEntity, toRelation } from '../state/rows.js'
import { VersionText } from '../state/version-text.js'

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

/** From a version on an id stands so, or (undefined) not at all. */
interface Turn<E> {
  sequence: number
  /** Undefined where it is not read yet. */
  version: Version | undefined
  state: E | undefined
}

/**
 * Every state of an id, oldest first, at most one entry a version: its net change. Empty for an id
 * that never was. Cost: two probes a lane, and the rows of the id with those of their versions.
 */
export function* historyOf<S extends Schema>(id: string, until: Reference, check?: ReadCheck): Work<HistoryEntry<S>[]> {
  const place = yield* placeOfReference(until)
  const entities = yield* turns(place, 'entity', id, entityOf)
  const relations = yield* turns(place, 'relation', id, relationOf)
  const versions = yield* versionsOf([...entities, ...relations].filter(({ version }) => version === undefined))

  const entries: HistoryEntry[] = []
  let entity: Entity | undefined
  let relation: Relation | undefined
  let [nextEntity, nextRelation] = [0, 0]
  while (nextEntity < entities.length || nextRelation < relations.length) {
    const [ofEntity, ofRelation] = [entities[nextEntity], relations[nextRelation]]
    const sequence = Math.min(
      ofEntity?.sequence ?? Number.POSITIVE_INFINITY,
      ofRelation?.sequence ?? Number.POSITIVE_INFINITY,
    )
    let version = versions.get(sequence)
    const before = entity ?? relation
    const beforeElement: ElementKind = entity ? 'entity' : 'relation'
    if (ofEntity?.sequence === sequence) {
      entity = ofEntity.state
      version ??= ofEntity.version
      nextEntity++
    }
    if (ofRelation?.sequence === sequence) {
      relation = ofRelation.state
      version ??= ofRelation.version
      nextRelation++
    }
    const after = entity ?? relation
    if (version === undefined || (before === undefined && after === undefined)) continue
    const kind = before === undefined ? 'created' : after === undefined ? 'deleted' : 'updated'
    const element = after === undefined ? beforeElement : entity ? 'entity' : 'relation'
    if (check !== undefined) checkRead(check, [before, after])
    entries.push({ version, element, kind, before, after })
  }
  return entries as unknown as HistoryEntry<S>[]
}

/** By sequence, each sequence once. */
function* turns<E>(
  place: Place,
  element: ElementKind,
  id: string,
  stateOf: (id: string, row: TimelineRow, text: VersionText) => E,
): Work<Turn<E>[]> {
  const found: Turn<E>[] = []
  // A version is on one lane, and those of a lane come after those that it parts from.
  for (const { laneId, bound } of place.lanes.toReversed()) {
    const rows = yield* all(timelineOfId({ element, trunk: laneId === 1 }), { laneId, id, bound })
    rows.sort((a, b) => a[4] - b[4])
    rows.forEach((row, index) => {
      const [line, , , metadata, sequence, ended] = row
      const text = new VersionText(line)
      const state = stateOf(id, row, text)
      found.push({ sequence, version: text.version(sequence), state: metadata === null ? undefined : state })
      // A gap after a row of lane 1 is a deletion; on other lanes deletions are rows themselves.
      const next = rows[index + 1]
      if (ended !== null && ended <= bound && laneId === 1 && (next === undefined || next[4] !== ended)) {
        found.push({ sequence: ended, version: undefined, state: undefined })
      }
    })
  }
  return found
}

function entityOf(id: string, row: TimelineRow, text: VersionText): Entity {
  const [, createdAt, updatedAt, metadata, sequence] = row
  const [type, validFrom, validTo] = [text.next(), text.nextNumber(), text.nextNumber()]
  return toEntity([id, type, createdAt, updatedAt, metadata, sequence, validFrom, validTo])
}

function relationOf(id: string, row: TimelineRow, text: VersionText): Relation {
  const [, createdAt, updatedAt, metadata, sequence] = row
  const [from, to, type, validFrom, validTo] = [
    text.next(),
    text.next(),
    text.next(),
    text.nextNumber(),
    text.nextNumber(),
  ]
  return toRelation([id, from, to, type, createdAt, updatedAt, metadata, sequence, validFrom, validTo])
}

function* versionsOf(turns: readonly { sequence: number }[]): Work<Map<number, Version>> {
  if (turns.length === 0) return new Map()
  const rows = yield* all(versionsBySequences, { sequences: turns.map(({ sequence }) => sequence) })
  return new Map(rows.map(([sequence, text]) => [sequence, new VersionText(text).version(sequence)]))
}
