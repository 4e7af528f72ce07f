/** One element's state, in one probe or two. */
import { type RawBuilder, sql } from 'kysely'
import {
  type ElementName,
  elements,
  type Fragment,
  inOrder,
  joined,
  newestRow,
  type PlaceGiven,
  type PlaceShape,
  type StateRow,
  stateOf,
} from './standing.js'
import { type Dialect, statement } from './statement.js'

/**
 * The statements that find one element's state: at the head, and at any other place. On the trunk the
 * one that looks at the head row first and the one that looks at the history first give the same state,
 * with the sequence at which it ended in the place of `from_sequence`: null where the head row has it.
 *
 * Cost: one probe where the side that is looked at first has it, two where the other does; elsewhere as
 * `stateOf`.
 */
export function pointReads(element: ElementName) {
  const { table, history, columns } = elements[element]
  const own = sql.join(columns.map((name) => sql.ref(name)))
  // No value needs `from_sequence`, and a column more would take time.
  const ended = (alias: string, toSequence: Fragment) =>
    sql.join(columns.map((name) => (name === 'from_sequence' ? toSequence : sql.ref(`${alias}.${name}`))))
  type Point = PlaceGiven & { id: string }
  const point = (build: (given: Point, dialect: Dialect) => Fragment) =>
    statement<Point, StateRow>((_db, given, dialect) => build(given, dialect) as RawBuilder<StateRow>, {
      asArrays: true,
    })
  const upTo = sql`select ${ended('head', sql`null as to_sequence`)}
    from wanted ${inOrder} ${sql.ref(table)} as head where head.id = wanted.id and head.from_sequence <= wanted.trunk`
  const past = (dialect: Dialect) => {
    const newest = { history, lane: sql`1`, id: sql.ref('wanted.id'), bound: sql.ref('wanted.trunk') }
    return sql`select ${ended('past', sql.ref('past.to_sequence'))}
      from wanted join ${joined(dialect, history, 'past', undefined, newestRow(dialect, newest))}
      where past.to_sequence > wanted.trunk`
  }
  // Under names, so that each is bound once for both sides: to bind an id takes as long as to read two columns.
  const onTrunk = (sides: (dialect: Dialect) => readonly [Fragment, Fragment]) =>
    point(({ id, trunk }, dialect) => {
      const typed = (type: string) => sql.raw(dialect === 'postgres' ? `::${type}` : '')
      const wanted = sql`select ${id}${typed('text')}, ${trunk}${typed('bigint')}`
      return sql`with wanted(id, trunk) as not materialized (${wanted}) ${sql.join(sides(dialect), sql` union all `)} limit 1`
    })
  const anywhere = (place: PlaceShape) =>
    point((given, dialect) => {
      const state = stateOf({ dialect, element, place, given, id: sql.ref('wanted.value') })
      return sql`select ${state.columns} from (select ${given.id} as value) as wanted ${state.join}
        where ${state.alive}`
    })
  return {
    head: point(({ id }) => sql`select ${own} from ${sql.ref(table)} where id = ${id}`),
    headFirst: onTrunk((dialect) => [upTo, past(dialect)]),
    pastFirst: onTrunk((dialect) => [past(dialect), upTo]),
    lineage: anywhere('lineage'),
    'head valid': anywhere('head valid'),
    'trunk valid': anywhere('trunk valid'),
    'lineage valid': anywhere('lineage valid'),
  }
}
