/** The sides of a three-way merge: what stands at base, ours and theirs of each id that differs among them. */
import type { Work } from '../../database/work.js'
import { entitiesById, relationsById } from '../../graph/elements.js'
import type { Budget } from '../../model/budget.js'
import { type Entity, isRelation, type Relation, sameContent } from '../../model/entity.js'
import type { Place } from '../../state/place.js'
import { touchedBetween } from '../diff.js'
import { statesAt } from '../materialise.js'

export type Element = Entity | Relation

/** By id, which is never that of an entity and of a relation at once. An id that is in none stands alike on all sides, or nowhere. */
export interface Sides {
  base: Map<string, Element>
  ours: Map<string, Element>
  theirs: Map<string, Element>
}

/** Where the three sides are read. */
export interface MergePlaces {
  base: Place
  ours: Place
  theirs: Place
}

/**
 * Reads the three sides.
 *
 * Cost: the operations of the versions from the base to both sides, and three states of each id that
 * they name; where these are more than twice the state, a scan of all three states instead.
 */
export function* readSides(places: MergePlaces, budget: Budget): Work<Sides> {
  const here = yield* touchedBetween(places.base, places.ours, budget)
  const there = here && (yield* touchedBetween(places.base, places.theirs, budget))
  const entities = there && [...new Set([...here.entities.keys(), ...there.entities.keys()])]
  const relations = there && [...new Set([...here.relations.keys(), ...there.relations.keys()])]
  const side = function* (place: Place): Work<Map<string, Element>> {
    if (entities === undefined || relations === undefined) {
      budget.check()
      const states = yield* statesAt(place)
      return new Map([...states.entities, ...states.relations].map((element) => [element.id, element]))
    }
    const found: Map<string, Element> = yield* entitiesById(place, entities, budget)
    for (const [id, relation] of yield* relationsById(place, relations, budget)) found.set(id, relation)
    return found
  }
  const [base, ours, theirs] = [yield* side(places.base), yield* side(places.ours), yield* side(places.theirs)]
  forgetWhatIsAlike(base, ours, theirs)
  return { base, ours, theirs }
}

function forgetWhatIsAlike(base: Map<string, Element>, ours: Map<string, Element>, theirs: Map<string, Element>): void {
  for (const [id, element] of base) {
    const [here, there] = [ours.get(id), theirs.get(id)]
    if (!here || !there || !sameContent(element, here) || !sameContent(element, there)) continue
    for (const side of [base, ours, theirs]) side.delete(id)
  }
}

/** Whether both are absent, or have the same content. */
export function isAlike(a: Element | undefined, b: Element | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameContent(a, b)
}

export function isEntity(element: Element | undefined): element is Entity {
  return element !== undefined && !isRelation(element)
}
