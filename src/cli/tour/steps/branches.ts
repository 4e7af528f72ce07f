/** Two branches, what they disagree about, their merge and its revert: `main` stays as it is. */
import type { Conflict, Universe, Version } from '../../../index.js'
import { MergeConflictError } from '../../../index.js'
import { printable } from '../../output.js'
import { firstOf, quoted, show, type Tour } from '../step.js'

/** Names that no repository is likely to have; they are gone when the step ends. */
const [mine, yours] = ['tour/mine', 'tour/yours'] as const

export async function showBranches(tour: Tour): Promise<void> {
  const { universe } = tour
  const id = tour.choice?.id ?? (await universe.head.entities({ limit: 1 })).items[0]?.id
  if (id === undefined || (await universe.branches()).some(({ name }) => name === mine || name === yours)) return
  await show(tour, {
    title: 'Two branches, which copy nothing, and a change on each',
    code: `await universe.createBranch('${mine}')`,
    once: true,
    call: () => branchOut(universe, id),
    lines: (versions) => versions.map(({ description }) => printable(description)),
  })
  try {
    await showMerge(tour, id)
  } finally {
    for (const name of [mine, yours]) await universe.deleteBranch(name)
  }
}

/** Both give the entity a rating, and each one thing that the other has not. */
async function branchOut(universe: Universe, id: string): Promise<Version[]> {
  const versions: Version[] = []
  for (const [branch, own] of [
    [mine, { rating: 3, seen: true }],
    [yours, { rating: 5, note: 'worth a look' }],
  ] as const) {
    await universe.createBranch(branch)
    const says = `on ${branch}: ${JSON.stringify(own)}`
    versions.push(await universe.commit(says, (draft) => draft.updateEntity(id, own), { branch }))
  }
  return versions
}

async function showMerge(tour: Tour, id: string): Promise<void> {
  const { universe } = tour
  await show(tour, {
    title: 'Their merge: what both changed is a conflict, and nothing is written',
    code: `await universe.merge('${yours}', { into: '${mine}' })`,
    call: () => conflictsOf(universe),
    lines: (conflicts) => firstOf(conflicts.map(lineOf), 4),
  })
  const merged = await show(tour, {
    title: 'settled as theirs; what one side alone changed is kept',
    code: `await universe.merge('${yours}', { into: '${mine}', strategy: 'theirs' })`,
    once: true,
    call: () => universe.merge(yours, { into: mine, strategy: 'theirs' }),
    lines: ({ description, parents }) => [`${printable(description)}: a version with ${parents.length} parents`],
  })
  const look = async () => ratingOf(await universe.at(mine).requireEntity(id))
  await show(tour, {
    title: 'what the branch shows now',
    code: `await universe.at('${mine}').entity(${quoted(id)})`,
    call: look,
    lines: (shown) => [shown],
  })
  await show(tour, {
    title: 'and the merge undone, by a version of its own',
    code: `await universe.revert(${quoted(merged.versionId)}, { branch: '${mine}' })`,
    once: true,
    call: async () => {
      await universe.revert(merged.versionId, { branch: mine })
      return look()
    },
    lines: (shown) => [shown],
  })
}

async function conflictsOf(universe: Universe): Promise<Conflict[]> {
  try {
    await universe.merge(yours, { into: mine })
    return []
  } catch (error) {
    if (error instanceof MergeConflictError) return error.conflicts
    throw error
  }
}

function lineOf({ id, kind, key, base, ours, theirs }: Conflict): string {
  const said = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value))
  const what = `${printable(id)} ${kind}${key === undefined ? '' : ` ${printable(key)}`}`
  return `${what}: base ${said(base)}, ours ${said(ours)}, theirs ${said(theirs)}`
}

function ratingOf({ metadata }: { metadata: Record<string, unknown> }): string {
  const { rating, seen, note } = metadata
  return JSON.stringify({ rating, seen, note })
}
