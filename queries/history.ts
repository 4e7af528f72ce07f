/**
 * Superseded states: the timeline of one id, and the writes behind every change.
 *
 * A row of `entity_history` is one state of one entity on one lane. It stood from `from_sequence`
 * (included) to `to_sequence` (excluded; null while it still stands); null metadata marks a
 * deletion. Rows of one entity on one lane never overlap.
 */
import { sql } from 'kysely'
import { type ElementName, elements, type StateRow } from './standing.js'
import { family } from './statement.js'

/**
 * Every state of one id on one lane that began at or before a bound, in no order; on lane 1 the head
 * row too. After the columns of the element comes the sequence at which the state ended (null: it
 * stands).
 */
export const timelineOfId = family<
  { element: ElementName; trunk: boolean },
  { laneId: number; id: string; bound: number },
  StateRow
>(
  ({ element, trunk }, _db, given) => {
    const { table, history, columns } = elements[element]
    const own = sql.join(columns.map((column) => sql.ref(column)))
    const past = sql<StateRow>`select ${own}, to_sequence from ${sql.ref(history)}
      where lane_id = ${given.laneId} and id = ${given.id} and from_sequence <= ${given.bound}`
    const head = sql`select ${own}, null as to_sequence from ${sql.ref(table)}
      where id = ${given.id} and from_sequence <= ${given.bound}`
    return trunk ? sql`${past} union all ${head}` : past
  },
  { asArrays: true },
)
