/** Branches and lanes. */
import { type Kysely, sql } from 'kysely'
import { listOf } from './parameter.js'
import { deleteFrom, insertInto, update } from './rows.js'
import { statement } from './statement.js'
import type { Tables } from './tables.js'

export interface HeadRow {
  name: string
  created_at: number
  version_id: string | null
  sequence: number | null
  lane_id: number | null
  timestamp: number | null
  data_hash: string | null
  version_hash: string | null
}

/** A branch with its head. */
export const branchByName = statement<{ name: string }, HeadRow>(
  (_db, given, dialect) => sql`
    select branch.name, branch.created_at, v.version_id, v.sequence, v.lane_id, v.timestamp, v.data_hash, v.version_hash
    from branch${
      // After an ANALYZE of few branches SQLite would scan what have become many.
      sql.raw(dialect === 'sqlite' ? ' indexed by sqlite_autoindex_branch_1' : '')
    } left join state_version as v on v.version_id = branch.head_version_id
    where branch.name = ${given.name}`,
)

/** Where the head of a branch stands: all that a read on it asks. Nulls for a branch without a version. */
export const branchStandpoint = statement<{ name: string }, [sequence: number | null, laneId: number | null]>(
  (_db, given, dialect) => sql`
    select v.sequence, v.lane_id from branch${sql.raw(dialect === 'sqlite' ? ' indexed by sqlite_autoindex_branch_1' : '')}
    left join state_version as v on v.version_id = branch.head_version_id where branch.name = ${given.name}`,
  { asArrays: true },
)

/** The branches of these names with their heads, in no order. */
export const branchesByNames = statement<{ names: readonly string[] }, HeadRow>(
  (_db, given, dialect) => sql`
    select b.name, b.created_at, v.version_id, v.sequence, v.lane_id, v.timestamp, v.data_hash, v.version_hash
    from ${listOf(dialect, given.names, 'wanted')} cross join branch as b${sql.raw(
      dialect === 'sqlite' ? ' indexed by sqlite_autoindex_branch_1' : '',
    )} left join state_version as v on v.version_id = b.head_version_id
    where b.name = wanted.value`,
)

/** All branches with their heads, by name. */
export const allBranches = statement<object, HeadRow>((db) => headRows(db).orderBy('branch.name'))

export const insertBranch = insertInto('branch', ['name', 'head_version_id', 'lane_id', 'created_at'])

export const moveBranch = update('branch', { set: ['head_version_id', 'lane_id'], where: ['name'] })

export const deleteBranch = deleteFrom('branch', ['name'])

/** The lanes from one to its root, nearest first, with the bound that each is read up to from the nearer one. */
export const laneChain = statement<
  { laneId: number },
  { lane_id: number; parent_lane_id: number | null; fork_sequence: number | null }
>(
  (_db, given) => sql`
  with recursive chain(lane_id, parent_lane_id, fork_sequence, depth) as (
    select lane_id, parent_lane_id, fork_sequence, depth from lane where lane_id = ${given.laneId}
    union all
    select l.lane_id, l.parent_lane_id, l.fork_sequence, l.depth
    from chain cross join lane as l where l.lane_id = chain.parent_lane_id and l.depth < chain.depth
  )
  select lane_id, parent_lane_id, fork_sequence from chain order by depth desc`,
)

/** The ends of these lanes: the last sequence, and the greatest timestamp of what came in the order of time. */
export const laneEnds = statement<
  { ids: readonly number[] },
  { lane_id: number; depth: number; last: number | null; latest: number | null }
>(
  (_db, given, dialect) => sql`
    select l.lane_id, l.depth,
      (select max(v.sequence) from state_version as v where v.lane_id = l.lane_id) as last,
      (select v.timestamp from state_version as v where v.lane_id = l.lane_id and v.late = 0
       order by v.timestamp desc limit 1) as latest
    from ${listOf(dialect, given.ids, 'wanted', 'bigint')} cross join lane as l where l.lane_id = wanted.value`,
)

export const nextLane = statement<object, { lane_id: number }>(
  () => sql`select coalesce(max(lane_id), 0) + 1 as lane_id from lane`,
)

export const laneById = statement((db, given: { laneId: number }) =>
  db.selectFrom('lane').selectAll().where('lane_id', '=', given.laneId),
)

export const allLanes = statement((db, _given: object) => db.selectFrom('lane').selectAll().orderBy('lane_id'))

export const insertLane = insertInto('lane', ['lane_id', 'parent_lane_id', 'fork_sequence', 'depth'])

function headRows(db: Kysely<Tables>) {
  return db
    .selectFrom('branch')
    .leftJoin('state_version', 'state_version.version_id', 'branch.head_version_id')
    .select([
      'branch.name',
      'branch.created_at',
      'state_version.version_id',
      'state_version.sequence',
      'state_version.lane_id',
      'state_version.timestamp',
      'state_version.data_hash',
      'state_version.version_hash',
    ])
}
