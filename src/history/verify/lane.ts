/**
 * One lane, replayed: every version's hashes, and every row that its states must have left behind.
 *
 * Nothing here asks how the rows were written. What must be there follows from the deltas alone, and
 * a row more than that is damage too.
 */

import type { DeltaRecordTable } from '../../../queries/tables.js'
import { historyCount, historyRows, tagHistoryRows } from '../../../queries/verify.js'
import type { VersionRow } from '../../../queries/version.js'
import { all, first, type Work } from '../../database/work.js'
import type { Entity, Relation } from '../../model/entity.js'
import { type Operation, refusedRecord, textsOf } from '../../model/operation.js'
import { applyOperations } from '../../state/apply.js'
import { type DataHash, operationsHash } from '../../state/hash.js'
import type { MemoryGraph, StandingChange } from '../../state/memory.js'
import { unlimited } from '../../state/replay.js'
import { entityRow, parentsOf, relationRow } from '../../state/rows.js'
import { tagsOf } from '../../state/tag.js'
import type { Findings } from './findings.js'
import type { Undo } from './undo.js'
import { hashOf, type ParentHashes } from './version.js'

type Row = Record<string, string | number | null>

/** A row that must be there, by its key. */
interface Expected {
  key: string
  row: Row
  versionId: string
}

type Expectations = Record<'entity' | 'relation' | 'tag', Expected[]>

/** Where the first version of a lane begins. */
export interface Beginning {
  graph: MemoryGraph
  dataHash: DataHash
  /** The version that the lane forks from; null: a root. */
  versionId: string | null
  /** Notes what the lane changes of the graph. */
  undo?: Undo | undefined
}

const elementKinds = ['entity', 'relation'] as const

export class LaneVerifier {
  readonly graph: MemoryGraph
  readonly dataHash: DataHash
  /** The last version that was replayed, or the one that the lane forks from. */
  last: string | null
  /** The sequence of the last version that was replayed; 0 before. */
  sequence = 0
  /** Tags that stand, with their `from_sequence`; the key is `[tag, id]` as JSON. */
  readonly tags = new Map<string, number>()
  /** How many rows of each history the deltas say that the lane has. */
  private readonly counts = { entity: 0, relation: 0, tag: 0 }
  private readonly standing = { entity: new Map<string, Row>(), relation: new Map<string, Row>() }
  private expected: Expectations = { entity: [], relation: [], tag: [] }
  private latest = Number.NEGATIVE_INFINITY
  private readonly undo: Undo | undefined

  constructor(
    readonly laneId: number,
    beginning: Beginning,
    private readonly findings: Findings,
  ) {
    this.graph = beginning.graph
    this.dataHash = beginning.dataHash
    this.last = beginning.versionId
    this.undo = beginning.undo
  }

  /** Replays one version; false where its delta cannot be replayed, and nothing after it can. */
  replay(version: VersionRow, delta: readonly DeltaRecordTable[], parents: ParentHashes): boolean {
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
    this.undo?.note(changes)
    for (const { before, after } of changes) {
      if (before) this.dataHash.subtract(before.element, before.text)
      if (after) this.dataHash.add(after.element, after.text)
    }
    this.checkVersion(version, operations, delta[0]?.metadata ?? null, parents)
    for (const change of changes) this.expectRows(change, version)
    this.last = id
    this.sequence = version.sequence
    return true
  }

  /** Compares the rows that the versions since `passed` must have left. */
  compare(findings: Findings): Work<void> {
    return this.find(this.expected, findings)
  }

  /** What was expected has been compared. */
  passed(): void {
    for (const of of ['entity', 'relation', 'tag'] as const) this.counts[of] += this.expected[of].length
    this.expected = { entity: [], relation: [], tag: [] }
  }

