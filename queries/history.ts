/**
 * Superseded states: the timeline of one id, and the writes behind every change.
 *
 * A row of `entity_history` is one state of one entity on one lane. It stood from `from_sequence`
 * (included) to `to_sequence` (excluded; null while it still stands); null metadata marks a
 * deletion. Rows of one entity on one lane never overlap.
 */
import { sql } from 'kysely'
import { type ElementName, elements, inOrder, type StateRow } from './standing.js'
import { family } from './statement.js'
import { versionArrayColumns } from './version.js'

/**
 * Every state of one id on one lane that began at or before a bound, in no order; on lane 1 the head
 * row too. After the columns of the element comes the sequence at which the state ended (null: it
 * stands), then those of the version that it began with: a row of its own would take as long again to make.
 */
export const timelineOfId = family<
  { element: ElementName; trunk: boolean },
  { laneId: number; id: string; bound: number },
  StateRow
>(
  ({ element, trunk }, _db, given, dialect) => {
    const { table, history, columns } = elements[element]
    const own = sql.join(columns.map((column) => sql.ref(`s.${column}`)))
    const version = versionArrayColumns(dialect)
    const past = sql<StateRow>`select ${own}, s.to_sequence, ${version}
      from ${sql.ref(history)} as s ${inOrder} state_version as v
      where s.lane_id = ${given.laneId} and s.id = ${given.id} and s.from_sequence <= ${given.bound}
        and v.sequence = s.from_sequence`
    const head = sql`select ${own}, null as to_sequence, ${version}
      from ${sql.ref(table)} as s ${inOrder} state_version as v
      where s.id = ${given.id} and s.from_sequence <= ${given.bound} and v.sequence = s.from_sequence`
    return trunk ? sql`${past} union all ${head}` : past
  },
  { asArrays: true },
)
