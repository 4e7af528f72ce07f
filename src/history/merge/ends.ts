/**
 * No merge leaves a relation without an end. A relation of ours, and one that a conflict was settled
 * to, keeps its ends or brings them back, by id; one of theirs without an end is left out.
 */
import { isRelation, type Relation, sameLife } from '../../model/entity.js'
import { NotFoundError } from '../../model/errors.js'
import { inOrderOfIds } from '../../model/id.js'
import { type Element, isEntity, type Sides } from './sides.js'

/** What is around the ids of the sides: what stands alike on all of them. */
export interface Around {
  /** Relations that touch an entity of ours which the merge deletes or replaces. */
  relations: readonly Relation[]
  /** The types of entities that were looked for. */
  types: ReadonlyMap<string, string>
  /** Ids that were looked for, and are those of no entity. */
  absent: ReadonlySet<string>
}

/**
 * Gives relations their ends back, or leaves them out. `settled`: the ids whose whole element a
 * conflict was settled to.
 *
 * @throws {NotFoundError} for an end that stands nowhere: of a relation that the caller gave.
 */
export function keepEnds(
  elements: Map<string, Element | undefined>,
  sides: Sides,
  settled: ReadonlySet<string>,
  around: Around,
): void {
  const stands = (id: string) => (elements.has(id) ? isEntity(elements.get(id)) : !around.absent.has(id))
  const bringBack = (id: string) => {
    const found = [sides.ours, sides.theirs, sides.base].map((side) => side.get(id)).find(isEntity)
    if (found === undefined) throw new NotFoundError({ what: 'Entity', id })
    elements.set(id, found)
  }
  const standing = [...elements.values()].filter((element) => element !== undefined && isRelation(element))
  const relations = inOrderOfIds(standing, ({ id }) => id)
  const isKept = (relation: Relation) => {
    const ours = sides.ours.get(relation.id)
    return settled.has(relation.id) || (ours !== undefined && sameLife(ours, relation))
  }
  const keep = ({ from, to }: Relation) => {
    for (const end of [from, to]) if (!stands(end)) bringBack(end)
  }
  for (const relation of around.relations) keep(relation)
  let waiting = relations.filter(isKept)
  while (waiting.length > 0) {
    // An end that comes back may take its id from a relation: first those whose ids no other wants; of a circle, one.
    const wanted = new Set(waiting.flatMap(({ from, to }) => [from, to]))
    const unwanted = waiting.filter(({ id }) => !wanted.has(id))
    const next = new Set(unwanted.length > 0 ? unwanted : waiting.slice(0, 1))
    next.forEach(keep)
    waiting = waiting.filter((relation) => !next.has(relation) && elements.get(relation.id) === relation)
  }
  for (const { id, from, to } of relations) {
    const isThere = elements.get(id) !== undefined && isRelation(elements.get(id) as Element)
    if (isThere && !(stands(from) && stands(to))) elements.set(id, undefined)
  }
}
