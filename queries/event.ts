/** The event log. */
import { sql } from 'kysely'
import { allOf } from './relation.js'
import { insertInto } from './rows.js'
import { family, statement } from './statement.js'
import type { EventLogTable } from './tables.js'

export interface EventShape {
  type: boolean
  source: boolean
  from: boolean
  to: boolean
  before: boolean
}

export interface EventGiven {
  type: string
  source: string
  from: number
  to: number
  /** Events below this `seq` only. */
  before: number
  limit: number
}

/** Events of a kind, of a source, in a range of time (both ends included), newest first. */
export const eventList = family<EventShape, EventGiven, EventLogTable>((shape, _db, given, dialect) => {
  const conditions = allOf([
    ...(shape.type ? [sql`event_type = ${given.type}`] : []),
    ...(shape.source ? [sql`source = ${given.source}`] : []),
    ...(shape.from ? [sql`timestamp >= ${given.from}`] : []),
    ...(shape.to ? [sql`timestamp <= ${given.to}`] : []),
    ...(shape.before ? [sql`seq < ${given.before}`] : []),
  ])
  // Said, because after an ANALYZE SQLite would rather go by time, and sort.
  const index = shape.type ? 'event_type_idx' : shape.source ? 'source_idx' : undefined
  const by = sql.raw(dialect === 'sqlite' && index !== undefined ? ` indexed by ${index}` : '')
  return sql`select * from event_log${by}${conditions === undefined ? sql`` : sql` where ${conditions}`}
    order by seq desc limit ${given.limit}`
})

/** The newest events. */
export const recentEvents = eventList({ type: false, source: false, from: false, to: false, before: false })

/** Events of a kind in a range of time, newest first. */
export const eventsByTypeAndTime = eventList({ type: true, source: false, from: true, to: true, before: false })

/** Where the event of this id stands. */
export const eventSeq = statement<{ id: string }, { seq: number }>(
  (_db, given) => sql`select seq from event_log where event_id = ${given.id}`,
)

/** The last event, and the hash that the next event outside commits continues. */
export const lastEvent = statement<object, { seq: number; hash: string | null }>(
  () => sql`select coalesce(max(seq), 0) as seq,
    (select hash from event_log where hash is not null order by seq desc limit 1) as hash from event_log`,
)

/** The `seq` of the newest event. */
export const lastEventSeq = statement<object, { seq: number }>(
  () => sql`select coalesce(max(seq), 0) as seq from event_log`,
)

export const insertEvent = insertInto('event_log', [
  'event_id',
  'event_type',
  'source',
  'timestamp',
  'data',
  'seq',
  'actor',
  'state_version_id',
  'position',
  'hash',
])

export const countEvents = statement((db, _given: object) =>
  db.selectFrom('event_log').select((eb) => eb.fn.countAll<number>().as('count')),
)
