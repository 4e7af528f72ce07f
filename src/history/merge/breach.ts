/** What a merge would leave that breaks the schema. */
import { type Entity, isRelation, type Relation } from '../../model/entity.js'
import { ValidationError } from '../../model/errors.js'
import type { ElementCheck } from '../../state/apply.js'
import type { Around } from './ends.js'
import { type Element, isAlike, isEntity, type Sides } from './sides.js'

/** An element that breaks the schema, and how. */
export interface Breach {
  element: Element
  issues: ValidationError['issues']
}

/** Asks of all that a merge writes, and of the relations of entities that it gives another type, what a commit asks. */
export function breachesOf(
  sides: Sides,
  elements: ReadonlyMap<string, Element | undefined>,
  around: Around,
  check: ElementCheck,
): Breach[] {
  const breaches: Breach[] = []
  const ask = (element: Element, question: () => unknown) => {
    try {
      question()
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      breaches.push({ element, issues: error.issues })
    }
  }
  const entityOf = (id: string): Entity => {
    const known = elements.get(id)
    if (isEntity(known)) return known
    return { id, entityType: around.types.get(id) as string, metadata: {}, createdAt: 0, updatedAt: 0 }
  }
  const isOfNewType = (id: string) => {
    const [now, before] = [elements.get(id), sides.ours.get(id)]
    return isEntity(now) && isEntity(before) && now.entityType !== before.entityType
  }
  const askRelation = (relation: Relation) => {
    const [from, to] = [entityOf(relation.from), entityOf(relation.to)]
    ask(relation, () => check.relation(relation, from, to, writing))
  }
  for (const [id, element] of elements) {
    if (element === undefined) continue
    const isWritten = !isAlike(sides.ours.get(id), element)
    if (!isRelation(element)) {
      if (isWritten) ask(element, () => check.entity(element, writing))
    } else if (isWritten || isOfNewType(element.from) || isOfNewType(element.to)) askRelation(element)
  }
  for (const relation of around.relations) {
    if (isOfNewType(relation.from) || isOfNewType(relation.to)) askRelation(relation)
  }
  return breaches
}

const writing = { operation: 0, isNew: true }
