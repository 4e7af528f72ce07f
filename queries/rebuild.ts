/** What laying all lanes anew does besides writing states: everything that it derives is dropped first. */
import { sql } from 'kysely'
import { update } from './rows.js'
import { family, statement } from './statement.js'
import type { StateVersionTable } from './tables.js'

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

export type VersionShape = Pick<StateVersionTable, 'version_id' | 'parent_version_id' | 'sequence' | 'lane_id'>

/** What of all versions lanes are chosen by, in their order: `after` excluded, at most `limit`. */
export const versionShapes = statement<{ after: number; limit: number }, VersionShape>(
  (_db, given) => sql`
    select version_id, parent_version_id, sequence, lane_id from state_version
    where sequence > ${given.after} order by sequence limit ${given.limit}`,
)

/** The head that a branch names, whether or not there is such a version. */
export const headNamed = statement((db, given: { name: string }) =>
  db.selectFrom('branch').select('head_version_id').where('name', '=', given.name),
)

export const layVersion = update('state_version', { set: ['lane_id', 'late'], where: ['version_id'] })

/** Has each branch stand on the lane of its head. */
export const layBranches = statement<object, unknown>(
  () => sql`
    update branch set lane_id = (select v.lane_id from state_version as v where v.version_id = branch.head_version_id)
    where head_version_id is not null`,
)
