/**
 * What stands at a place: the fragments behind every read of the graph, at the head and in the past.
 *
 * A place is one of three shapes. `head` is `main`'s head: the tables `entity` and `relation` alone.
 * `trunk` is lane 1 up to `trunk`: the head row if it stands since then, else the history. `lineage`
 * adds the lanes nearer than lane 1, nearest first, each up to its bound: the first that has a row of
 * an id at or before its bound decides, before any filter; `trunk` is 0 where lane 1 is not among them.
 *
 * A set of history rows is asked for class by class: a row of span class k lived at least 8^k and
 * less than 8^(k+1) sequences, so those that stand at s began after s − 8^(k+1).
 *
 * Each shape has a second of what is valid at a moment alone, whichever version it is read from: `standing`,
 * `stateOf`, `pointReads` and `taggedWith` leave out the rest, so that no statement has to think of it.
 */
import { type RawBuilder, sql } from 'kysely'
import type { JsonObject } from '../src/model/json.js'
import { lanes } from './parameter.js'
import type { Dialect } from './statement.js'

/** Where states are read from. */
export type StateShape = 'head' | 'trunk' | 'lineage'
/** And whether all that stands there is seen, or what is valid at a moment alone. */
export type PlaceShape = StateShape | `${StateShape} valid`

/** What a statement at a place is given besides its own values. */
export interface PlaceGiven {
  /** The bound on lane 1; 0 where lane 1 is not in the lineage. */
  trunk: number
  /** The other lanes, nearest first, as `packedLanes` writes them. */
  lineage: string
  /** The moment of a shape that has one, in milliseconds. */
  validAt?: number | undefined
}

/** Where a place reads from, whatever is valid. */
export function stateShapeOf(place: PlaceShape): StateShape {
  return isValidShape(place) ? (place.slice(0, -' valid'.length) as StateShape) : place
}

function isValidShape(place: PlaceShape): place is Exclude<PlaceShape, StateShape> {
  return place.endsWith(' valid')
}

export type Fragment = RawBuilder<unknown>

/**
 * A state as an array of the columns of its element, in their order: cheaper to make than an object,
 * where reading one is most of the work. Its metadata is canonical text on SQLite; on PostgreSQL, whose
 * text is not canonical, it is parsed already.
 */
export type StateRow = readonly (string | number | null | JsonObject)[]

/** The two elements' tables, their history, and the columns that a state has. */
export const elements = {
  entity: {
    table: 'entity',
    history: 'entity_history',
    type: 'entity_type',
    columns: ['id', 'entity_type', 'created_at', 'updated_at', 'metadata', 'from_sequence', 'valid_from', 'valid_to'],
  },
  relation: {
    table: 'relation',
    history: 'relation_history',
    type: 'relation_type',
    columns: [
      'id',
      'from_entity',
      'to_entity',
      'relation_type',
      'created_at',
      'updated_at',
      'metadata',
      'from_sequence',
      'valid_from',
      'valid_to',
    ],
  },
} as const

export type ElementName = keyof typeof elements

/** How a set is reached: what is compared of the alias `s`, with the indexes for it, at the head and in the history. */
export interface Access {
  key: Fragment
  headIndex?: string
  historyIndex: string
}

/** The span classes of rows that ended, as rows of class, width of the window, and the shortest life of a row. */
export const classes = sql.raw(
  `(values ${Array.from({ length: 17 }, (_, k) => `(${k}, ${8 ** (k + 1)}, ${8 ** k})`).join(', ')}) as class`,
)

/** Leaves out the classes that no row can have yet: none has lived longer than the universe is old. */
export const classesInUse = sql`class.column3 <= coalesce((select max(sequence) from state_version), 0)`

function indexedBy(dialect: Dialect, index: string | undefined): Fragment {
  return sql.raw(dialect === 'sqlite' && index !== undefined ? ` indexed by ${index}` : '')
}

/** SQLite takes CROSS JOIN as an order: the left side outside. */
export const inOrder = sql.raw('cross join')

