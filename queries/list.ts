/**
 * Lists of entities and relations: filtered, ordered, by page, at any place.
 *
 * At the head one statement returns the states. In the past a page is two steps: the keys of the
 * page, from the indexes, then the states of these ids. What the filter names best is the way in:
 * tag, ids, an end, a type; the rest is compared.
 */
import { sql } from 'kysely'
import { type Condition, type FilterGiven, type FilterShape, holdsOf } from './condition.js'
import { listOf } from './parameter.js'
import { allOf, ends } from './relation.js'
import {
  type Access,
  type ElementName,
  elements,
  type Fragment,
  type PlaceGiven,
  type PlaceShape,
  type StateRow,
  standing,
  stateOf,
  stateShapeOf,
  union,
} from './standing.js'
import { type Dialect, family } from './statement.js'
import { taggedWith } from './tag.js'

export type SortColumn = 'id' | 'created_at' | 'updated_at'

export interface ListShape extends FilterShape {
  element: ElementName
  place: PlaceShape
  sort: SortColumn
  descending: boolean
  /** Whether the page starts after a key. */
  after: boolean
}

export interface ListGiven extends PlaceGiven, FilterGiven {
  /** The key that the page starts after: the sort column's value, and the id. */
  afterSort: number
  afterId: string
  limit: number
  offset: number
}

export interface KeyRow {
  id: string
  sort: number | string
}

/** A page of states, in order. Made for the head; in the past it sorts all of what it is to cut. */
export const stateList = family<ListShape, ListGiven, StateRow>(
  (shape, _db, given, dialect) => {
    const columns = sql.join(elements[shape.element].columns.map((column) => sql.ref(`s.${column}`)))
    return sql`select * from (${members(shape, given, dialect, columns)}) as found
    order by ${order(shape, sql.ref(`found.${shape.sort}`), sql.ref('found.id'))}
    limit ${given.limit} offset ${given.offset}`
  },
  { asArrays: true },
)

/** A page of keys at a place in the past, in order. */
export const keyList = family<ListShape, ListGiven, KeyRow>((shape, _db, given, dialect) => {
  const columns = sql`s.id, ${sql.ref(`s.${shape.sort}`)} as sort`
  const byId = shape.sort === 'id' && stateShapeOf(shape.place) !== 'head' && wayIn(shape) === 'index'
  const found = byId ? nearestKeys(shape, given, dialect, columns) : members(shape, given, dialect, columns)
  return sql`select found.id, found.sort from (${found}) as found
    order by ${order(shape, sql.ref('found.sort'), sql.ref('found.id'))}
    limit ${given.limit} offset ${given.offset}`
})

/** How many elements a filter keeps at a place. */
export const countList = family<ListShape, ListGiven, { count: number }>(
  (shape, _db, given, dialect) =>
    sql`select count(*) as count from (${members({ ...shape, after: false }, given, dialect, sql`s.id`)}) as found`,
)

/** The types of what a filter keeps at a place, by name, and how many there are of each. */
export const typeList = family<ListShape, ListGiven, { type: string; count: number }>((shape, _db, given, dialect) => {
  const type = sql`${sql.ref(`s.${shape.element}_type`)} as type`
  return sql`select found.type, count(*) as count from (${members({ ...shape, after: false }, given, dialect, type)}) as found
    group by found.type order by found.type`
})

/**
 * About how many bytes the states of a place are, as a snapshot writes them before it compresses them.
 * Cost: a look at every one of them.
 */
export const stateBytes = family<Pick<ListShape, 'element' | 'place'>, PlaceGiven, { bytes: number }>(
  ({ element, place }, _db, given, dialect) => {
    const shape: ListShape = { element, place, conditions: [], sort: 'id', descending: false, after: false }
    const names = elements[element].columns.filter((name) => !plainColumns.has(name))
    const columns = sql.join(names.map((name) => sql.ref(`s.${name}`)))
    const own = sql.join(
      names.map((name) => octets(dialect, sql.ref(`found.${name}`))),
      sql` + `,
    )
    return sql`select coalesce(sum(${own} + ${sql.lit(plainBytes)}), 0) as bytes
      from (${members(shape, given as ListGiven, dialect, columns)}) as found`
  },
)

/** Numbers, and about how long all of them and what stands between them are as text. */
const plainColumns: ReadonlySet<string> = new Set([
  'created_at',
  'updated_at',
  'from_sequence',
  'valid_from',
  'valid_to',
])
const plainBytes = 60

function octets(dialect: Dialect, column: Fragment): Fragment {
  return sql`octet_length(${dialect === 'sqlite' ? column : sql`${column}::text`})`
}

function order(shape: ListShape, sort: Fragment, id: Fragment): Fragment {
  const direction = sql.raw(shape.descending ? ' desc' : '')
  return shape.sort === 'id' ? sql`${id}${direction}` : sql`${sort}${direction}, ${id}${direction}`
}

type WayIn = 'tag' | 'ids' | 'touching' | 'index'

function wayIn(shape: ListShape): WayIn {
  if (shape.conditions.includes('tag')) return 'tag'
  if (shape.conditions.includes('ids')) return 'ids'
  const byEnd = shape.conditions.includes('from') || shape.conditions.includes('to')
  return shape.conditions.includes('touching') && !byEnd ? 'touching' : 'index'
}

