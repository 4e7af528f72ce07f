/** What changed between two versions. */
import { allEntitiesAtHead } from '../../../../queries/head.js'
import type { Diff } from '../../../index.js'
import { nameOf, signed } from '../../describe.js'
import { printable } from '../../output.js'
import { firstOf, grouped, quoted, show, type Tour } from '../step.js'

const shown = 7
/** How many versions the comparison spans. */
const span = 10

export async function showDiff(tour: Tour): Promise<void> {
  const { chain, universe, short } = tour
  const [head, before] = [chain[0], chain[Math.min(span, chain.length - 1)]]
  if (head === undefined || before === undefined || head === before) return
  await show(tour, {
    title: `What changed in the last ${grouped(head.sequence - before.sequence)} versions`,
    code: `await universe.diff(${quoted(short(before))}, 'main')`,
    call: () => universe.diff({ version: before.versionId }, { branch: 'main' }),
    plain: (head) => head.all(allEntitiesAtHead, {}),
    plainName: 'plain SQL, every entity of one head',
    lines: (diff) => [counts(diff), ...firstOf(linesOf(diff), shown)],
  })
}

function counts({ entities, relations }: Diff): string {
  const of = ({ created, updated, deleted }: Diff['entities'] | Diff['relations']) =>
    `${grouped(created.length)} created, ${grouped(updated.length)} updated, ${grouped(deleted.length)} deleted`
  return `entities: ${of(entities)}; relations: ${of(relations)}`
}

function linesOf({ entities, relations }: Diff): string[] {
  return [entities, relations].flatMap(({ created, updated, deleted }) => [
    ...deleted.map((element) => signed('-', nameOf(element))),
    ...created.map((element) => signed('+', nameOf(element))),
    ...updated.map(({ after, changes }) =>
      signed('~', `${nameOf(after)}  ${changes.map(({ path }) => printable(path)).join(' ')}`),
    ),
  ])
}
