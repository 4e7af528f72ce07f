/**
 * One lane, replayed: every version's hashes, and every row that its states must have left behind.
 *
 * Nothing here asks how the rows were written. What must be there follows from the deltas alone, and
 * a row more than that is damage too.
 */

import type { DeltaRecordTable } from '../../../queries/tables.js'
import { historyRows, tagHistoryRows } from '../../../queries/verify.js'
import type { VersionRow } from '../../../queries/version.js'
import { all, type Work } from '../../database/work.js'
import type { Entity, Relation } from '../../model/entity.js'
import { canonicalJson, type Json, type JsonObject } from '../../model/json.js'
import type { Operation } from '../../model/operation.js'
import { applyOperations } from '../../state/apply.js'
import { type DataHash, operationsHash, versionHash } from '../../state/hash.js'
import type { MemoryGraph, StandingChange } from '../../state/memory.js'
import { unlimited } from '../../state/replay.js'
import { entityRow, relationRow } from '../../state/rows.js'
import { tagsOf } from '../../state/tag.js'
import type { Findings } from './findings.js'

type Row = Record<string, string | number | null>

/** A row that must be there, by its key. */
interface Expected {
  key: string
  row: Row
  versionId: string
}

export class LaneVerifier {
  /** How many rows of each history the deltas say that the lane has. */
  readonly counts = { entity: 0, relation: 0, tag: 0 }
  /** Tags that stand, with their `from_sequence`; the key is `[tag, id]` as JSON. */
  readonly tags = new Map<string, number>()
  private readonly standing = { entity: new Map<string, Row>(), relation: new Map<string, Row>() }
  private expected: Record<'entity' | 'relation' | 'tag', Expected[]> = { entity: [], relation: [], tag: [] }
  private latest = Number.NEGATIVE_INFINITY

  constructor(
    readonly laneId: number,
    readonly graph: MemoryGraph,
    private readonly dataHash: DataHash,
    private readonly findings: Findings,
  ) {}

  /** Replays one version; false where its delta cannot be replayed, and nothing after it can. */
  replay(version: VersionRow, delta: readonly DeltaRecordTable[], hashes: ReadonlyMap<string, string>): boolean {
    const { version_id: id } = version
    const operations = this.readDelta(version, delta)
    if (operations === undefined) return false
    let changes: StandingChange[]
    try {
      const applied = applyOperations(this.graph, operations, version.timestamp, unlimited)
      changes = this.graph.accept(applied.changes, version.sequence)
    } catch (error) {
      this.findings.add(`delta of version ${id}`, `cannot be replayed: ${(error as Error).message}`, id)
      return false
    }
    for (const { before, after } of changes) {
      if (before) this.dataHash.subtract(before.element, before.text)
      if (after) this.dataHash.add(after.element, after.text)
    }
    this.checkVersion(version, operations, delta[0]?.metadata ?? null, hashes)
    for (const change of changes) this.expectRows(change, version)
    return true
  }

  /** Compares the rows that the versions so far must have left. */
  *compare(): Work<void> {
    const { entity, relation, tag } = this.expected
    this.expected = { entity: [], relation: [], tag: [] }
    this.counts.entity += entity.length
    this.counts.relation += relation.length
    this.counts.tag += tag.length
    for (const [element, rows] of [
      ['entity', entity],
      ['relation', relation],
    ] as const) {
      if (rows.length === 0) continue
      const found = yield* all(historyRows({ element }), { laneId: this.laneId, keys: rows.map(({ key }) => key) })
      const byKey = new Map(found.map((row) => [JSON.stringify([row.id, row.from_sequence]), row]))
      this.check(`history of ${element}`, rows, byKey)
    }
    if (tag.length > 0) {
      const found = yield* all(tagHistoryRows, { laneId: this.laneId, keys: tag.map(({ key }) => key) })
      const byKey = new Map(
        found.map((row) => [JSON.stringify([row.tag, row.entity_id, row.from_sequence]), row as unknown as Row]),
      )
      this.check('history of tag', tag, byKey)
    }
  }

  /** Compares what still stands on a lane other than 1, whose states are all rows of the history. */
  *finish(): Work<void> {
    const open = { to_sequence: null, span: -1 }
    for (const element of ['entity', 'relation'] as const) {
      for (const [id, row] of this.standing[element]) {
        const key = JSON.stringify([id, row.from_sequence])
        this.expected[element].push({ key, row: { ...row, ...open }, versionId: '' })
      }
    }
    if (this.laneId !== 1) {
      for (const [pair, from] of this.tags) {
        const [tag, id] = JSON.parse(pair) as [string, string]
        const row = { lane_id: this.laneId, tag, entity_id: id, from_sequence: from, ...open }
        this.expected.tag.push({ key: JSON.stringify([tag, id, from]), row, versionId: '' })
      }
    }
    yield* this.compare()
  }

  private check(table: string, rows: readonly Expected[], found: ReadonlyMap<string, Row>): void {
    for (const { key, row, versionId } of rows) {
      this.findings.compare(`${table} ${key}`, found.get(key), row, versionId || undefined)
    }
  }

