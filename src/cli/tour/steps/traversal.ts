/** Two relations away, at the head and as of an old version, and what changed between them. */
import { twoHopsAtHead } from '../../../../queries/head.js'
import type { Path, Version, View } from '../../../index.js'
import { signed } from '../../describe.js'
import { relativeTime } from '../../moment.js'
import { colours, printable, printLines } from '../../output.js'
import { firstOf, type PlainRead, quoted, show, type Tour } from '../step.js'

const mostPaths = 100
const shown = 9
/** How many of what came and went are named. */
const shownChanges = 3

export async function showTraversal(tour: Tour): Promise<void> {
  const { choice, universe } = tour
  if (choice === undefined) return
  const { id, entityType, relationType, old } = choice
  const furtherType = await typeThatLeadsOn(tour)
  const walk = (view: View) =>
    view.traverse(entityType, id).out(relationType).out(furtherType).paths({ limit: mostPaths })
  const steps = `.traverse(${quoted(entityType)}, ${quoted(id)}).out(${quoted(relationType)}).out(${quoted(furtherType)}).paths()`
  const plain: PlainRead = (head) =>
    head.all(twoHopsAtHead, { id, firstType: relationType, secondType: furtherType, limit: mostPaths })
  const now = await show(tour, {
    title: 'A typed traversal: two relations in one statement',
    code: `await universe.head${steps}`,
    call: () => walk(universe.head),
    plain,
    lines: treeOf,
  })
  const view = universe.at({ version: old.versionId })
  if ((await view.entity(id))?.entityType !== entityType) return
  const then = await show(tour, {
    title: `The same as of version ${old.sequence} of ${universeAge(tour)}, ${relativeTime(old.timestamp)}`,
    code: `await universe.at(${quoted(tour.short(old))})${steps}`,
    call: () => walk(view),
    plain,
    lines: treeOf,
  })
  printLines(changesBetween(then, now).map((line) => `     ${line}`))
}

/** The type by which most of what the entity leads to leads on. */
async function typeThatLeadsOn({ universe, choice }: Tour): Promise<string> {
  const { id, entityType, relationType } = choice as NonNullable<Tour['choice']>
  const paths = await universe.head.traverse(entityType, id).out(relationType).out().paths({ limit: mostPaths })
  const counts = new Map<string, number>()
  for (const { relations } of paths) {
    const type = relations[1]?.relationType ?? relationType
    counts.set(type, (counts.get(type) ?? 0) + 1)
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a)
  return most?.[0] ?? relationType
}

/** Walks from one entity as a tree. */
function treeOf(paths: readonly Path[]): string[] {
  const [start] = paths
  if (start === undefined) return [colours.dim('no walk of two relations')]
  const branches = new Map<string, string[]>()
  for (const { entities } of paths) {
    const [, middle, last] = entities
    if (middle === undefined || last === undefined) continue
    branches.set(middle.id, [...(branches.get(middle.id) ?? []), last.id])
  }
  const lines = [...branches].flatMap(([middle, ends], index) => {
    const isLast = index === branches.size - 1
    return [
      `${isLast ? '└─' : '├─'} ${printable(middle)}`,
      ...[...new Set(ends)].map((end, at, all) => {
        const fork = at === all.length - 1 ? '└─' : '├─'
        return `${isLast ? ' ' : '│'}  ${fork} ${colours.cyan(printable(end))}`
      }),
    ]
  })
  return [printable(start.entities[0]?.id ?? ''), ...firstOf(lines, shown)]
}

/** Which entities are at the end of a walk now and were not, and the other way round. */
function changesBetween(then: readonly Path[], now: readonly Path[]): string[] {
  const [before, after] = [endsOf(then), endsOf(now)]
  const gone = [...before].filter((id) => !after.has(id)).map((id) => signed('-', printable(id)))
  const come = [...after].filter((id) => !before.has(id)).map((id) => signed('+', printable(id)))
  if (gone.length + come.length === 0) return [colours.dim('since then it leads to the same')]
  return [colours.dim('since then:'), ...firstOf(gone, shownChanges), ...firstOf(come, shownChanges)]
}

function endsOf(paths: readonly Path[]): Set<string> {
  return new Set(paths.map(({ entities }) => entities.at(-1)?.id ?? ''))
}

function universeAge({ chain }: Tour): string {
  return String((chain[0] as Version).sequence)
}
