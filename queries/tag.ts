/** Tags: the strings in `metadata.tags`, at any place. */
import { sql } from 'kysely'
import { lanes } from './parameter.js'
import {
  classes,
  classesInUse,
  type Fragment,
  inOrder,
  type PlaceGiven,
  type PlaceShape,
  type StateShape,
  stateOf,
  stateShapeOf,
  written,
} from './standing.js'
import type { Dialect } from './statement.js'

/** The ids of the entities that bear `tag` at a place: a SELECT of `id`, each once. */
export function taggedWith(facts: TagFacts & { place: PlaceShape }): Fragment {
  const { dialect, given } = facts
  const place = stateShapeOf(facts.place)
  const tagged = taggedAtAll({ ...facts, place })
  if (place === facts.place) return tagged
  const state = stateOf({ dialect, element: 'entity', place: facts.place, given, id: sql.ref('tagged.id') })
  return sql`select tagged.id as id from (${tagged}) as tagged ${state.join} where ${state.alive}`
}

interface TagFacts {
  dialect: Dialect
  given: PlaceGiven
  tag: Fragment
}

function taggedAtAll(facts: TagFacts & { place: StateShape }): Fragment {
  const { dialect, place, given, tag } = facts
  const head = sql`select s.entity_id as id from entity_tag as s where s.tag = ${tag}`
  if (place === 'head') return head

  const scope = { dialect, element: 'entity' as const, given }
  const id = sql.ref('s.entity_id')
  const hidden = place === 'lineage' ? sql` and not ${written(scope, id)}` : sql``
  const trunk = sql`${head} and s.from_sequence <= ${given.trunk}${hidden} union all
    select s.entity_id as id from ${classes} ${inOrder} entity_tag_history as s
    where ${classesInUse} and s.lane_id = 1 and s.tag = ${tag} and s.span = class.column1
      and s.from_sequence > ${given.trunk} - class.column2 and s.from_sequence <= ${given.trunk}
      and s.to_sequence > ${given.trunk}${hidden}`
  if (place === 'trunk') return trunk
  const nearer = (among: Fragment, then: Fragment) => sql`
    select s.entity_id as id from ${lanes(dialect, given, 'lane')} ${inOrder} ${among} entity_tag_history as s
    where s.lane_id = lane.lane_id and s.tag = ${tag} and ${then} and s.from_sequence <= lane.bound
      and not ${written(scope, id, sql`lane.position`)}`
  const endsLater = sql`${classesInUse} and s.span = class.column1 and s.from_sequence > lane.bound - class.column2
    and s.to_sequence > lane.bound`
  return sql`${nearer(sql`${classes} ${inOrder}`, endsLater)} union all ${nearer(sql``, sql`s.span = -1`)}
    union all ${trunk}`
}