  private readDelta(version: VersionRow, delta: readonly DeltaRecordTable[]): Operation[] | undefined {
    const { version_id: id } = version
    const place = `delta of version ${id}`
    const operations: Operation[] = []
    if (delta.length === 0) this.findings.add(place, 'is missing', id)
    for (const row of delta) {
      if (row.position !== operations.length) {
        this.findings.add(place, `position is ${row.position}, not ${operations.length}`, id)
        return undefined
      }
      if (row.timestamp !== version.timestamp) this.findings.add(place, 'timestamp is not its version’s', id)
      let chunk: unknown
      try {
        chunk = JSON.parse(row.operations)
      } catch {
        this.findings.add(place, 'operations are no JSON', id)
        return undefined
      }
      if (!Array.isArray(chunk)) {
        this.findings.add(place, 'operations are no list', id)
        return undefined
      }
      const text = `[${chunk.map((operation) => canonicalJson(operation as Json)).join(',')}]`
      if (text !== row.operations) this.findings.add(place, 'operations are not canonical', id)
      for (const operation of chunk) operations.push(operation as Operation)
    }
    return operations
  }

  private checkVersion(
    version: VersionRow,
    operations: readonly Operation[],
    metadata: string | null,
    hashes: ReadonlyMap<string, string>,
  ): void {
    const { version_id: id } = version
    const further = version.further_parents === null ? [] : (JSON.parse(version.further_parents) as string[])
    const parents = version.parent_version_id === null ? [] : [version.parent_version_id, ...further]
    const missing = parents.find((parent) => !hashes.has(parent))
    if (missing !== undefined) this.findings.add(`version ${id}`, `its parent ${missing} is not there`, id)
    let parsed: JsonObject | null = null
    try {
      parsed = metadata === null ? null : (JSON.parse(metadata) as JsonObject)
    } catch {
      this.findings.add(`delta of version ${id}`, 'metadata is no JSON', id)
    }
    const facts = {
      version: id,
      parents: parents.map((parent) => hashes.get(parent) ?? ''),
      timestamp: version.timestamp,
      owner: version.owner,
      description: version.description,
      metadata: parsed,
      dataHash: this.dataHash.toString(),
      operationsHash: operationsHash(operations.map((operation) => canonicalJson(operation as unknown as Json))),
    }
    const expected = {
      data_hash: facts.dataHash,
      operations_hash: facts.operationsHash,
      version_hash: versionHash(facts),
      late: version.timestamp < this.latest ? 1 : 0,
    }
    this.findings.compare(`version ${id}`, version, expected, id)
    this.latest = Math.max(this.latest, version.timestamp)
  }

  private expectRows(change: StandingChange, version: VersionRow): void {
    const { sequence } = version
    if (change.element === 'entity') this.expectTags(change.id, change.before?.element, change.after?.element, version)
    if (this.laneId === 1) {
      if (change.before) this.expectClosed(change.element, stateRow(change.before), version)
      return
    }
    const standing = this.standing[change.element]
    const own = standing.get(change.id)
    if (own) this.expectClosed(change.element, own, version)
    const state = (change.after ?? change.before) as NonNullable<StandingChange['after']>
    const row = stateRow({ element: state.element, text: state.text, fromSequence: sequence })
    standing.set(change.id, { ...row, lane_id: this.laneId, ...(change.after ? {} : { metadata: null }) })
  }

  private expectClosed(element: 'entity' | 'relation', row: Row, { sequence, version_id }: VersionRow): void {
    const from = row.from_sequence as number
    this.expected[element].push({
      key: JSON.stringify([row.id, from]),
      row: { ...row, lane_id: this.laneId, to_sequence: sequence, span: spanOf(sequence - from) },
      versionId: version_id,
    })
  }

  private expectTags(id: string, before: Entity | undefined, after: Entity | undefined, version: VersionRow): void {
    const isOwn = this.laneId === 1 || this.standing.entity.has(id)
    const old = before && isOwn ? tagsOf(before) : new Set<string>()
    const now = after ? tagsOf(after) : new Set<string>()
    for (const tag of old) {
      if (now.has(tag)) continue
      const pair = JSON.stringify([tag, id])
      const from = this.tags.get(pair) as number
      this.tags.delete(pair)
      const { sequence } = version
      const span = spanOf(sequence - from)
      const row = { lane_id: this.laneId, tag, entity_id: id, from_sequence: from, to_sequence: sequence, span }
      this.expected.tag.push({ key: JSON.stringify([tag, id, from]), row, versionId: version.version_id })
    }
    for (const tag of now) if (!old.has(tag)) this.tags.set(JSON.stringify([tag, id]), version.sequence)
  }
}

/** The columns that a state has, wherever it stands. */
export function stateRow(state: { element: Entity | Relation; text: string; fromSequence: number }): Row {
  const { element, text, fromSequence } = state
  const row =
    'entityType' in element ? entityRow(element, text, fromSequence) : relationRow(element, text, fromSequence)
  return row as unknown as Row
}

/** Its own reckoning, so that a wrong class is found whoever wrote it: 8^span ≤ length < 8^(span + 1). */
function spanOf(length: number): number {
  let span = 0
  while (8 ** (span + 1) <= length) span++
  return span
}
