/**
 * Traversals: any number of steps in one statement, at any place.
 *
 * `walk` holds what each step reaches, as rows `(step, id)`, each once: the entities that step 0 starts
 * at, then those of step 1, and so on. Steps that are alike (the same direction and types) share a
 * term, which says by itself at which steps it applies, so that a statement does not grow with them.
 *
 * PostgreSQL lets a recursive term name `walk` once: there the terms are one select, lateral to it.
 */
import { type RawBuilder, sql } from 'kysely'
import { inTime } from './clock.js'
import { type FilterGiven, type FilterShape, holdsOf } from './condition.js'
import { type HopDirection, type HopFacts, hop, type TypesMode } from './hop.js'
import { listOf } from './parameter.js'
import { type Fragment, inOrder, type PlaceGiven, type PlaceShape, type StateRow, stateOf } from './standing.js'
import { type Dialect, family } from './statement.js'

/** Steps that are alike: a hop along relations, or a filter of the entities that are reached. */
export type StepKind = ({ hop: HopDirection; relationTypes: TypesMode } | { where: FilterShape }) & {
  /** Whether more than one step is of this kind. */
  often: boolean
}

export interface TraversalShape {
  place: PlaceShape
  timed: boolean
  /** Whether it starts at several entities. */
  several: boolean
  kinds: readonly StepKind[]
}

/**
 * Besides these: of each kind, by its position k, what its conditions compare with (`type_k`, `tag_k` …)
 * and where it applies: `step_k`, or `steps_k`, a text with a 1 at the place of each such step.
 */
export interface TraversalGiven extends PlaceGiven {
  start: string
  starts: readonly string[]
  /** How many steps there are. */
  last: number
  /** Only ids after this one. */
  after: string
  /** At most so many rows; −1: all. */
  limit: number
}

/** The entities of the last step; by id where SQLite is asked, the caller makes sure. */
export const traversedEntities = family<TraversalShape, TraversalGiven, StateRow>(
  (shape, _db, given, dialect) => {
    const { place } = shape
    const state = stateOf({ dialect, element: 'entity', place, given, id: sql.ref('wanted.id') })
    return sql<StateRow>`with recursive ${walkOf(shape, given, dialect)}
      select ${state.columns} from (${lastOf(given)}) as wanted ${state.join} where ${state.alive}`
  },
  { asArrays: true },
)

/** The ids of the entities of the last step, after a key, by id. */
export const traversedIds = family<TraversalShape, TraversalGiven, { id: string }>(
  (shape, _db, given, dialect) => sql`with recursive ${walkOf(shape, given, dialect)} ${lastOf(given)}`,
)

/** How many entities the last step has. */
export const traversedCount = family<TraversalShape, TraversalGiven, { count: number }>(
  (shape, _db, given, dialect) => sql`with recursive ${walkOf(shape, given, dialect)}
    select count(*) as count from walk where walk.step = ${given.last}`,
)

/** A row of `traversedPaths`: how deep it stands, the relation that leads there ('' where none does), the entity. */
export type PathRow = readonly [step: number, relation: string, id: string]

/**
 * The paths, one after the other as a walk through a tree passes over them: a row at step k goes on
 * from the last row before it at step k − 1. By the id of the start, then by that of each relation in turn.
 *
 * No path is begun that cannot be ended, and none is made but the first that take `limit` rows.
 * Cost: the relations that the steps pass over, on PostgreSQL twice; and those that lead on from each row.
 */
export const traversedPaths = family<TraversalShape, TraversalGiven, PathRow>(
  (shape, _db, given, dialect) =>
    (dialect === 'sqlite' ? pathsInSqlite(shape, given) : pathsInPostgres(shape, given)) as RawBuilder<PathRow>,
  { asArrays: true },
)

/**
 * `edge` holds entities and edges in turn. An entity that a step starts at is a row without an end; a row from
 * it to each that it leads to, and from there the entity of the next step, once. Before the starts and after the
 * ends lies nothing, '', so that both are reached along edges too.
 *
 * `lead` holds the same of what leads to an end, from the ends back. `path` follows its deepest rows first, so
 * that the first `limit` rows hold whole paths. Each is named once by the next: for each time SQLite would read its
 * text, and with it all that is named there, anew.
 */
