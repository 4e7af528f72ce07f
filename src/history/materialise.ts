/** The whole state of a version, read through the indexes or replayed from the deltas: equal, always. */
import { stateList } from '../../queries/list.js'
import { all, type Work } from '../database/work.js'
import { readFilter } from '../graph/filter.js'
import { givenOf, shapeOf } from '../graph/page.js'
import { checkRead, type ReadCheck } from '../graph/read-check.js'
import { placeOfReference, type Reference } from '../graph/reference.js'
import type { Schema } from '../graph/schema.js'
import type { EntityOf, RelationOf } from '../graph/typed.js'
import type { Budget, CallOptions } from '../model/budget.js'
import type { Entity, Relation } from '../model/entity.js'
import { compareIds } from '../model/id.js'
import type { Version } from '../model/version.js'
import type { Place } from '../state/place.js'
import { replay } from '../state/replay.js'
import { toEntity, toRelation } from '../state/rows.js'
import { versionOf } from './versions.js'

/** How a whole state is read. */
export interface MaterialiseOptions extends CallOptions {
  /** Default: `'index'`. */
  from?: 'index' | 'deltas' | undefined
}

/** A whole state, each list by id. */
export interface State<S extends Schema = Schema> {
  /** Undefined for the empty graph before the first version. */
  version: Version | undefined
  entities: Iterable<EntityOf<S>>
  relations: Iterable<RelationOf<S>>
}

/** The state that a reference names. Cost: the state, or (from deltas) every operation on the way to it. */
export function* materialise<S extends Schema>(
  reference: Reference,
  from: 'index' | 'deltas',
  budget: Budget,
  check?: ReadCheck,
): Work<State<S>> {
  const place = yield* placeOfReference(reference)
  const version = yield* versionOf(reference)
  const { entities, relations } = from === 'index' ? yield* statesAt(place) : yield* replayedAt(place)
  budget.check()
  checkRead(check, entities)
  checkRead(check, relations)
  return { version, entities, relations } as unknown as State<S>
}

/** All that stands at a place, replayed from the deltas. */
function* replayedAt(place: Place): Work<{ entities: Entity[]; relations: Relation[] }> {
  const graph = yield* replay(place)
  return {
    entities: Array.from(graph.entities.values(), ({ element }) => element).sort((a, b) => compareIds(a.id, b.id)),
    relations: Array.from(graph.relations.values(), ({ element }) => element).sort((a, b) => compareIds(a.id, b.id)),
  }
}

/** All that stands at a place. */
export function* statesAt(place: Place): Work<{ entities: Entity[]; relations: Relation[] }> {
  const states = function* (element: 'entity' | 'relation') {
    const request = { element, question: readFilter({}, element), limit: Number.MAX_SAFE_INTEGER, offset: 0 }
    return yield* all(stateList(shapeOf(place, request)), givenOf(place, request))
  }
  return {
    entities: (yield* states('entity')).map(toEntity),
    relations: (yield* states('relation')).map(toRelation),
  }
}
