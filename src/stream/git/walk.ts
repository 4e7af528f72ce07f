/**
 * In which order commits are visited, and from which tree each one is reached.
 *
 * A first-parent chain from its root on, or all that several heads descend from, parents before
 * children and line by line. A tree is moved from commit to commit: where a commit does not follow
 * the one before it, its first parent's tree is visited first.
 */
import { type Place, startGit } from './process.js'
import type { Repository } from './repository.js'

/** What is visited: a commit, or on the way to one the tree of its first parent. */
export interface Visit {
  commit: string
  /** What its tree is compared with; undefined: with no tree at all. */
  from: string | undefined
  /** The commit's parents; undefined on the way to another commit. */
  parents: string[] | undefined
}

/** What a walk begins at: HEAD, or with `all` the branches too. */
export function headsOf({ head, branches }: Repository, all: boolean): string[] {
  const heads = all ? branches.map(({ commit }) => commit) : []
  return head === undefined ? heads : [head, ...heads]
}

/** Along first parents: every commit has the one before it as its parent. */
export async function* chainTo(place: Place, head: string): AsyncGenerator<Visit> {
  let from: string | undefined
  for await (const [commit] of linesOf(place, ['--first-parent', head, '--'], [])) {
    yield { commit: commit as string, from, parents: from === undefined ? [] : [from] }
    from = commit
  }
}

/** All that these commits descend from. */
export async function* allOf(place: Place, heads: readonly string[]): AsyncGenerator<Visit> {
  let before: string | undefined
  for await (const [commit, ...named] of linesOf(place, ['--topo-order', '--parents', '--stdin'], heads)) {
    const parents = [...new Set(named)]
    const [first] = parents
    if (first !== undefined && first !== before) yield { commit: first, from: before, parents: undefined }
    yield { commit: commit as string, from: first, parents }
    before = commit
  }
}

async function* linesOf(place: Place, args: string[], input: readonly string[]): AsyncGenerator<string[]> {
  using list = startGit(place, ['rev-list', '--reverse', ...args])
  list.stdin.end(input.map((line) => `${line}\n`).join(''))
  let rest = ''
  for await (const chunk of list.stdout) {
    const lines = (rest + (chunk as Buffer).toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield line.split(' ')
  }
  await list.finished()
}
