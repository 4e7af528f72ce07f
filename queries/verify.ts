/** What `verify` reads besides deltas: rows of the projections by their keys, and how many there are. */
import { sql } from 'kysely'
import { listOf } from './parameter.js'
import { type ElementName, elements } from './standing.js'
import { type Dialect, family, statement } from './statement.js'
import type { DeltaRecordTable, EntityTagHistoryTable, EntityTagTable, EventLogTable } from './tables.js'
import { type VersionRow, versionColumns } from './version.js'

function part(dialect: Dialect, index: number, type: 'text' | 'number') {
  if (dialect === 'sqlite') return sql`wanted.value ->> ${sql.lit(index)}`
  const value = sql`wanted.value::jsonb ->> ${sql.lit(index)}`
  return type === 'text' ? value : sql`(${value})::bigint`
}

/** Rows of a history by lane, id and `from_sequence`; each key is given as JSON `[id, from]`. */
export const historyRows = family<
  { element: ElementName },
  { laneId: number; keys: readonly string[] },
  Record<string, string | number | null>
>(({ element }, _db, given, dialect) => {
  const { history, columns } = elements[element]
  const own = sql.join([...columns, 'lane_id', 'to_sequence', 'span'].map((column) => sql.ref(`h.${column}`)))
  return sql`select ${own} from ${listOf(dialect, given.keys, 'wanted')} cross join ${sql.ref(history)} as h
    where h.lane_id = ${given.laneId} and h.id = ${part(dialect, 0, 'text')}
      and h.from_sequence = ${part(dialect, 1, 'number')}`
})

/** Rows of the tags' history by lane and the rest of their key; each as JSON `[tag, id, from, span]`. */
export const tagHistoryRows = statement<{ laneId: number; keys: readonly string[] }, EntityTagHistoryTable>(
  (_db, given, dialect) => sql`
    select h.lane_id, h.tag, h.entity_id, h.from_sequence, h.to_sequence, h.span
    from ${listOf(dialect, given.keys, 'wanted')} cross join entity_tag_history as h
    where h.lane_id = ${given.laneId} and h.tag = ${part(dialect, 0, 'text')}
      and h.entity_id = ${part(dialect, 1, 'text')} and h.from_sequence = ${part(dialect, 2, 'number')}
      and h.span = ${part(dialect, 3, 'number')}`,
)

/** How many rows of a history a lane has. */
export const historyCount = family<{ of: ElementName | 'tag' }, { laneId: number }, { count: number }>(
  ({ of }, _db, given) => {
    const table = of === 'tag' ? 'entity_tag_history' : elements[of].history
    return sql`select count(*) as count from ${sql.ref(table)} where lane_id = ${given.laneId}`
  },
)

/** The rows of a head table after an id, by id. */
export const headRows = family<
  { element: ElementName },
  { after: string; limit: number },
  Record<string, string | number | null>
>(({ element }, _db, given) => {
  const { table, columns } = elements[element]
  return sql`select ${sql.join(columns.map((column) => sql.ref(column)))} from ${sql.ref(table)}
    where id > ${given.after} order by id limit ${given.limit}`
})

/** All tags of the head. */
export const headTags = statement<object, EntityTagTable>(
  () => sql`select entity_id, tag, from_sequence from entity_tag`,
)

/** The versions of a lane in a range of sequences, ascending: `after` excluded. */
export const versionsOfLane = statement<{ laneId: number; after: number; to: number; limit: number }, VersionRow>(
  (_db, given, dialect) => sql`
    select ${versionColumns(dialect)}
    from state_version as v
    where v.lane_id = ${given.laneId} and v.sequence > ${given.after} and v.sequence <= ${given.to}
    order by v.sequence limit ${given.limit}`,
)

/** The first version of each lane, and where the state that it begins with stands: its first parent. */
export const laneStarts = statement<
  object,
  {
    lane_id: number
    sequence: number
    parent_version_id: string | null
    parent_lane_id: number | null
    parent_sequence: number | null
  }
>(
  () => sql`
    select v.lane_id, v.sequence, v.parent_version_id, p.lane_id as parent_lane_id, p.sequence as parent_sequence
    from (select lane_id, min(sequence) as sequence from state_version group by lane_id) as start
    cross join state_version as v left join state_version as p on p.version_id = v.parent_version_id
    where v.sequence = start.sequence order by v.sequence`,
)

/** The branches, each with where it says that it stands and where the version stands that it names. */
export const branchRows = statement<
  object,
  {
    name: string
    head_version_id: string | null
    lane_id: number | null
    version_id: string | null
    version_lane_id: number | null
  }
>(
  () => sql`
    select b.name, b.head_version_id, b.lane_id, v.version_id, v.lane_id as version_lane_id
    from branch as b left join state_version as v on v.version_id = b.head_version_id order by b.name`,
)

/** Of these versions those that have a snapshot. */
export const versionsWithSnapshot = statement<{ ids: readonly string[] }, { version_id: string }>(
  (_db, given, dialect) => sql`
    select s.version_id from ${listOf(dialect, given.ids, 'wanted')} cross join snapshot as s
    where s.version_id = wanted.value and s.position = 0`,
)

/** What the versions were given as metadata, in no order. */
export const metadataOfVersions = statement<
  { ids: readonly string[] },
  { version_id: string; metadata: string | null }
>(
  (_db, given, dialect) => sql`
    select d.state_version_id as version_id, d.metadata
    from ${listOf(dialect, given.ids, 'wanted')} cross join delta_record as d
    where d.state_version_id = wanted.value and d.position = 0`,
)

/** All columns of the rows of some versions' deltas, in order. */
export const deltaRows = statement<{ ids: readonly string[] }, DeltaRecordTable>(
  (_db, given, dialect) => sql`
    select d.delta_id, d.state_version_id, d.operations, d.timestamp, d.metadata, d.position
    from ${listOf(dialect, given.ids, 'wanted')} cross join delta_record as d
    where d.state_version_id = wanted.value order by wanted.key, d.position`,
)

/** Events after a `seq`, ascending. */
export const eventRows = statement<{ after: number; limit: number }, EventLogTable>(
  (_db, given) => sql`select * from event_log where seq > ${given.after} order by seq limit ${given.limit}`,
)