/** A set of standing states, as SELECTs of the same columns, no two of them with the same row. */
export interface Standing {
  /** The rows of the head table: the only part at the head. */
  head: Fragment
  /** The rows of the history, one part for lane 1 and one for the lanes nearer than it. */
  past: Fragment[]
}

/** The parts as one SELECT. */
export function union({ head, past }: Standing): Fragment {
  return past.length === 0 ? head : sql.join([head, ...past], sql` union all `)
}

/**
 * The states of one element that stand at a place, reached by a key: SELECTs of `columns` (in terms
 * of the alias `s`), restricted by `condition`, and the head's by `headCondition` too.
 */
export function standing(facts: StandingFacts & { place: PlaceShape }): Standing {
  if (!isValidShape(facts.place)) return standingAtAll({ ...facts, place: facts.place })
  const valid = validThen(facts, (name) => sql.ref(`s.${name}`))
  const condition = facts.condition === undefined ? valid : sql`${facts.condition} and ${valid}`
  return standingAtAll({ ...facts, place: stateShapeOf(facts.place), condition })
}

interface StandingFacts {
  dialect: Dialect
  element: ElementName
  given: PlaceGiven
  /** Undefined: all there is, in the history type by type. */
  access: Access | undefined
  columns: Fragment
  condition?: Fragment | undefined
  headCondition?: Fragment | undefined
  /** Rows that are joined outside of the states, for `access.key` and the conditions to speak of. */
  outer?: Fragment | undefined
}

function standingAtAll(facts: StandingFacts & { place: StateShape }): Standing {
  const { dialect, element, place, given, access, columns } = facts
  const outer = facts.outer === undefined ? sql`` : sql`${facts.outer} ${inOrder} `
  const { table, history, type } = elements[element]
  const condition = facts.condition ?? sql`true`
  const keyed = access === undefined ? sql`` : sql`${access.key} and `
  const head = sql`select ${columns} from ${outer}${sql.ref(table)} as s${indexedBy(dialect, access?.headIndex)}
    where ${keyed}${condition}${facts.headCondition === undefined ? sql`` : sql` and ${facts.headCondition}`}`
  if (place === 'head') return { head, past: [] }

  const past = sql`${sql.ref(history)} as s${indexedBy(dialect, access?.historyIndex ?? `${history}_type_idx`)}`
  const key = access === undefined ? sql`${sql.ref(`s.${type}`)} = lane.type and ` : keyed
  const laneOne = access === undefined ? sql`${byType(dialect, element, oneLane)} ${inOrder} ` : sql``
  const near = lanes(dialect, given, 'lane')
  const hidden = place === 'lineage' ? sql` and not ${written(facts, sql.ref('s.id'))}` : sql``
  const trunk = {
    head: sql`${head} and s.from_sequence <= ${given.trunk}${hidden}`,
    past: sql`
      select ${columns} from ${outer}${laneOne}${classes} ${inOrder} ${past}
      where ${classesInUse} and s.lane_id = 1 and s.span = class.column1
        and s.to_sequence > ${given.trunk} and s.to_sequence < ${given.trunk} + class.column2
        and s.from_sequence <= ${given.trunk} and ${key}${condition}${hidden}`,
  }
  if (place === 'trunk') return { head: trunk.head, past: [trunk.past] }

  const nearer = (ways: Fragment, then: Fragment) => sql`
    select ${columns} from ${outer}${access === undefined ? byType(dialect, element, near) : near} ${inOrder} ${ways} ${past}
    where s.lane_id = lane.lane_id and ${then} and s.from_sequence <= lane.bound and s.metadata is not null
      and ${key}${condition} and not ${written(facts, sql.ref('s.id'), sql`lane.position`)}`
  return {
    head: trunk.head,
    past: [trunk.past, nearer(sql`${classes} ${inOrder}`, endsLater), nearer(sql``, endsNever)],
  }
}

const oneLane = sql.raw('(select 0 as position, 1 as lane_id, 0 as bound) as lane')

/**
 * Lanes, each once for every type that its history ever had, as rows `(position, lane_id, bound, type)`.
 *
 * Cost: one probe for each type of each lane.
 */
