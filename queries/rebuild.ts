/** What laying all lanes anew does besides writing states: everything that it derives is dropped first. */
import { sql } from 'kysely'
import { update } from './rows.js'
import { family, statement } from './statement.js'

/** What is derived from the deltas, each table before those that it refers to. */
export const projections = [
  'entity_tag',
  'entity_tag_history',
  'relation_history',
  'entity_history',
  'relation',
  'entity',
  'snapshot',
  'lane',
] as const

export const clearProjection = family<{ table: (typeof projections)[number] }, object, unknown>(
  ({ table }) => sql`delete from ${sql.ref(table)}`,
)

/** What of all versions lanes are chosen by, in their order: `after` excluded, at most `limit`. */
export const versionShapes = statement<
  { after: number; limit: number },
  { version_id: string; parent_version_id: string | null; sequence: number }
>(
  (_db, given) => sql`
    select version_id, parent_version_id, sequence from state_version
    where sequence > ${given.after} order by sequence limit ${given.limit}`,
)

export const layVersion = update('state_version', { set: ['lane_id', 'late'], where: ['version_id'] })

/** Has each branch stand on the lane of its head. */
export const layBranches = statement<object, unknown>(
  () => sql`
    update branch set lane_id = (select v.lane_id from state_version as v where v.version_id = branch.head_version_id)
    where head_version_id is not null`,
)
