/** Branches and lanes. */
import { type RawBuilder, sql } from 'kysely'
import { listOf } from './parameter.js'
import { deleteFrom, insertInto, update } from './rows.js'
import { type Dialect, statement } from './statement.js'

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

/** What makes a `HeadRow`. */
const head = sql.raw(
  'b.name, b.created_at, v.version_id, v.sequence, v.lane_id, v.timestamp, v.data_hash, v.version_hash',
)
const withHead = sql.raw('left join state_version as v on v.version_id = b.head_version_id')

/** Branches to be looked up by name. After an ANALYZE of few branches SQLite would scan what have become many. */
function byName(dialect: Dialect): RawBuilder<unknown> {
  return sql.raw(`branch as b${dialect === 'sqlite' ? ' indexed by sqlite_autoindex_branch_1' : ''}`)
}

/** A branch with its head. */
export const branchByName = statement<{ name: string }, HeadRow>(
  (_db, given, dialect) => sql`select ${head} from ${byName(dialect)} ${withHead} where b.name = ${given.name}`,
)

/** Where the head of a branch stands: all that a read on it asks. Nulls for a branch without a version. */
export const branchStandpoint = statement<{ name: string }, [sequence: number | null, laneId: number | null]>(
  (_db, given, dialect) =>
    sql`select v.sequence, v.lane_id from ${byName(dialect)} ${withHead} where b.name = ${given.name}`,
  { asArrays: true },
)

/** The branches of these names with their heads, in no order. */
export const branchesByNames = statement<{ names: readonly string[] }, HeadRow>(
  (_db, given, dialect) => sql`
    select ${head} from ${listOf(dialect, given.names, 'wanted')} cross join ${byName(dialect)} ${withHead}
    where b.name = wanted.value`,
)

/** All branches with their heads, by name. */
export const allBranches = statement<object, HeadRow>(
  () => sql`select ${head} from branch as b ${withHead} order by b.name`,
)

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
