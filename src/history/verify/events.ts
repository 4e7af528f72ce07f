/**
 * The audit trail against the deltas: a version has all of its events or none, in the order of its
 * operations; every other event continues the chain of hashes.
 */

import { setImmediate } from 'node:timers/promises'
import type { DeltaRecordTable, EventLogTable } from '../../../queries/tables.js'
import { deltaRows, eventRows } from '../../../queries/verify.js'
import { type VersionRow, versionsByIds } from '../../../queries/version.js'
import type { Database } from '../../database/database.js'
import { all, type Work } from '../../database/work.js'
import type { Budget } from '../../model/budget.js'
import { eventTypeOf, positionName } from '../../model/event.js'
import type { Json } from '../../model/json.js'
import type { Operation } from '../../model/operation.js'
import { operationsIn } from '../../state/delta.js'
import { eventHash } from '../../state/hash.js'
import type { Findings } from './findings.js'

const batch = 2_000

/** What a version's events must be, in order. */
interface Trail {
  version: VersionRow
  events: { event_id: string; event_type: string; source: string; position: number | null }[]
  next: number
}

/** Walks the whole trail. */
export async function verifyEvents(database: Database, findings: Findings, budget: Budget): Promise<void> {
  const walk = new Walk(findings)
  for (let after = 0; ; ) {
    budget.check()
    const position = after
    const page = await database.read(() => walk.read(position), budget)
    const { rows } = page
    if (rows.length === 0) break
    walk.pass(page)
    after = (rows.at(-1) as EventLogTable).seq
    await setImmediate()
  }
  walk.end()
}

/** Some events, and the trails of the versions that they belong to. */
interface Page {
  rows: readonly EventLogTable[]
  trails: ReadonlyMap<string, Trail>
}

class Walk {
  private seq = 0
  private hash: string | null = null
  private trail: Trail | undefined
  /** The sequence of the last version whose events are passed: versions are told of in their order. */
  private passed = 0

  constructor(private readonly findings: Findings) {}

  *read(after: number): Work<Page> {
    const rows = yield* all(eventRows, { after, limit: batch })
    return { rows, trails: yield* this.trailsOf(rows) }
  }

  pass({ rows, trails }: Page): void {
    for (const row of rows) {
      this.seq++
      if (row.seq !== this.seq) {
        this.findings.add(`event ${row.event_id}`, `seq is ${row.seq}, not ${this.seq}: an event is missing`)
        this.seq = row.seq
      }
      if (row.state_version_id === null) this.chained(row)
      else this.ofVersion(row, trails.get(row.state_version_id))
    }
  }

  end(): void {
    this.checkWhole()
  }

  private chained(row: EventLogTable): void {
    let data: Json
    try {
      data = row.data === null ? null : (JSON.parse(row.data) as Json)
    } catch {
      this.findings.add(`event ${row.event_id}`, 'data is no JSON')
      return
    }
    const { actor, event_id: eventId, source, timestamp, event_type: type } = row
    const expected = eventHash(this.hash, { actor, data, eventId, source, timestamp, type })
    this.findings.compare(`event ${row.event_id}`, row, { hash: expected, position: null })
    this.hash = row.hash
  }

  private ofVersion(row: EventLogTable, trail: Trail | undefined): void {
    const id = row.state_version_id as string
    if (trail === undefined) {
      this.findings.add(`event ${row.event_id}`, `its version ${id} is not there`)
      return
    }
    if (this.trail?.version.version_id !== id) {
      this.checkWhole()
      if (trail.version.sequence <= this.passed) {
        this.findings.add(`event ${row.event_id}`, 'stands apart from its version’s', id)
      }
      this.trail = trail
    }
    const expected = this.trail?.events[this.trail.next]
    if (this.trail) this.trail.next++
    if (expected === undefined) {
      this.findings.add(`event ${row.event_id}`, 'is one more than its version has', id)
      return
    }
    const { timestamp, owner } = trail.version
    const wanted = { ...expected, timestamp, actor: owner, data: null, hash: null }
    this.findings.compare(`event ${row.event_id}`, row, wanted, id)
  }

  private checkWhole(): void {
    const { trail } = this
    if (trail === undefined) return
    const { version_id: id } = trail.version
    if (trail.next < trail.events.length) {
      this.findings.add(`events of version ${id}`, `${trail.events.length - trail.next} events are missing`, id)
    }
    this.passed = trail.version.sequence
    this.trail = undefined
  }

  private *trailsOf(rows: readonly EventLogTable[]): Work<Map<string, Trail>> {
    const trails = new Map<string, Trail>()
    if (this.trail) trails.set(this.trail.version.version_id, this.trail)
    const ids = [...new Set(rows.flatMap((row) => row.state_version_id ?? []))].filter((id) => !trails.has(id))
    if (ids.length === 0) return trails
    const operations = new Map<string, Operation[]>()
    for (const row of yield* all(deltaRows, { ids })) {
      const known = operations.get(row.state_version_id) ?? []
      for (const operation of parse(row)) known.push(operation)
      operations.set(row.state_version_id, known)
    }
    for (const version of yield* all(versionsByIds, { ids })) {
      const events = eventsOf(version, operations.get(version.version_id) ?? [])
      trails.set(version.version_id, { version, events, next: 0 })
    }
    return trails
  }
}

function eventsOf({ version_id: id, sequence }: VersionRow, operations: readonly Operation[]): Trail['events'] {
  return [
    ...operations.map((operation, position) => ({
      event_id: `${sequence}:${positionName(position)}`,
      event_type: eventTypeOf(operation),
      source: operation.id,
      position,
    })),
    { event_id: `${sequence}:version`, event_type: 'STATE_VERSION_COMMITTED', source: id, position: null },
    { event_id: `${sequence}:delta`, event_type: 'DELTA_RECORDED', source: id, position: null },
  ]
}

/** A delta that cannot be read is named where it is replayed. */
function parse({ operations, state_version_id: id }: DeltaRecordTable): Operation[] {
  try {
    return operationsIn(operations, id)
  } catch {
    return []
  }
}
