/** What an entity leads to. */
import { neighboursAtHead } from '../../../../queries/head.js'
import { printable } from '../../output.js'
import { firstOf, quoted, show, type Tour } from '../step.js'

const shown = 8

export async function showNeighbours(tour: Tour): Promise<void> {
  const { choice, universe } = tour
  if (choice === undefined) return
  const { id } = choice
  await show(tour, {
    title: `What ${printable(id)} leads to`,
    code: `await universe.head.neighbours(${quoted(id)})`,
    call: () => universe.head.neighbours(id),
    plain: (head) => head.all(neighboursAtHead, { id, limit: 101 }),
    lines: ({ items }) =>
      firstOf(
        items.map(({ entity, relation }) => `${printable(relation.relationType)} → ${printable(entity.id)}`),
        shown,
      ),
  })
}
