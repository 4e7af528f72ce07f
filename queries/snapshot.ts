/**
 * Snapshots: whole states in chunks, and the bytes of delta that decide when the next is due.
 *
 * The chunks of a snapshot have the positions 1, 2, 3 …; the row at position 0 is written last and
 * says how many they are. Without it there is no snapshot, whatever else is there.
 */
import { sql } from 'kysely'
import { insertLargeInto } from './rows.js'
import { type Dialect, statement } from './statement.js'

/** The newest snapshot of a lane at or before a sequence. Cost: one probe a version since then. */
export const snapshotBefore = statement<
  { laneId: number; bound: number },
  { version_id: string; sequence: number; format: number; data: Uint8Array }
>(
  (_db, given) => sql`
    select v.version_id, v.sequence, s.format, s.data
    from state_version as v cross join snapshot as s
    where v.lane_id = ${given.laneId} and v.sequence <= ${given.bound}
      and s.version_id = v.version_id and s.position = 0
    order by v.sequence desc limit 1`,
)

/** One row of a snapshot. */
export const snapshotRow = statement((db, given: { versionId: string; position: number }) =>
  db
    .selectFrom('snapshot')
    .select(['format', 'data'])
    .where('version_id', '=', given.versionId)
    .where('position', '=', given.position),
)

/** How many rows there are of a snapshot, and how many bytes are in them. */
export const snapshotSize = statement<{ versionId: string }, { count: number; bytes: number }>(
  (_db, given) => sql`
    select count(*) as count, coalesce(sum(octet_length(data)), 0) as bytes from snapshot
    where version_id = ${given.versionId}`,
)

export const insertSnapshot = insertLargeInto('snapshot', ['version_id', 'position', 'format', 'data'])

/** Removes what was left of snapshots that were not finished. */
export const dropUnfinished = statement<object, unknown>(
  () => sql`
    delete from snapshot where not exists (
      select 1 from snapshot as first where first.version_id = snapshot.version_id and first.position = 0)`,
)

/**
 * The bytes of delta of the versions after a sequence, lane by lane, each with its newest version and
 * whether it had versions before.
 */
export const deltaBytes = statement<
  { after: number },
  { lane_id: number; bytes: number; newest: number; is_older: number }
>(
  // Summed version by version: SQLite would put the deltas themselves, whole, where it groups by lane.
  (_db, given, dialect) => sql`
    select v.lane_id, max(v.sequence) as newest,
      cast(sum((select sum(octet_length(d.operations)) from delta_record as d
        where d.state_version_id = v.version_id)) as bigint) as bytes,
      (select count(*) from (select 1 from state_version as o
        where o.lane_id = v.lane_id and o.sequence <= ${given.after} limit 1) as older) as is_older
    from state_version as v${sequenceOrder(dialect)}
    where v.sequence > ${given.after}
    group by v.lane_id`,
)

/** The bytes of delta of a lane's versions after a sequence. */
export const deltaBytesOfLane = statement<{ laneId: number; after: number }, { bytes: number }>(
  (_db, given) => sql`
    select coalesce(sum(octet_length(d.operations)), 0) as bytes
    from state_version as v cross join delta_record as d
    where v.lane_id = ${given.laneId} and v.sequence > ${given.after} and d.state_version_id = v.version_id`,
)

/** To group them SQLite would rather walk all versions, lane by lane. */
function sequenceOrder(dialect: Dialect) {
  return sql.raw(dialect === 'sqlite' ? ' indexed by sqlite_autoindex_state_version_2' : '')
}