function pathsInSqlite(shape: TraversalShape, given: TraversalGiven): Fragment {
  const tick = allAnd(inTime('sqlite', shape.timed, sql.ref('edge.step')))
  const start = shape.several
    ? sql`select -1, '', '', start.value from ${listOf('sqlite', given.starts, 'start')}`
    : sql`select -1, '', '', ${given.start}`
  const entities = {
    outer: sql`edge`,
    step: sql.ref('edge.step'),
    id: sql.ref('edge.near'),
    condition: sql`edge.far is null`,
  }
  const edges = termsOf(shape, given, 'sqlite', entities, (id, far) => sql`edge.step, edge.near, ${id}, ${far}`)
  return sql`with recursive edge(step, near, id, far) as materialized (
        ${start}
        union select edge.step + 1, edge.far, null, null from edge where edge.far <> ''
        union select edge.step, edge.near, '', '' from edge where edge.far is null and edge.step = ${given.last}
        union ${sql.join(edges, sql` union `)}),
      lead(step, near, id, far) as materialized (
        select ${given.last} + 1, '', null, null
        union select lead.step, lead.near, null, null from lead where lead.far is not null
        union select edge.step, edge.near, edge.id, edge.far from lead ${inOrder} edge
        where lead.far is null and edge.step = lead.step - 1 and edge.far = lead.near${tick}),
      path(step, id, far) as (
        select -1, '', ''
        union all select lead.step + 1, lead.id, lead.far from path ${inOrder} lead
        where lead.step = path.step and lead.near = path.far and lead.far <> ''${allAnd(inTime('sqlite', shape.timed, sql.ref('lead.step')))}
        order by 1 desc, 2, 3 limit ${given.limit} offset 1)
      select step, id, far from path`
}

/**
 * A recursive term has no order of its own here, and what it has made no index. So `back` is a row for each
 * step, with what leads to an end as the keys of an object; `path` is made step by step, of each step the
 * first rows; and `trail` says where a row stands: after that of the row it goes on from, by its number
 * among those of its step. With an offset a select stays whole: else each term would hash `ending` for itself.
 */
function pathsInPostgres(shape: TraversalShape, given: TraversalGiven): Fragment {
  const fromWalk = { outer: lateralWalk, step: sql.ref('walk.step'), id: sql.ref('walk.id') }
  const leadsOn = sql`exists (
    select 1 from (${passedOver(shape, given, fromWalk, (_id, far) => far)}) as edge(far)
    where back.ids ? edge.far offset 0)`
  const fromPath = {
    outer: sql`(select path.step, path.far as near) as edge`,
    step: sql.ref('edge.step'),
    id: sql.ref('edge.near'),
  }
  const edges = passedOver(shape, given, fromPath, (id, far) => sql`${id}, ${far}`)
  // A path has a row more than steps.
  const most = sql`limit (${given.limit}::bigint / (${given.last} + 1))`
  return sql`with recursive ${walkOf(shape, given, 'postgres')},
      back(step, ids) as (
        select ${given.last}::int, (select jsonb_object_agg(walk.id, true) from walk where walk.step = ${given.last})
        union all
        select back.step - 1, found.ids from back cross join lateral (
          select jsonb_object_agg(walk.id, true) as ids from walk
          where walk.step = back.step - 1 and ${leadsOn}) as found
        where found.ids is not null),
      ending(step, id) as materialized (
        select back.step, key.id collate "C" from back cross join lateral jsonb_object_keys(back.ids) as key(id)),
      path(step, id, far, trail) as (
        select 0, ''::text collate "C", start.id, array[row_number() over (order by start.id)]
        from (select ending.id from ending where ending.step = 0 order by ending.id ${most}) as start
        union all
        select next.step, next.id, next.far, next.trail || row_number() over (order by next.trail, next.id)
        from (
          select path.step + 1 as step, edge.id, edge.far, path.trail
          from path cross join lateral (${edges} offset 0) as edge(id, far)
          where ((path.step + 1, edge.far) in (select ending.step, ending.id from ending)) is true
          order by path.trail, edge.id ${most}) as next)
      select step, id, far from path order by trail`
}

function walkOf(shape: TraversalShape, given: TraversalGiven, dialect: Dialect): Fragment {
  const id = (value: unknown) => (dialect === 'sqlite' ? sql`${value}` : sql`${value}::text collate "C"`)
  const start = shape.several
    ? sql`select 0, ${id(sql.ref('start.value'))} from ${listOf(dialect, given.starts, 'start')}`
    : sql`select 0, ${id(given.start)}`
  const outer = dialect === 'sqlite' ? sql`walk` : lateralWalk
  const reached = { outer, step: sql.ref('walk.step'), id: sql.ref('walk.id') }
  const terms = termsOf(shape, given, dialect, reached, (_id, far) => sql`walk.step + 1, ${far}`)
  if (dialect === 'sqlite') return sql`walk(step, id) as (${start} union ${sql.join(terms, sql` union `)})`
  return sql`walk(step, id) as (${start} union
    select next.step, next.id from walk cross join lateral (${sql.join(terms, sql` union all `)}) as next(step, id))`
}