function byType(dialect: Dialect, element: ElementName, lanes: Fragment): Fragment {
  const { history, type } = elements[element]
  const index = indexedBy(dialect, `${history}_type_idx`)
  const least = (after: Fragment) =>
    sql`(select min(${sql.ref(`own.${type}`)}) from ${sql.ref(history)} as own${index}
      where own.lane_id = lane.lane_id${after})`
  return sql`(with recursive typed(position, lane_id, bound, type) as (
      select lane.position, lane.lane_id, lane.bound, ${least(sql``)} from ${lanes}
      union all
      select lane.position, lane.lane_id, lane.bound, ${least(sql` and ${sql.ref(`own.${type}`)} > lane.type`)}
      from typed as lane where lane.type is not null)
    select * from typed where type is not null) as lane`
}

/** Rows of a lane that ended after its bound, and those that stand on it to this day. */
const endsLater = sql`${classesInUse} and s.span = class.column1
      and s.to_sequence > lane.bound and s.to_sequence < lane.bound + class.column2`
const endsNever = sql`s.span = -1 and s.to_sequence is null`

/** Whether a lane of the lineage (nearer than `before`) has written an id by then. */
export function written(
  facts: { dialect: Dialect; element: ElementName; given: PlaceGiven },
  id: Fragment,
  before?: Fragment,
): Fragment {
  return sql`exists (
    select 1 from ${lanes(facts.dialect, facts.given, 'near')} ${inOrder} ${sql.ref(elements[facts.element].history)} as own
    where own.lane_id = near.lane_id and own.id = ${id} and own.from_sequence <= near.bound
      ${before === undefined ? sql`` : sql`and near.position < ${before}`})`
}

/**
 * Joins the state that an element of a given id has at a place. `columns` yields its columns, each
 * under its own name with `prefix`; `alive` is the condition that it stands there.
 *
 * Cost: one probe where the head row answers, two where the past does, and one more for each nearer lane.
 */
export function stateOf(facts: StateFacts & { place: PlaceShape }): StateOf {
  const state = stateAtAll({ ...facts, place: stateShapeOf(facts.place) })
  if (!isValidShape(facts.place)) return state
  return { ...state, alive: sql`(${state.alive} and ${validThen(facts, state.column, facts.prefix)})` }
}

interface StateFacts {
  dialect: Dialect
  element: ElementName
  given: PlaceGiven
  id: Fragment
  prefix?: string
}

interface StateOf {
  join: Fragment
  columns: Fragment
  column: (name: string) => Fragment
  alive: Fragment
}

function stateAtAll(facts: StateFacts & { place: StateShape }): StateOf {
  const { dialect, place, given, id, prefix = '' } = facts
  const { table, history, columns } = elements[facts.element]
  const [near, head, past] = [`${prefix}near`, `${prefix}head`, `${prefix}past`]
  const all = (column: (name: string) => Fragment) =>
    sql.join(columns.map((name) => sql`${column(name)} as ${sql.ref(prefix + name)}`))

  if (place === 'head') {
    const column = (name: string) => sql.ref(`${head}.${name}`)
    return {
      join: sql`${inOrder} ${sql.ref(table)} as ${sql.ref(head)}`,
      columns: all(column),
      column,
      alive: sql`${column('id')} = ${id}`,
    }
  }

  const unless = place === 'lineage' ? sql`${sql.ref(`${near}.id`)} is null and ` : sql``
  const newest = { history, lane: sql`1`, id, bound: sql`${given.trunk}` }
  const trunk = sql`
    left join ${sql.ref(table)} as ${sql.ref(head)} on ${unless}${sql.ref(`${head}.id`)} = ${id}
      and ${sql.ref(`${head}.from_sequence`)} <= ${given.trunk}
    left join ${joined(dialect, history, past, sql`${unless}${sql.ref(`${head}.id`)} is null`, newestRow(dialect, newest))}`
  const onTrunk = sql`(${sql.ref(`${head}.id`)} is not null or ${sql.ref(`${past}.to_sequence`)} > ${given.trunk})`
  if (place === 'trunk') {
    const column = (name: string) => sql`coalesce(${sql.ref(`${head}.${name}`)}, ${sql.ref(`${past}.${name}`)})`
    return { join: trunk, columns: all(column), column, alive: onTrunk }
  }

  const column = (name: string) =>
    sql`coalesce(${sql.ref(`${near}.${name}`)}, ${sql.ref(`${head}.${name}`)}, ${sql.ref(`${past}.${name}`)})`
  return {
    join: sql`
      left join ${joined(dialect, history, near, undefined, decidingRow(dialect, history, id, given))} ${trunk}`,
    columns: all(column),
    column,
    alive: sql`(${sql.ref(`${near}.metadata`)} is not null or (${sql.ref(`${near}.id`)} is null and ${onTrunk}))`,
  }
}

