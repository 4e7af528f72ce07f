/** Every state that one entity has had. */
import { entityAtHead } from '../../../../queries/head.js'
import type { HistoryEntry } from '../../../index.js'
import { changesBetween } from '../../../state/change.js'
import { linesOfUpdate } from '../../describe.js'
import { isoTime } from '../../moment.js'
import { colours, printable } from '../../output.js'
import { firstOf, quoted, show, type Tour } from '../step.js'

const shown = 6

export async function showHistory(tour: Tour): Promise<void> {
  const { choice, universe } = tour
  if (choice === undefined) return
  const id = choice.changed
  await show(tour, {
    title: `Every state of ${printable(id)}`,
    code: `await universe.history(${quoted(id)})`,
    call: () => universe.history(id),
    plain: (head) => head.all(entityAtHead, { id }),
    lines: (entries) =>
      firstOf(
        entries.map((entry) => lineOf(entry, tour)),
        shown,
      ),
  })
}

function lineOf({ version, kind, before, after }: HistoryEntry, { short }: Tour): string {
  const changes =
    before && after ? linesOfUpdate(before, after, [...changesBetween(before.metadata, after.metadata)]) : []
  const changed = changes.map((line) => line.trim()).join('  ')
  return `${colours.yellow(short(version))}  ${isoTime(version.timestamp)}  ${kind}  ${changed}`.trimEnd()
}