/** The elements that the filter keeps, as a SELECT of `columns` in terms of the alias `s`. */
function members(shape: ListShape, given: ListGiven, dialect: Dialect, columns: Fragment): Fragment {
  const way = wayIn(shape)
  if (way === 'touching') return touching(shape, given, dialect, columns)
  if (way === 'index') return union(standing(byIndex(shape, given, dialect, columns)))

  const { element, place } = shape
  const rest = shape.conditions.filter((condition) => condition !== way)
  const wanted =
    way === 'tag'
      ? sql`(${taggedWith({ dialect, place, given, tag: sql`${given.tag}` })}) as wanted`
      : sql`(select distinct value as id from ${listOf(dialect, given.ids, 'listed')}) as wanted`
  // The keys of a tag alone need no look at the entities: who bears a tag stands.
  if (
    way === 'tag' &&
    stateShapeOf(place) !== 'head' &&
    rest.length === 0 &&
    shape.metadata === undefined &&
    shape.sort === 'id'
  ) {
    const bare = sql`select s.id, s.id as sort from (select * from ${wanted}) as s`
    return shape.after ? sql`${bare} where ${afterKey(shape, given)}` : bare
  }
  const state = stateOf({ dialect, element, place, given, id: sql.ref('wanted.id') })
  const alive = sql`select ${state.columns} from ${wanted} ${state.join} where ${state.alive}`
  const conditions = restOf(shape, way, given, dialect)
  const all = sql`select ${columns} from (${alive}) as s`
  return conditions === undefined ? all : sql`${all} where ${conditions}`
}

/** The same placeholders, with what `touching` is given standing for an end. */
function placed(given: ListGiven, end: 'from' | 'to'): ListGiven {
  return new Proxy(given, { get: (target, name) => target[(name === end ? 'touching' : name) as keyof ListGiven] })
}

/** The relations that start here, and those that only end here. */
function touching(shape: ListShape, given: ListGiven, dialect: Dialect, columns: Fragment): Fragment {
  const conditions = shape.conditions.filter((condition) => condition !== 'touching')
  const out = byIndex({ ...shape, conditions: ['from', ...conditions] }, placed(given, 'from'), dialect, columns)
  const into = byIndex({ ...shape, conditions: ['to', ...conditions] }, placed(given, 'to'), dialect, columns)
  const noLoop = sql`s.from_entity <> ${given.touching}`
  const condition = into.condition === undefined ? noLoop : sql`${into.condition} and ${noLoop}`
  return sql`${union(standing(out))} union all ${union(standing({ ...into, condition }))}`
}

/**
 * The keys by id of a place in the past. The history part is sorted and cut first; the head part
 * is then walked in index order no further than its last key, so that a page of an old version does
 * not look at every row that was written since.
 */
function nearestKeys(shape: ListShape, given: ListGiven, dialect: Dialect, columns: Fragment): Fragment {
  const direction = sql.raw(shape.descending ? ' desc' : '')
  const edge = sql`(select case when count(*) >= cast(${given.limit} as bigint) + cast(${given.offset} as bigint) then ${sql.raw(shape.descending ? 'min' : 'max')}(id) end from past)`
  const within = shape.descending
    ? sql`s.id >= coalesce(${edge}, '')`
    : sql`s.id <= coalesce(${edge}, ${'\u{10FFFF}'.repeat(128)})`
  const { head, past } = standing({ ...byIndex(shape, given, dialect, columns), headCondition: within })
  const page = (parts: Fragment) =>
    sql`select * from (${parts}) as part order by id${direction} limit ${given.limit} + ${given.offset}`
  return sql`with past as materialized (${page(sql.join(past, sql` union all `))})
    select * from past union all select * from (${page(head)}) as heads`
}

function byIndex(shape: ListShape, given: ListGiven, dialect: Dialect, columns: Fragment) {
  const { element, place } = shape
  const { access, used } = accessOf(shape, given)
  const condition = restOf(shape, used, given, dialect)
  return { dialect, element, place, given, access, columns, condition }
}

function accessOf(shape: ListShape, given: ListGiven): { access: Access | undefined; used?: Condition } {
  const has = (condition: Condition) => shape.conditions.includes(condition)
  if (shape.element === 'entity') {
    if (has('type')) {
      const keys = { headIndex: 'entity_type_idx', historyIndex: 'entity_history_type_idx' }
      return { access: { key: sql`s.entity_type = ${given.type}`, ...keys }, used: 'type' }
    }
    return { access: undefined }
  }
  if (has('from')) {
    return { access: { key: sql`s.from_entity = ${given.from}`, ...ends.from_entity }, used: 'from' }
  }
  if (has('to')) return { access: { key: sql`s.to_entity = ${given.to}`, ...ends.to_entity }, used: 'to' }
  if (has('type')) {
    const keys = { headIndex: 'relation_type_idx', historyIndex: 'relation_history_type_idx' }
    return { access: { key: sql`s.relation_type = ${given.type}`, ...keys }, used: 'type' }
  }
  return { access: undefined }
}

/** What the way in leaves to compare, in terms of the alias `s`. */
function restOf(shape: ListShape, used: Condition | undefined, given: ListGiven, dialect: Dialect) {
  const { element, metadata } = shape
  const conditions = shape.conditions.filter((name) => name !== used)
  const column = (name: string) => sql.ref(`s.${name}`)
  return allOf([
    ...(shape.after ? [afterKey(shape, given)] : []),
    ...holdsOf({ dialect, element, shape: { conditions, metadata }, given, column }),
  ])
}

function afterKey(shape: ListShape, given: ListGiven): Fragment {
  const beyond = sql.raw(shape.descending ? '<' : '>')
  return shape.sort === 'id'
    ? sql`s.id ${beyond} ${given.afterId}`
    : sql`(${sql.ref(`s.${shape.sort}`)}, s.id) ${beyond} (${given.afterSort}, ${given.afterId})`
}