/**
 * Whether a state is valid at the moment of the place: from `valid_from` (included) to `valid_to` (excluded),
 * null without bound; of a relation, whether both its ends are too.
 */
function validThen(
  facts: { dialect: Dialect; element: ElementName; place: PlaceShape; given: PlaceGiven },
  column: (name: string) => Fragment,
  prefix = '',
): Fragment {
  const { dialect, element, place, given } = facts
  const [from, to] = [column('valid_from'), column('valid_to')]
  const own = sql`(${from} is null or ${from} <= ${given.validAt}) and (${to} is null or ${to} > ${given.validAt})`
  if (element === 'entity') return own
  const valid = (name: 'from_entity' | 'to_entity') => {
    const id = sql.ref(`${prefix}${name}.id`)
    const end = stateOf({ dialect, element: 'entity', place, given, id, prefix: `${prefix}${name}_` })
    return sql`exists (select 1 from (select ${column(name)} as id) as ${sql.ref(`${prefix}${name}`)} ${end.join}
      where ${end.alive})`
  }
  return sql`${own} and ${valid('from_entity')} and ${valid('to_entity')}`
}

/**
 * A row of a history as the right side of a join, where a condition holds: SQLite looks it up by its
 * rowid, within one statement the shortest way to it; PostgreSQL has the row itself from a lateral select.
 */
export function joined(
  dialect: Dialect,
  history: string,
  alias: string,
  when: Fragment | undefined,
  row: Fragment,
): Fragment {
  if (dialect === 'sqlite') {
    const condition = when === undefined ? sql`` : sql`${when} and `
    return sql`${sql.ref(history)} as ${sql.ref(alias)} on ${condition}${sql.ref(`${alias}.rowid`)} = (${row})`
  }
  const rows = when === undefined ? row : sql`select * from (${row}) as own where ${when}`
  return sql`lateral (${rows}) as ${sql.ref(alias)} on true`
}

/** The newest row of an id on a lane by its bound: on SQLite its rowid. */
export function newestRow(
  dialect: Dialect,
  { history, lane, id, bound }: { history: string; lane: Fragment; id: Fragment; bound: Fragment },
): Fragment {
  const what = sql.raw(dialect === 'sqlite' ? 'own.rowid' : 'own.*')
  return sql`select ${what} from ${sql.ref(history)} as own
    where own.lane_id = ${lane} and own.id = ${id} and own.from_sequence <= ${bound}
    order by own.from_sequence desc limit 1`
}

/** The newest row by its bound on the nearest lane that has one: on SQLite its rowid. */
function decidingRow(dialect: Dialect, history: string, id: Fragment, given: PlaceGiven): Fragment {
  const near = lanes(dialect, given, 'lane')
  if (dialect === 'postgres') {
    const newest = { history, lane: sql.ref('lane.lane_id'), id, bound: sql.ref('lane.bound') }
    return sql`select chosen.* from ${near} cross join lateral (${newestRow(dialect, newest)}) as chosen
      order by lane.position limit 1`
  }
  // With min() alone SQLite takes the other columns from the row that has the minimum.
  return sql`select chosen.row from (
    select own.rowid as row, min(lane.position) from ${near} ${inOrder} ${sql.ref(history)} as own
    where own.lane_id = lane.lane_id and own.id = ${id} and own.from_sequence = (
      select max(older.from_sequence) from ${sql.ref(history)} as older
      where older.lane_id = lane.lane_id and older.id = ${id} and older.from_sequence <= lane.bound)) as chosen`
}