/** The row of `walk` that a lateral select belongs to. */
const lateralWalk = sql`(select walk.step, walk.id) as walk`

/** Rows of entities that steps start at. */
interface From {
  outer: Fragment
  step: Fragment
  id: Fragment
  condition?: Fragment
}

/** What the steps lead to, as SELECTs that are to be united: the relation ('' where none is) and the entity. */
function termsOf(
  shape: TraversalShape,
  given: TraversalGiven,
  dialect: Dialect,
  from: From,
  columns: (id: Fragment, far: Fragment) => Fragment,
): Fragment[] {
  const { outer, step, id, condition } = from
  return shape.kinds.flatMap((kind, position) => {
    const then = appliesAt(kind, position, given, step)
    const applies = condition === undefined ? then : sql`${condition} and ${then}`
    if ('where' in kind) {
      return [
        filterOf(shape, kind.where, position, given, dialect, { ...from, applies, columns: columns(sql`''`, id) }),
      ]
    }
    const ways = { outer, id, applies, columns: (far: Fragment) => columns(sql.ref('s.id'), far) }
    return hopOf(shape, kind, position, given, dialect, ways)
  })
}

/**
 * What each step passes over on PostgreSQL: relations, and for a filter all that it was asked of. What it did
 * not let pass leads nowhere, for nothing starts there at the next step.
 */
function passedOver(
  shape: TraversalShape,
  given: TraversalGiven,
  { outer, step, id }: From,
  columns: (id: Fragment, far: Fragment) => Fragment,
): Fragment {
  const terms = shape.kinds.flatMap((kind, position) => {
    const applies = appliesAt(kind, position, given, step)
    if ('where' in kind) return [sql`select ${columns(sql`'' collate "C"`, id)} from ${outer} where ${applies}`]
    const ways = { outer, id, applies, columns: (far: Fragment) => columns(sql.ref('s.id'), far), once: true }
    return hopOf(shape, kind, position, given, 'postgres', ways)
  })
  return sql.join(terms, sql` union all `)
}

function hopOf(
  shape: TraversalShape,
  kind: Extract<StepKind, { hop: HopDirection }>,
  position: number,
  given: TraversalGiven,
  dialect: Dialect,
  way: Pick<HopFacts, 'outer' | 'id' | 'columns' | 'once'> & { applies: Fragment },
): Fragment[] {
  const { applies, ...rest } = way
  return hop({
    dialect,
    place: shape.place,
    given,
    timed: shape.timed,
    direction: kind.hop,
    relationTypes: kind.relationTypes,
    relationType: sql`${named(given, `type_${position}`)}`,
    relationTypesList: named(given, `types_${position}`),
    condition: () => applies,
    ...rest,
  })
}

/** The entities of a step that a filter keeps, each compared as it stands at the place. */
function filterOf(
  { place, timed }: TraversalShape,
  filter: FilterShape,
  position: number,
  given: TraversalGiven,
  dialect: Dialect,
  { outer, step, id, applies, columns }: From & { applies: Fragment; columns: Fragment },
): Fragment {
  const state = stateOf({ dialect, element: 'entity', place, given, id })
  // The id is the way in; with the sign SQLite does not take an index for what is compared besides.
  const column = (name: string) => (dialect === 'sqlite' ? sql`+${state.column(name)}` : state.column(name))
  const own = ownOf(given, position)
  const kept = allAnd([
    ...inTime(dialect, timed, step),
    ...holdsOf({ dialect, element: 'entity', shape: filter, given: own, column }),
  ])
  return sql`select ${columns} from ${outer} ${state.join} where ${applies} and ${state.alive}${kept}`
}

/** Whether a kind applies at a step. */
function appliesAt(kind: StepKind, position: number, given: TraversalGiven, step: Fragment): Fragment {
  return kind.often
    ? sql`substr(${named(given, `steps_${position}`)}, ${step} + 1, 1) = '1'`
    : sql`${step} = ${named(given, `step_${position}`)}`
}

/** What the conditions of a kind are given, under their own names. */
function ownOf(given: TraversalGiven, position: number): FilterGiven {
  const own = new Proxy(given, { get: (_, name: string) => named(given, `${name}_${position}`) })
  return own as unknown as FilterGiven
}

function named(given: TraversalGiven, name: string): unknown {
  return (given as unknown as Record<string, unknown>)[name]
}

function lastOf(given: TraversalGiven): Fragment {
  return sql`select walk.id from walk where walk.step = ${given.last} and walk.id > ${given.after}
    order by walk.id limit ${given.limit}`
}

function allAnd(conditions: Fragment[]): Fragment {
  return conditions.length === 0 ? sql`` : sql` and ${sql.join(conditions, sql` and `)}`
}
