/** Versions: by id, along first parents, by moment, and their parents and children. */
import { type RawBuilder, sql } from 'kysely'
import { listOf } from './parameter.js'
import { insertInto } from './rows.js'
import { type Dialect, statement } from './statement.js'
import type { StateVersionTable } from './tables.js'

export interface VersionRow extends StateVersionTable {
  /** The further parents of a merge, in order, as a JSON array; null where there are none. */
  further_parents: string | null
}

const names = [
  'version_id',
  'parent_version_id',
  'timestamp',
  'description',
  'data_hash',
  'owner',
  'version_hash',
  'sequence',
  'lane_id',
  'late',
  'operations_hash',
] as const

/** Stands between the parts of a `versionText`: no name has a control character. */
export const separator = '\u001f'

/** The columns of a version under an alias, its further parents among them. */
export function versionColumns(dialect: Dialect, alias = 'v'): RawBuilder<VersionRow> {
  const own = sql.join(names.map((name) => sql.ref(`${alias}.${name}`)))
  return sql`${own}, ${furtherParents(dialect, alias)} as further_parents`
}

function furtherParents(dialect: Dialect, alias: string): RawBuilder<unknown> {
  const parents = sql`from version_parent as p where p.version_id = ${sql.ref(`${alias}.version_id`)}`
  const further =
    dialect === 'sqlite'
      ? sql`(select json_group_array(x.id) from (select p.parent_version_id as id ${parents} order by p.position) as x having count(*) > 0)`
      : sql`(select json_agg(p.parent_version_id order by p.position)::text ${parents} having count(*) > 0)`
  // Few versions are merges: for the others one probe is all.
  return sql`case when exists (select 1 ${parents}) then ${further} end`
}

/** A version. Cost: one probe. */
export const versionById = statement<{ id: string }, VersionRow>(
  (_db, given, dialect) =>
    sql`select ${versionColumns(dialect)} from state_version as v where v.version_id = ${given.id}`,
)

/**
 * What a `Version` is made of besides its sequence, as one text, for where there are many: its two hashes, then
 * what is added, its id, first parent, further parents, timestamp and owner, and last the description, the
 * only part that may hold a separator. Null is ''.
 */
export function versionText(dialect: Dialect, added: readonly string[] = [], alias = 'v'): RawBuilder<string> {
  const own = (name: string) => sql.ref(`${alias}.${name}`)
  const textOf = (column: string) => sql`coalesce(cast(${sql.ref(column)} as text), '')`
  const parts = [
    ...added.map(textOf),
    own('version_id'),
    textOf(`${alias}.parent_version_id`),
    sql`coalesce(${furtherParents(dialect, alias)}, '')`,
    own('timestamp'),
    own('owner'),
    own('description'),
  ]
  return sql`${own('data_hash')} || ${own('version_hash')} || concat_ws(${sql.lit(separator)}, ${sql.join(parts)})`
}

/** The versions of these ids, in no order. */
export const versionsByIds = statement<{ ids: readonly string[] }, VersionRow>(
  (_db, given, dialect) => sql`
    select ${versionColumns(dialect)} from ${listOf(dialect, given.ids, 'wanted')}
    cross join state_version as v where v.version_id = wanted.value`,
)

/** The versions of these sequences, in no order: each as its `versionText`, after its sequence. */
export const versionsBySequences = statement<{ sequences: readonly number[] }, [sequence: number, text: string]>(
  (_db, given, dialect) => sql`
    select v.sequence, ${versionText(dialect)} from ${listOf(dialect, given.sequences, 'wanted', 'bigint')}
    cross join state_version as v where v.sequence = wanted.value`,
  { asArrays: true },
)

/** The version at a sequence of the universe. */
export const versionBySequence = statement<{ sequence: number }, VersionRow>(
  (_db, given, dialect) =>
    sql`select ${versionColumns(dialect)} from state_version as v where v.sequence = ${given.sequence}`,
)

/** Versions whose id begins with a prefix: at most `limit`, by id. */
export const versionsByPrefix = statement<{ prefix: string; end: string; limit: number }, { version_id: string }>(
  (db, given) =>
    db
      .selectFrom('state_version')
      .select('version_id')
      .where('version_id', '>=', given.prefix)
      .where('version_id', '<=', given.end)
      .orderBy('version_id')
      .limit(given.limit),
)

/** The version with the greatest sequence of the universe. */
export const latestVersion = statement<object, VersionRow>(
  (_db, _given, dialect) =>
    sql`select ${versionColumns(dialect)} from state_version as v order by v.sequence desc limit 1`,
)

