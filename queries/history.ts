/**
 * Superseded states: the timeline of one id, and the writes behind every change.
 *
 * A row of `entity_history` is one state of one entity on one lane. It stood from `from_sequence`
 * (included) to `to_sequence` (excluded; null while it still stands); null metadata marks a
 * deletion. Rows of one entity on one lane never overlap.
 */
import { sql } from 'kysely'
import type { JsonObject } from '../src/model/json.js'
import { type ElementName, elements, inOrder } from './standing.js'
import { family } from './statement.js'
import { versionText } from './version.js'

export type TimelineRow = [
  text: string,
  created_at: number,
  updated_at: number,
  metadata: string | JsonObject | null,
  from_sequence: number,
  to_sequence: number | null,
]

/** What is added to the text of a row: what a state has besides the row's columns and its id, which is known. */
const added = {
  entity: ['s.entity_type', 's.valid_from', 's.valid_to'],
  relation: ['s.from_entity', 's.to_entity', 's.relation_type', 's.valid_from', 's.valid_to'],
} as const

/**
 * Every state of one id on one lane that began at or before a bound, in no order; on lane 1 the head
 * row too. In the text is what `added` names and the version that the state began with. The sequence at
 * which it ended is null where it stands.
 *
 * A text and what is a number for itself: most of the work is to make values of the columns.
 */
export const timelineOfId = family<
  { element: ElementName; trunk: boolean },
  { laneId: number; id: string; bound: number },
  TimelineRow
>(
  ({ element, trunk }, _db, given, dialect) => {
    const { table, history } = elements[element]
    const own = sql`${versionText(dialect, added[element])}, s.created_at, s.updated_at, s.metadata, s.from_sequence`
    const past = sql<TimelineRow>`select ${own}, s.to_sequence
      from ${sql.ref(history)} as s ${inOrder} state_version as v
      where s.lane_id = ${given.laneId} and s.id = ${given.id} and s.from_sequence <= ${given.bound}
        and v.sequence = s.from_sequence`
    const head = sql`select ${own}, null as to_sequence
      from ${sql.ref(table)} as s ${inOrder} state_version as v
      where s.id = ${given.id} and s.from_sequence <= ${given.bound} and v.sequence = s.from_sequence`
    return trunk ? sql`${past} union all ${head}` : past
  },
  { asArrays: true },
)