  private *find({ entity, relation, tag }: Expectations, findings: Findings): Work<void> {
    for (const [element, rows] of [
      ['entity', entity],
      ['relation', relation],
    ] as const) {
      if (rows.length === 0) continue
      const found = yield* all(historyRows({ element }), { laneId: this.laneId, keys: rows.map(({ key }) => key) })
      const byKey = new Map(found.map((row) => [JSON.stringify([row.id, row.from_sequence]), row]))
      check(findings, `history of ${element}`, rows, byKey)
    }
    if (tag.length > 0) {
      // With its span, which is part of the key: a row of another class is not where readers look for it.
      const keys = tag.map(({ row }) => JSON.stringify([row.tag, row.entity_id, row.from_sequence, row.span]))
      const found = yield* all(tagHistoryRows, { laneId: this.laneId, keys })
      const byKey = new Map(
        found.map((row) => [JSON.stringify([row.tag, row.entity_id, row.from_sequence]), row as unknown as Row]),
      )
      check(findings, 'history of tag', tag, byKey)
    }
  }

  /**
   * Compares what stands at the lane's end, and that there is no row more than the deltas say. On a lane
   * other than 1 what still stands is a row of the history too.
   */
  *finish(findings: Findings): Work<void> {
    const standing: Expectations = { entity: [], relation: [], tag: [] }
    const open = { to_sequence: null, span: -1 }
    for (const element of elementKinds) {
      for (const [id, row] of this.standing[element]) {
        const key = JSON.stringify([id, row.from_sequence])
        standing[element].push({ key, row: { ...row, ...open }, versionId: '' })
      }
    }
    if (this.laneId !== 1) {
      for (const [pair, from] of this.tags) {
        const [tag, id] = JSON.parse(pair) as [string, string]
        const row = { lane_id: this.laneId, tag, entity_id: id, from_sequence: from, ...open }
        standing.tag.push({ key: JSON.stringify([tag, id, from]), row, versionId: '' })
      }
    }
    yield* this.find(standing, findings)
    const { laneId, counts, expected } = this
    for (const of of ['entity', 'relation', 'tag'] as const) {
      const count = (yield* first(historyCount({ of }), { laneId }))?.count ?? 0
      const wanted = counts[of] + expected[of].length + standing[of].length
      if (count === wanted) continue
      findings.add(`history of ${of}`, `lane ${laneId} has ${count} rows, the deltas say ${wanted}`)
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
      if (row.position > 0 && row.metadata !== null) this.findings.add(place, 'has metadata twice', id)
      if (row.timestamp !== version.timestamp) this.findings.add(place, 'timestamp is not its version’s', id)
      let chunk: Operation[]
      try {
        chunk = JSON.parse(row.operations) as Operation[]
      } catch {
        this.findings.add(place, 'operations are no JSON', id)
        return undefined
      }
      const reason = refusedRecord(chunk)
      if (reason !== undefined) {
        this.findings.add(place, reason, id)
        return undefined
      }
      if (chunk.length === 0 && delta.length > 1) this.findings.add(place, 'has a row without an operation', id)
      const text = `[${[...textsOf(chunk)].join(',')}]`
      if (text !== row.operations) this.findings.add(place, 'operations are not canonical', id)
      for (const operation of chunk) operations.push(operation)
    }
    return operations
  }

  private checkVersion(
    version: VersionRow,
    operations: readonly Operation[],
    metadata: string | null,
    parents: ParentHashes,
  ): void {
    const { version_id: id } = version
    const place = `version ${id}`
    if (version.parent_version_id !== this.last) {
      this.findings.add(place, `its first parent is ${version.parent_version_id}, its lane says ${this.last}`, id)
    }
    for (const parent of parentsOf(version)) {
      const sequence = parents.get(parent)?.sequence
      if (sequence === undefined) this.findings.add(place, `its parent ${parent} is not there`, id)
      else if (sequence >= version.sequence) this.findings.add(place, `its parent ${parent} comes after it`, id)
    }
    const stored = {
      data_hash: this.dataHash.toString(),
      operations_hash: operationsHash(textsOf(operations)),
    }
    const expected = {
      ...stored,
      version_hash: hashOf({ ...version, ...stored }, parents, metadata, this.findings),
      late: version.timestamp < this.latest ? 1 : 0,
    }
    this.findings.compare(place, version, expected, id)
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

function check(findings: Findings, table: string, rows: readonly Expected[], found: ReadonlyMap<string, Row>): void {
  for (const { key, row, versionId } of rows) {
    findings.compare(`${table} ${key}`, found.get(key), row, versionId || undefined)
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