/** The newest version of a lane. */
export const latestOfLane = statement<{ laneId: number }, VersionRow>(
  (_db, given, dialect) => sql`
    select ${versionColumns(dialect)} from state_version as v
    where v.lane_id = ${given.laneId} order by v.sequence desc limit 1`,
)

/**
 * A version and its first parents, newest first, at most `limit`. It ends before a parent whose sequence is not
 * smaller, as it would be in a damaged database alone: such a chain might have no end.
 */
export const versionHistory = statement<{ id: string; limit: number }, VersionRow>(
  (_db, given, dialect) => sql`
    with recursive chain(version_id, parent_version_id, sequence, depth) as (
      select version_id, parent_version_id, sequence, cast(1 as bigint) from state_version where version_id = ${given.id}
      union all
      select v.version_id, v.parent_version_id, v.sequence, chain.depth + 1
      from chain cross join state_version as v
      where v.version_id = chain.parent_version_id and v.sequence < chain.sequence and chain.depth < ${given.limit}
    )
    select ${versionColumns(dialect)} from chain cross join state_version as v
    where v.version_id = chain.version_id order by chain.depth`,
)

/** The versions whose parent, of any position, is this one: by sequence. */
export const childVersions = statement<{ id: string }, VersionRow>(
  (_db, given, dialect) => sql`
    select ${versionColumns(dialect)} from state_version as v
    where v.version_id in (
      select version_id from state_version where parent_version_id = ${given.id}
      union all select version_id from version_parent where parent_version_id = ${given.id})
    order by v.sequence`,
)

/** Versions of a range of sequences, ascending: `after` excluded, `to` included. */
export const versionsInOrder = statement<{ after: number; to: number; limit: number }, VersionRow>(
  (_db, given, dialect) => sql`
    select ${versionColumns(dialect)} from state_version as v
    where v.sequence > ${given.after} and v.sequence <= ${given.to} order by v.sequence limit ${given.limit}`,
)

/** Versions below a sequence, descending. */
export const versionsBefore = statement<{ before: number; limit: number }, VersionRow>(
  (_db, given, dialect) => sql`
    select ${versionColumns(dialect)} from state_version as v
    where v.sequence < ${given.before} order by v.sequence desc limit ${given.limit}`,
)

/** How versions below a sequence descend, descending: id, sequence, first parent, further parents as JSON. */
export const descentBefore = statement<
  { before: number; limit: number },
  [id: string, sequence: number, parent: string | null, further: string | null]
>(
  (_db, given, dialect) => sql`
    select v.version_id, v.sequence, v.parent_version_id, ${furtherParents(dialect, 'v')} from state_version as v
    where v.sequence < ${given.before} order by v.sequence desc limit ${given.limit}`,
  { asArrays: true },
)

/** The last version of a lane at or before a bound that came in the order of time. */
export const lastOrdinary = statement((db, given: { laneId: number; bound: number }) =>
  db
    .selectFrom('state_version')
    .select(['sequence', 'timestamp'])
    .where('lane_id', '=', given.laneId)
    .where('sequence', '<=', given.bound)
    .where('late', '=', 0)
    .orderBy('sequence', 'desc')
    .limit(1),
)

/** Among a lane's versions that came in the order of time, the last whose timestamp is not above `time`. */
export const ordinaryAt = statement((db, given: { laneId: number; time: number; bound: number }) =>
  db
    .selectFrom('state_version')
    .select(['sequence', 'timestamp'])
    .where('lane_id', '=', given.laneId)
    .where('late', '=', 0)
    .where('timestamp', '<=', given.time)
    .where('sequence', '<=', given.bound)
    .orderBy('timestamp', 'desc')
    .orderBy('sequence', 'desc')
    .limit(1),
)

/** Among a lane's late versions the greatest sequence, within the bound, whose timestamp is not above `time`. */
export const lateAt = statement<
  { laneId: number; time: number; bound: number; after: number },
  { sequence: number | null }
>(
  (_db, given, dialect) => sql`
    select max(sequence) as sequence
    from state_version${
      // For max() SQLite would walk the lane backwards, over all that came in order.
      sql.raw(dialect === 'sqlite' ? ' indexed by state_version_moment_idx' : '')
    }
    where lane_id = ${given.laneId} and late = 1 and timestamp <= ${given.time}
      and sequence <= ${given.bound} and sequence > ${given.after}`,
)

export const insertVersion = insertInto('state_version', names)

export const insertFurtherParent = insertInto('version_parent', ['version_id', 'parent_version_id', 'position'])

export const countVersions = statement((db, _given: object) =>
  db.selectFrom('state_version').select((eb) => eb.fn.countAll<number>().as('count')),
)
