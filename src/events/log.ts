/**
 * The event log: what happened, who did it, in one dense order.
 *
 * Events of commits store no copy of what they tell: it is read from the delta. Every other event is
 * chained to the one before it by its hash.
 */
import { operationsAt } from '../../queries/delta.js'
import {
  type EventGiven,
  type EventShape,
  eventList,
  eventSeq,
  eventsByTypeAndTime,
  insertEvent,
  lastEvent,
  recentEvents,
} from '../../queries/event.js'
import type { EventLogTable } from '../../queries/tables.js'
import { versionsByIds } from '../../queries/version.js'
import type { Database } from '../database/database.js'
import { all, each, first, type Work } from '../database/work.js'
import { type CallOptions, startBudget } from '../model/budget.js'
import { IntegrityError, ValidationError, type ValidationIssue } from '../model/errors.js'
import type { UniverseEvent } from '../model/event.js'
import { newId, refusedId } from '../model/id.js'
import { canonicalJson, guardJson, isText, type Json, type JsonLimits, RefusedJson } from '../model/json.js'
import { toPointer } from '../model/pointer.js'
import { eventHash } from '../state/hash.js'
import { toVersion } from '../state/rows.js'

/** Which events to list; what is absent does not restrict. */
export interface EventFilter extends CallOptions {
  type?: string | undefined
  /** The id of the object concerned. */
  source?: string | undefined
  /** Included: not before this moment. */
  from?: Date | number | undefined
  /** Included: not after this moment. */
  to?: Date | number | undefined
  /** 1 to 1,000. Default: 100. */
  limit?: number | undefined
  cursor?: string | undefined
}

/** A page of events, newest first; without a cursor it is the last. */
export interface EventPage {
  items: UniverseEvent[]
  cursor?: string
}

const keys = new Set(['type', 'source', 'from', 'to', 'limit', 'cursor', 'signal', 'deadline'])
const maxLimit = 1_000
const defaultLimit = 100

/** The audit trail: lists events, and takes those of the application's own. Got from `universe.events`. */
export class EventLog {
  /** @internal */
  constructor(
    private readonly database: Database,
    private readonly owner: string,
    private readonly limits: JsonLimits,
  ) {}

  /**
   * A page of events, newest first.
   *
   * @throws {ValidationError} for a filter that is not valid.
   */
  async list(filter: EventFilter = {}): Promise<EventPage> {
    const budget = startBudget(filter)
    const { given, limit } = readEventFilter(filter)
    const { type, source, from, to, before } = given
    const shape = {
      type: type !== undefined,
      source: source !== undefined,
      from: from !== undefined,
      to: to !== undefined,
      before: before !== undefined,
    }
    const statement = statementFor(shape)
    return this.database.read(function* () {
      const rows = yield* all(statement, { ...given, limit: limit + 1 } as EventGiven)
      const items = yield* toEvents(rows.slice(0, limit))
      const last = items.at(-1)
      return rows.length > limit && last ? { items, cursor: String(last.seq) } : { items }
    }, budget)
  }

  /**
   * Publishes an event of the caller's own and returns it.
   *
   * @throws {ValidationError} for a type or source that breaks the rule for ids, and data that is no JSON.
   */
  async publish(
    type: string,
    data: Json = null,
    options: CallOptions & { source?: string | undefined } = {},
  ): Promise<UniverseEvent> {
    const budget = startBudget(options, ['source'])
    const { source } = options
    const issues: ValidationIssue[] = []
    const typeReason = refusedId(type)
    if (typeReason !== undefined) issues.push({ path: '/type', reason: typeReason })
    const sourceReason = source === undefined ? undefined : refusedId(source)
    if (sourceReason !== undefined) issues.push({ path: '/source', reason: sourceReason })
    let guarded: Json = null
    try {
      guarded = guardJson(data, this.limits)
    } catch (error) {
      if (!(error instanceof RefusedJson)) throw error
      issues.push({ path: `/data${toPointer(error.path)}`, reason: error.reason })
    }
    if (issues.length > 0) throw new ValidationError({ what: 'The event is not valid', issues })
    const facts = {
      actor: this.owner,
      data: guarded,
      eventId: newId(),
      source: source ?? null,
      timestamp: Date.now(),
      type,
    }
    return this.database.write(
      () => writeEvent(facts),
      () => eventIfThere(facts),
      budget,
    )
  }
}

/** What an event that no delta yields is made of. */
export interface EventFacts {
  actor: string
  data: Json
  eventId: string
  source: string | null
  timestamp: number
  type: string
}

