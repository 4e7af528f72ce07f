/**
 * Superseded states: the timeline of one id, and the writes behind every change.
 *
 * A row of `entity_history` is one state of one entity on one lane. It stood from `from_sequence`
 * (included) to `to_sequence` (excluded; null while it still stands); null metadata marks a
 * deletion. Rows of one entity on one lane never overlap.
 */
import { sql } from 'kysely'
import { type ElementName, elements } from './standing.js'
import { family } from './statement.js'
import type { EntityHistoryTable, RelationHistoryTable } from './tables.js'

export type TimelineRow = EntityHistoryTable & RelationHistoryTable

/** Every state of one id on one lane that began at or before a bound, oldest first; on lane 1 the head row too. */
export const timelineOfId = family<
  { element: ElementName; trunk: boolean },
  { laneId: number; id: string; bound: number },
  TimelineRow
>(({ element, trunk }, _db, given) => {
  const { table, history, columns } = elements[element]
  const own = sql.join(columns.map((column) => sql.ref(column)))
  const past = sql`select lane_id, to_sequence, span, ${own} from ${sql.ref(history)}
    where lane_id = ${given.laneId} and id = ${given.id} and from_sequence <= ${given.bound}`
  const head = sql`select 1 as lane_id, null as to_sequence, -1 as span, ${own} from ${sql.ref(table)}
    where id = ${given.id} and from_sequence <= ${given.bound}`
  return sql`select * from (${trunk ? sql`${past} union all ${head}` : past}) as states order by from_sequence`
})
