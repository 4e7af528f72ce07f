/** What is in the graph: its types, and how many there are of each. */
import { typesAtHead } from '../../../../queries/head.js'
import type { TypeCount } from '../../../index.js'
import { colours, printable } from '../../output.js'
import { grouped, show, type Tour } from '../step.js'

/** As wide as the longest bar. */
const bar = 30
const shown = 6

export async function showContent(tour: Tour): Promise<void> {
  await show(tour, {
    title: 'What is in the graph',
    code: 'await universe.head.types()',
    call: () => tour.universe.head.types(),
    plain: (head) => head.all(typesAtHead, {}),
    lines: ({ entities, relations }) => [...barsOf('entities', entities), ...barsOf('relations', relations)],
  })
}

function barsOf(name: string, types: readonly TypeCount[]): string[] {
  const most = [...types].sort((a, b) => b.count - a.count).slice(0, shown)
  const width = Math.max(0, ...most.map(({ type }) => printable(type).length))
  const longest = most[0]?.count ?? 0
  const total = types.reduce((sum, { count }) => sum + count, 0)
  return [
    `${grouped(total)} ${name}`,
    ...most.map(({ type, count }) => {
      const filled = '█'.repeat(Math.max(1, Math.round((bar * count) / longest)))
      return `  ${printable(type).padEnd(width)}  ${colours.cyan(filled)} ${grouped(count)}`
    }),
  ]
}
