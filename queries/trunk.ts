/**
 * The states of many ids on lane 1, each side of it by itself: for whoever knows on which most of them are.
 * A state is on one side alone. `stateOf` looks at both, the head rows first.
 */
import { sql } from 'kysely'
import { listOf } from './parameter.js'
import { type ElementName, elements, inOrder, joined, newestRow, type StateRow } from './standing.js'
import { family } from './statement.js'

interface Given {
  ids: readonly string[]
  trunk: number
}

/** Those that ended since, in no order. Cost: a probe for each id. */
export const statesEnded = family<{ element: ElementName }, Given, StateRow>(
  ({ element }, _db, given, dialect) => {
    const { history, columns } = elements[element]
    const newest = { history, lane: sql`1`, id: sql.ref('wanted.value'), bound: sql`${given.trunk}` }
    return sql<StateRow>`select ${sql.join(columns.map((name) => sql.ref(`past.${name}`)))}
      from ${listOf(dialect, given.ids, 'wanted')} join ${joined(dialect, history, 'past', undefined, newestRow(dialect, newest))}
      where past.to_sequence > ${given.trunk}`
  },
  { asArrays: true },
)

/** Those that stand to this day, in no order. Cost: a probe for each id. */
export const statesKept = family<{ element: ElementName }, Given, StateRow>(
  ({ element }, _db, given, dialect) => {
    const { table, columns } = elements[element]
    return sql<StateRow>`select ${sql.join(columns.map((name) => sql.ref(`head.${name}`)))}
      from ${listOf(dialect, given.ids, 'wanted')} ${inOrder} ${sql.ref(table)} as head
      where head.id = wanted.value and head.from_sequence <= ${given.trunk}`
  },
  { asArrays: true },
)
