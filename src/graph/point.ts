/** One element as it stands at a place: the shortest way to it. */
import { entityPoint } from '../../queries/entity.js'
import { relationPoint } from '../../queries/relation.js'
import { elements, type StateRow } from '../../queries/standing.js'
import type { Database } from '../database/database.js'
import { first, type Work } from '../database/work.js'
import type { ElementKind } from '../model/entity.js'
import type { Place } from '../state/place.js'

const statements = { entity: entityPoint, relation: relationPoint }

/** How many answers from the other side turn the order in which the sides are asked. */
const mostLately = 4

/**
 * The row of an element at a known place, or undefined. Each statement has a transaction of its own:
 * a state of the trunk is in the head row until it is superseded, and in the history for good from
 * then on, so who looks there after the head row cannot miss it.
 *
 * Cost: one probe, or two where the side that answered lately does not.
 */
export async function pointRow(
  database: Database,
  element: ElementKind,
  place: Place,
  id: string,
): Promise<StateRow | undefined> {
  const { head, upTo, past } = statements[element]
  const given = { id, trunk: place.trunk, lineage: place.lineage, validAt: place.validAt }
  if (place.shape === 'head') return database.first(head, given)
  if (place.shape !== 'trunk') return database.first(statements[element][place.shape], given)

  const { lately } = place
  if (lately.past > 0) {
    const row = await database.first(past, given)
    if (row !== undefined && stands(row, element, place)) {
      if (lately.past < mostLately) lately.past++
      return row
    }
  }
  const row = await database.first(upTo, given)
  if (row !== undefined) {
    if (lately.past > -mostLately) lately.past--
    return row
  }
  const older = await database.first(past, given)
  if (older === undefined || !stands(older, element, place)) return undefined
  if (lately.past < mostLately) lately.past++
  return older
}

/** As `pointRow`, within the transaction that found the place. */
export function* pointRowAt(element: ElementKind, place: Place, id: string): Work<StateRow | undefined> {
  const { head, upTo, past } = statements[element]
  const given = { id, trunk: place.trunk, lineage: place.lineage, validAt: place.validAt }
  if (place.shape === 'head') return yield* first(head, given)
  if (place.shape !== 'trunk') return yield* first(statements[element][place.shape], given)
  const row = yield* first(upTo, given)
  if (row !== undefined) return row
  const older = yield* first(past, given)
  return older !== undefined && stands(older, element, place) ? older : undefined
}

/** Whether the newest state up to a place had not ended by then. */
function stands(row: StateRow, element: ElementKind, { trunk }: Place): boolean {
  return (row[elements[element].columns.length] as number) > trunk
}
