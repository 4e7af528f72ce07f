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
  for (const relation of [...relations.filter(isKept), ...around.relations]) {
    const { id, from, to } = relation
    // Another may have brought its id back, as the entity that it was before it became a relation.
    if (elements.has(id) && elements.get(id) !== relation) continue
    for (const end of [from, to]) if (!stands(end)) bringBack(end)
  }
  for (const { id, from, to } of relations) {
    const isThere = elements.get(id) !== undefined && isRelation(elements.get(id) as Element)
    if (isThere && !(stands(from) && stands(to))) elements.set(id, undefined)
  }
}
