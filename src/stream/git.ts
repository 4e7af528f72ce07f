/**
 * A git repository's history as a version stream: DESIGN's `import-git`.
 *
 * HEAD's first-parent chain is `main`: the record of HEAD carries the name, and without `all` each has
 * the record before it as its one parent. A record is made from two trees alone, its commit's and its
 * first parent's. Whatever the repository holds, every record passes the guard of an import, a version of
 * more than 1,000,000 operations aside.
 */
import { refusedBranchName } from '../model/id.js'
import type { VersionRecord } from '../model/record.js'
import { commitsOf } from './git/commits.js'
import { moveImports, newModules, noImports } from './git/imports.js'
import { descriptionOf, ownerNamed } from './git/names.js'
import { ObjectReader } from './git/objects.js'
import { operationsOf } from './git/operations.js'
import { throwIfAborted } from './git/process.js'
import { openRepository } from './git/repository.js'
import { SourceReader } from './git/sources.js'
import { timestampOf } from './git/time.js'
import { emptyTree, moveTree } from './git/tree.js'
import { allOf, chainTo } from './git/walk.js'

/** Which commits become versions. */
export interface GitOptions {
  /**
   * Whether all that branches descend from is taken, with merges, each branch by its name. Default:
   * false: HEAD's first-parent chain.
   */
  all?: boolean | undefined
  signal?: AbortSignal | undefined
}

/**
 * The versions of the repository at or around the folder `repository`, parents first; none where
 * HEAD has no commit yet. What the repository configures and what the user configures changes
 * nothing, and nothing that either names is run.
 *
 * Memory: the tree of one commit and its imports, and the changes of one version.
 *
 * @throws {NotFoundError} where there is no repository, or no program `git`.
 * @throws {IntegrityError} when git cannot read the repository, maybe after some versions.
 * @throws {AbortError} when `signal` is aborted.
 */
export async function* versionsOfGit(repository: string, options: GitOptions = {}): AsyncGenerator<VersionRecord> {
  const { all = false, signal } = options
  using opened = await openRepository(repository, signal)
  if (!opened) return
  using objects = new ObjectReader(opened)
  const sources = new SourceReader(objects)
  const { head, branches } = opened
  let [tree, imports] = [emptyTree(), noImports()]

  const walk = all ? allOf(opened, [head, ...branches.keys()]) : chainTo(opened, head)
  for await (const commit of commitsOf(opened, walk)) {
    if (commit.isFresh) [tree, imports] = [emptyTree(), noImports()]
    const difference = moveTree(tree, commit.changes)
    const specifiers = await sources.specifiers(newModules(difference))
    const movedImports = moveImports(imports, tree, difference, specifiers)
    throwIfAborted(signal)
    if (commit.parents === undefined) continue
    const names = namesOf(commit.id, head, all ? (branches.get(commit.id) ?? []) : [])
    yield {
      version: commit.id,
      parents: commit.parents,
      timestamp: await timestampOf(commit, objects),
      owner: ownerNamed(commit.author),
      description: descriptionOf(commit.message),
      operations: operationsOf(difference, movedImports),
      ...(names.length === 0 ? {} : { branch: names.length === 1 ? (names[0] as string) : names }),
    }
  }
}

/** HEAD is `main`, whatever it is called. Another branch of that name, or of one that breaks the rule, is called in full. */
function namesOf(commit: string, head: string, branches: readonly string[]): string[] {
  const others = branches.filter((name) => name !== 'main' || commit !== head)
  const full = others.map((name) => (name === 'main' || refusedBranchName(name) ? `refs/heads/${name}` : name))
  return [...(commit === head ? ['main'] : []), ...full.filter((name) => refusedBranchName(name) === undefined)]
}
