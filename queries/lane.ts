/** What stands on a lane other than 1: the rows that the next write of an id closes. */
import { sql } from 'kysely'
import { listOf } from './parameter.js'
import { type ElementName, elements } from './standing.js'
import { family } from './statement.js'

/** Since when the standing row of each of these ids, deletion marks included, stands on a lane. */
export const standingOnLane = family<
  { element: ElementName },
  { laneId: number; ids: readonly string[] },
  { id: string; from_sequence: number }
>(
  ({ element }, _db, given, dialect) => sql`
    select s.id, s.from_sequence from ${listOf(dialect, given.ids, 'wanted')}
    cross join ${sql.ref(elements[element].history)} as s${
      // By the primary key: after an ANALYZE SQLite would rather walk the lane by type.
      sql.raw(dialect === 'sqlite' ? ` indexed by sqlite_autoindex_${elements[element].history}_1` : '')
    }
    where s.lane_id = ${given.laneId} and s.id = wanted.value and s.to_sequence is null`,
)

/** Since when tags stand: at the head, or on a lane. Each pair of tag and entity is given as JSON. */
export const tagsSince = family<
  { trunk: boolean },
  { laneId: number; pairs: readonly string[] },
  { tag: string; entity_id: string; from_sequence: number }
>(({ trunk }, _db, given, dialect) => {
  const part = (index: number) =>
    dialect === 'sqlite' ? sql`wanted.value ->> ${sql.lit(index)}` : sql`wanted.value::jsonb ->> ${sql.lit(index)}`
  const standingOnly = sql.raw(dialect === 'sqlite' ? ' indexed by entity_tag_history_standing_idx' : '')
  const where = trunk ? sql`` : sql`t.lane_id = ${given.laneId} and t.to_sequence is null and `
  return sql`
    select t.tag, t.entity_id, t.from_sequence from ${listOf(dialect, given.pairs, 'wanted')}
    cross join ${trunk ? sql`entity_tag as t` : sql`entity_tag_history as t${standingOnly}`}
    where ${where}t.tag = ${part(0)} and t.entity_id = ${part(1)}`
})
