/** Many values given as one parameter: a list, and the lanes of a lineage. */
import { type RawBuilder, sql } from 'kysely'
import type { Dialect } from './statement.js'

type Fragment = RawBuilder<unknown>

/** The rows of a list given as one parameter: `key` counts from 0, `value` is the element. */
export function listOf(dialect: Dialect, list: unknown, alias: string, type: 'text' | 'bigint' = 'text'): Fragment {
  return dialect === 'sqlite'
    ? sql`json_each(${list}) as ${sql.ref(alias)}`
    : sql`(select value, key - 1 as key from unnest(${list}::${sql.raw(type)}[]) with ordinality as list(value, key)) as ${sql.ref(alias)}`
}

/** Whether a text is in a list given as one parameter. */
export function isIn(dialect: Dialect, column: Fragment, list: unknown): Fragment {
  return dialect === 'sqlite'
    ? sql`${column} in (select value from ${listOf(dialect, list, 'listed')})`
    : sql`${column} = any(${list}::text[])`
}

/** How many bits of a packed lane its bound has. */
const boundBits = 32

/**
 * Lanes with their bounds as a JSON list of whole numbers, the bound in the lower bits: pairs would be
 * parsed one by one, which takes as long as to look a lane up.
 */
export function packedLanes(lanes: readonly { laneId: number; bound: number }[]): string {
  const packed = lanes.map(({ laneId, bound }) => (BigInt(laneId) << BigInt(boundBits)) | BigInt(bound))
  return `[${packed.join(',')}]`
}

/** The lanes of a lineage other than lane 1, as rows `(position, lane_id, bound)`. */
export function lanes(dialect: Dialect, given: { lineage: string }, alias: string): Fragment {
  const unpacked = (value: string) =>
    sql.raw(`${value} >> ${boundBits} as lane_id, ${value} & ${2 ** boundBits - 1} as bound`)
  return dialect === 'sqlite'
    ? sql`(select key as position, ${unpacked('value')} from json_each(${given.lineage})) as ${sql.ref(alias)}`
    : sql`(select ordinality as position, ${unpacked('value::bigint')} from jsonb_array_elements(${given.lineage}::jsonb) with ordinality) as ${sql.ref(alias)}`
}
