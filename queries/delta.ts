/** Deltas: the operations of versions, one or more rows each, in order. */
import { sql } from 'kysely'
import { listOf } from './parameter.js'
import { insertLargeInto } from './rows.js'
import { statement } from './statement.js'
import type { DeltaRecordTable } from './tables.js'

/** The rows of a version's delta, in order. */
export const deltaOfVersion = statement((db, given: { id: string }) =>
  db
    .selectFrom('delta_record')
    .select(['operations', 'metadata', 'position'])
    .where('state_version_id', '=', given.id)
    .orderBy('position'),
)

/** The deltas of a lane's versions in a range of sequences, ascending: `after` excluded, `to` included. */
export const deltasOfLane = statement<
  { laneId: number; after: number; to: number; limit: number },
  { sequence: number; version_id: string; timestamp: number; operations: string; position: number }
>(
  (_db, given) => sql`
  select v.sequence, v.version_id, v.timestamp, d.operations, d.position
  from (select sequence, version_id, timestamp from state_version
        where lane_id = ${given.laneId} and sequence > ${given.after} and sequence <= ${given.to}
        order by sequence limit ${given.limit}) as v
  cross join delta_record as d where d.state_version_id = v.version_id
  order by v.sequence, d.position`,
)

/**
 * The operation at a position of a version's delta, as the JSON text that was kept (`jsonb` would put its keys in another
 * order). Each pair of version and position is given as JSON.
 */
export const operationsAt = statement<
  { places: readonly string[] },
  { version_id: string; position: number; operation: string }
>((_db, given, dialect) =>
  dialect === 'sqlite'
    ? sql`
      select w.value ->> '$[0]' as version_id, w.value ->> '$[1]' as position, (
        select d.operations -> ('$[' || ((w.value ->> '$[1]') - d.position) || ']') from delta_record as d
        where d.state_version_id = w.value ->> '$[0]' and d.position <= w.value ->> '$[1]'
        order by d.position desc limit 1) as operation
      from ${listOf(dialect, given.places, 'w')}`
    : sql`
      select w.value::jsonb ->> 0 as version_id, (w.value::jsonb ->> 1)::bigint as position, (
        select d.operations::json -> ((w.value::jsonb ->> 1)::int - d.position::int) from delta_record as d
        where d.state_version_id = w.value::jsonb ->> 0 and d.position <= (w.value::jsonb ->> 1)::bigint
        order by d.position desc limit 1)::text as operation
      from ${listOf(dialect, given.places, 'w')}`,
)

export const insertDelta = insertLargeInto('delta_record', [
  'delta_id',
  'state_version_id',
  'operations',
  'timestamp',
  'metadata',
  'position',
])

/** How many rows belong to no version. */
export const orphanDeltas = statement<object, { count: number }>(
  () => sql`select count(*) as count from delta_record as d
    where not exists (select 1 from state_version as v where v.version_id = d.state_version_id)`,
)

/** The deltas of versions in a range of sequences, ascending: `after` excluded, at most `limit` versions. */
export const deltasInOrder = statement<
  { after: number; to: number; limit: number },
  Pick<DeltaRecordTable, 'state_version_id' | 'operations' | 'metadata' | 'position'>
>(
  (_db, given) => sql`
  select d.state_version_id, d.operations, d.metadata, d.position
  from (select sequence, version_id from state_version
        where sequence > ${given.after} and sequence <= ${given.to} order by sequence limit ${given.limit}) as v
  cross join delta_record as d where d.state_version_id = v.version_id
  order by v.sequence, d.position`,
)
