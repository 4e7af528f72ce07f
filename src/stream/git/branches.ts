/**
 * What the branches of a repository are called in a stream.
 *
 * Its own name where that is free, else its full one (`refs/heads/…`). No two are called the same, and none as a
 * commit is, whichever branches and commits come later: run again, an import finds each under the name it gave.
 */
import { refusedBranchName } from '../../model/id.js'
import { shownPath, textOf } from './names.js'

/** A branch as git keeps it. */
export interface GitBranch {
  commit: string
  /** Bytes, one character each (latin1), without `refs/heads/`. */
  name: string
}

/** Names by the commits that they stand at, and what has none. */
export interface BranchNames {
  byCommit: ReadonlyMap<string, string[]>
  unnamed: { branch: string; reason: string }[]
}

const heads = 'refs/heads/'

/** Names branches where `head`, if there is one, is `main`. */
export function nameBranches(branches: readonly GitBranch[], head: string | undefined): BranchNames {
  const byCommit = new Map<string, string[]>()
  const unnamed: BranchNames['unnamed'] = []
  const commits = new Map(branches.map(({ name, commit }) => [textOf(name), commit]))

  /** Whether a branch cannot have its own name: it breaks the rule, or is that of something else. */
  const isCalledInFull = (name: string): boolean => {
    if (name === 'main') return head !== undefined && commits.get(name) !== head
    // As a commit is called, in SHA-1 or SHA-256, though maybe none of these.
    if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name) || refusedBranchName(name) !== undefined) return true
    const other = name.startsWith(heads) ? name.slice(heads.length) : undefined
    return other !== undefined && commits.has(other) && isCalledInFull(other)
  }

  for (const { name: bytes, commit } of branches) {
    const own = textOf(bytes)
    const name = own !== undefined && isCalledInFull(own) ? heads + own : own
    const reason = name === undefined ? 'is no UTF-8' : refusedBranchName(name)
    if (name === undefined || reason !== undefined) unnamed.push({ branch: shownPath(bytes), reason: reason as string })
    else byCommit.set(commit, [...(byCommit.get(commit) ?? []), name])
  }
  return { byCommit, unnamed }
}
