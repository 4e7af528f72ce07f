/** One element as it stands at a place: the shortest way to it. */
import { entityPoint } from '../../queries/entity.js'
import { relationPoint } from '../../queries/relation.js'
import type { StateRow } from '../../queries/standing.js'
import type { Database } from '../database/database.js'
import { first, type Work } from '../database/work.js'
import type { ElementKind } from '../model/entity.js'
import type { Place } from '../state/place.js'
import { columnOf } from '../state/rows.js'

const statements = { entity: entityPoint, relation: relationPoint }

/** How many answers from the other side turn the order in which the sides are looked at. */
const mostLately = 4

/**
 * The row of an element at a known place, or undefined. On the trunk the side that has had the answers
 * lately is looked at first: around an old version most states are in the history, around a new one in
 * the head rows.
 *
 * Cost: one probe, or two where the side that is looked at first has no answer.
 */
export async function pointRow(
  database: Database,
  element: ElementKind,
  place: Place,
  id: string,
): Promise<StateRow | undefined> {
  const row = await database.first(statementFor(element, place), givenFor(place, id))
  if (row !== undefined && place.shape === 'trunk') {
    const { lately } = place
    const isPast = row[columnOf[element].fromSequence] !== null
    lately.past = isPast ? Math.min(lately.past + 1, mostLately) : Math.max(lately.past - 1, -mostLately)
  }
  return row
}

/** As `pointRow`, within the transaction that found the place. */
export function pointRowAt(element: ElementKind, place: Place, id: string): Work<StateRow | undefined> {
  return first(statementFor(element, place), givenFor(place, id))
}

function statementFor(element: ElementKind, { shape, lately }: Place) {
  const { headFirst, pastFirst } = statements[element]
  if (shape !== 'trunk') return statements[element][shape]
  return lately.past > 0 ? pastFirst : headFirst
}

function givenFor({ trunk, lineage, validAt }: Place, id: string) {
  return { id, trunk, lineage, validAt }
}
