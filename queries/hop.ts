/**
 * One hop: from each row of an outer source along the relations that stand at a place.
 *
 * What is read of a relation is the relation alone: one that stands has both its ends, so a hop needs
 * no look at an entity.
 */
import { sql } from 'kysely'
import { inTime } from './clock.js'
import { isIn } from './parameter.js'
import { allOf, ends } from './relation.js'
import { type Fragment, type PlaceGiven, type PlaceShape, standing } from './standing.js'
import type { Dialect } from './statement.js'

export type HopDirection = 'out' | 'in' | 'both'

/** One type is compared, several are looked up in a list. */
export type TypesMode = 'any' | 'one' | 'many'

export interface HopFacts {
  dialect: Dialect
  place: PlaceShape
  given: PlaceGiven
  /** Whether each relation looks at the clock. */
  timed: boolean
  /** The rows that the hop starts at, and the entity's id in them. */
  outer: Fragment
  id: Fragment
  direction: HopDirection
  relationTypes: TypesMode
  relationType: Fragment
  relationTypesList: unknown
  /** What is selected, in terms of the relation `s` and the column of its far end. */
  columns: (far: Fragment) => Fragment
  /** What must hold besides. */
  condition?: (far: Fragment) => Fragment
  /** Whether a self-loop must come once, both ways at a time; a set need not ask. */
  once?: boolean
}

/**
 * The relations of a hop, as SELECTs that are to be united.
 *
 * Cost: at the head one type is a range of the index and the others are not read; in the past those
 * of all types that stand are.
 */
export function hop(facts: HopFacts): Fragment[] {
  const { direction } = facts
  const out = () => oneWay(facts, 'from_entity', 'to_entity', false)
  const into = (notLoops: boolean) => oneWay(facts, 'to_entity', 'from_entity', notLoops)
  if (direction === 'out') return out()
  if (direction === 'in') return into(false)
  return [...out(), ...into(facts.once ?? false)]
}

type End = 'from_entity' | 'to_entity'

function oneWay(facts: HopFacts, near: End, far: End, notLoops: boolean): Fragment[] {
  const { dialect, place, given, timed, outer, id } = facts
  const end = sql.ref(`s.${far}`)
  const conditions = [
    ...inTime(dialect, timed, sql.ref('s.rowid')),
    ...(facts.relationTypes === 'one' ? [sql`s.relation_type = ${facts.relationType}`] : []),
    ...(facts.relationTypes === 'many' ? [isIn(dialect, sql.ref('s.relation_type'), facts.relationTypesList)] : []),
    ...(notLoops ? [sql`s.from_entity <> s.to_entity`] : []),
    ...(facts.condition === undefined ? [] : [facts.condition(end)]),
  ]
  const { head, past } = standing({
    dialect,
    element: 'relation',
    place,
    given,
    outer,
    access: { key: sql`${sql.ref(`s.${near}`)} = ${id}`, ...ends[near] },
    columns: facts.columns(end),
    condition: allOf(conditions),
  })
  return [head, ...past]
}