/** Writes an event that no delta yields, chained to the one before it. */
export function* writeEvent(facts: EventFacts): Work<UniverseEvent> {
  const last = yield* first(lastEvent, {})
  const seq = (last?.seq ?? 0) + 1
  yield* each(insertEvent, [
    {
      event_id: facts.eventId,
      event_type: facts.type,
      source: facts.source,
      timestamp: facts.timestamp,
      data: facts.data === null ? null : canonicalJson(facts.data),
      seq,
      actor: facts.actor,
      state_version_id: null,
      position: null,
      hash: eventHash(last?.hash ?? null, facts),
    },
  ])
  return { ...facts, seq, versionId: null, position: null }
}

/** The event where it is there already. */
function* eventIfThere(facts: EventFacts): Work<UniverseEvent | undefined> {
  const row = yield* first(eventSeq, { id: facts.eventId })
  return row && { ...facts, seq: row.seq, versionId: null, position: null }
}

/** Rows become events; what a commit did is read from its delta, in one statement for all of them. */
function* toEvents(rows: readonly EventLogTable[]): Work<UniverseEvent[]> {
  const ofOperations = rows.filter(({ position }) => position !== null)
  const places = ofOperations.map((row) => JSON.stringify([row.state_version_id, row.position]))
  const operations = new Map<string, Json>()
  if (places.length > 0) {
    for (const found of yield* all(operationsAt, { places })) {
      operations.set(`${found.version_id}\n${found.position}`, JSON.parse(found.operation) as Json)
    }
  }
  const ids = [...new Set(rows.flatMap((row) => (row.position === null ? (row.state_version_id ?? []) : [])))]
  const versions = new Map<string, Json>()
  if (ids.length > 0) {
    for (const row of yield* all(versionsByIds, { ids })) {
      const { versionId, parents, sequence, description } = toVersion(row)
      versions.set(versionId, { description, parents, sequence, versionId })
    }
  }
  return rows.map((row): UniverseEvent => {
    const ofVersion = row.state_version_id === null ? null : (versions.get(row.state_version_id) ?? null)
    const ofOperation = operations.get(`${row.state_version_id}\n${row.position}`) ?? null
    const told = row.position === null ? ofVersion : ofOperation
    return {
      eventId: row.event_id,
      type: row.event_type,
      seq: row.seq,
      source: row.source,
      timestamp: row.timestamp,
      actor: row.actor,
      data: row.data === null ? told : dataOf(row.data, row.event_id),
      versionId: row.state_version_id,
      position: row.position,
    }
  })
}

function dataOf(text: string, eventId: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    const hint = 'Run verify to see what else is damaged, and restore a backup.'
    throw new IntegrityError({ reason: `The data of event ${eventId} is damaged: it is no JSON`, hint, cause })
  }
}

function statementFor(shape: EventShape) {
  const asked = Object.entries(shape).flatMap(([name, is]) => (is ? name : []))
  if (asked.length === 0) return recentEvents
  return asked.join() === 'type,from,to' ? eventsByTypeAndTime : eventList(shape)
}

function readEventFilter(filter: EventFilter): { given: Partial<EventGiven>; limit: number } {
  const issues: ValidationIssue[] = []
  const given: Partial<EventGiven> = {}
  for (const key of Object.keys(filter)) if (!keys.has(key)) issues.push({ path: `/${key}`, reason: 'is no filter' })
  for (const name of ['type', 'source'] as const) {
    const value: unknown = filter[name]
    if (value === undefined) continue
    if (isText(value)) given[name] = value
    else issues.push({ path: `/${name}`, reason: 'must be a well-formed string without U+0000' })
  }
  for (const name of ['from', 'to'] as const) {
    const value: unknown = filter[name]
    if (value === undefined) continue
    const time = value instanceof Date ? value.getTime() : value
    // A larger number is no moment, and PostgreSQL could not compare with it.
    if (typeof time === 'number' && Math.abs(time) <= Number.MAX_SAFE_INTEGER)
      given[name] = name === 'from' ? Math.ceil(time) : Math.floor(time)
    else issues.push({ path: `/${name}`, reason: 'must be a valid Date or milliseconds' })
  }
  if (filter.cursor !== undefined) {
    if (typeof filter.cursor === 'string' && /^\d{1,15}$/.test(filter.cursor)) given.before = Number(filter.cursor)
    else issues.push({ path: '/cursor', reason: 'is no cursor of this library' })
  }
  const { limit = defaultLimit } = filter
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
    issues.push({ path: '/limit', reason: `must be a whole number from 1 to ${maxLimit}` })
  }
  if (issues.length > 0) throw new ValidationError({ what: 'The filter is not valid', issues })
  return { given, limit }
}
