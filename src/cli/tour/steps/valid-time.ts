/**
 * What was true when, beside what was known when: git knows nothing of the first, so this step has a
 * small universe of its own.
 */
import { join } from 'node:path'
import { neighboursAtHead } from '../../../../queries/head.js'
import { openDatabase } from '../../../database/open.js'
import { type Neighbour, openUniverse, type Universe, type Version } from '../../../index.js'
import { isoTime } from '../../moment.js'
import { colours, print, printable } from '../../output.js'
import { type PlainRead, show, type Tour } from '../step.js'

const year = (number: number) => Date.UTC(number, 0)

export async function showValidTime(tour: Tour): Promise<void> {
  const path = join(tour.folder, 'valid-time.db')
  await using universe = await openUniverse(path)
  const first = await commitReviews(universe)
  const readOnly = {
    readOnly: true,
    create: false,
    migrate: false,
    durability: 'normal',
    busyTimeoutMs: 5_000,
  } as const
  const head = await openDatabase(path, readOnly)
  try {
    await showReviewers({ ...tour, universe, head }, first)
  } finally {
    await head.close()
  }
}

/** Ada reviewed until 2024; later it became known that she had stopped in 2022 already. */
async function commitReviews(universe: Universe): Promise<Version> {
  const first = await universe.commit(
    'Who reviews the parser',
    (draft) => {
      for (const [id, name] of [
        ['ada', 'Ada'],
        ['grace', 'Grace'],
      ] as const)
        draft.createEntity('Person', { name }, { id })
      draft.createEntity('Module', { path: 'src/parser.ts' }, { id: 'parser' })
      draft.createRelation(
        'REVIEWED_BY',
        'parser',
        'ada',
        {},
        { id: 'until', validFrom: year(2020), validTo: year(2024) },
      )
      draft.createRelation('REVIEWED_BY', 'parser', 'grace', {}, { id: 'since', validFrom: year(2024) })
    },
    { timestamp: year(2024), versionId: 'first' },
  )
  await universe.commit(
    'Grace took over two years earlier',
    (draft) => {
      draft.updateRelation('until', {}, { validTo: year(2022) })
      draft.updateRelation('since', {}, { validFrom: year(2022) })
    },
    { timestamp: year(2025), versionId: 'second' },
  )
  return first
}

async function showReviewers(tour: Tour, first: Version): Promise<void> {
  const { universe } = tour
  const moment = new Date('2023-01-01')
  const lines = ({ items }: { items: Neighbour[] }) => items.map(lineOf)
  const plain: PlainRead = (head) => head.all(neighboursAtHead, { id: 'parser', limit: 101 })
  await show(tour, {
    title: 'Valid time: who reviewed the parser in 2023, as known today',
    code: `await universe.head.validAt(new Date('2023-01-01')).neighbours('parser')`,
    call: () => universe.head.validAt(moment).neighbours('parser'),
    plain,
    lines,
  })
  await show(tour, {
    title: `and as known in ${isoTime(first.timestamp).slice(0, 4)}, before it was corrected`,
    code: `await universe.at('first').validAt(new Date('2023-01-01')).neighbours('parser')`,
    call: () => universe.at('first').validAt(moment).neighbours('parser'),
    plain,
    lines,
  })
  print(
    colours.dim('     A version says what was known, validFrom and validTo of what time. (A small graph of its own.)'),
  )
}

function lineOf({ entity, relation }: Neighbour): string {
  const from = isoTime(relation.validFrom ?? 0).slice(0, 4)
  const to = relation.validTo === undefined ? '' : isoTime(relation.validTo).slice(0, 4)
  return `${printable(relation.relationType)} → ${printable(entity.id)}  ${colours.dim(`valid ${from}–${to}`)}`
}
