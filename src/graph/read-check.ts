/** Checks of what is read: a schema may ask its validators of every element before it is shown. */
import { type Entity, isRelation, type Relation } from '../model/entity.js'

/** What is asked of each element before it is shown. Throws `ValidationError` for what may not be. */
export interface ReadCheck {
  checkEntity(entity: Entity): void
  checkRelation(relation: Relation): void
}

/** Asks a check of every element, where there is one. */
export function checkRead(check: ReadCheck | undefined, elements: Iterable<Entity | Relation | undefined>): void {
  if (check === undefined) return
  for (const element of elements) {
    if (element !== undefined && isRelation(element)) check.checkRelation(element)
    else if (element !== undefined) check.checkEntity(element)
  }
}
