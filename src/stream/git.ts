/**
 * A git repository's history as a version stream: DESIGN's `import-git`.
 *
 * HEAD's first-parent chain is `main`: the record of HEAD carries the name, and without `all` each has
 * the record before it as its one parent. A record is made from two trees alone, its commit's and its
 * first parent's. Whatever the repository holds, an empty universe takes every record, a version of more
 * than 1,000,000 operations aside.
 */
import type { VersionRecord } from '../model/record.js'
import { nameBranches } from './git/branches.js'
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
import { allOf, chainTo, headsOf } from './git/walk.js'

/** Which commits become versions. */
export interface GitOptions {
  /**
   * Whether all that branches descend from is taken, with merges, each branch by its name, or by its full
   * one (`refs/heads/…`) where that is not free. Default: false: HEAD's first-parent chain.
   */
  all?: boolean | undefined
  /** Called for what of the repository is left out, in a sentence. */
  onOmission?: ((omission: string) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * The versions of the repository at or around the folder `repository`, parents first; none where
 * HEAD, and with `all` every branch, has no commit yet. What the repository configures and what the user configures changes
 * nothing, and nothing that either names is run.
 *
 * Memory: the tree of one commit and its imports, and the changes of one version.
 *
 * @throws {NotFoundError} where there is no repository, or no program `git`.
 * @throws {IntegrityError} when git cannot read the repository, maybe after some versions.
 * @throws {AbortError} when `signal` is aborted.
 */
export async function* versionsOfGit(repository: string, options: GitOptions = {}): AsyncGenerator<VersionRecord> {
  const { all = false, onOmission = () => {}, signal } = options
  using opened = await openRepository(repository, signal)
  if (opened === undefined) return onOmission('The repository has no commit yet.')
  const { head } = opened
  if (!all && head === undefined) return onOmission('HEAD has no commit yet; branches have, and --all takes them.')
  const names = nameBranches(all ? opened.branches : [], head)
  for (const { branch, reason } of names.unnamed) {
    onOmission(`The branch ${JSON.stringify(branch)} is left without a name: its own ${reason}.`)
  }
  using objects = new ObjectReader(opened)
  const sources = new SourceReader(objects)
  let [tree, imports] = [emptyTree(), noImports()]

  const heads = headsOf(opened, all)
  const walk = all ? allOf(opened, heads) : chainTo(opened, heads[0] as string)
  for await (const commit of commitsOf(opened, walk)) {
    if (commit.isFresh) [tree, imports] = [emptyTree(), noImports()]
    const difference = moveTree(tree, commit.changes)
    const specifiers = await sources.specifiers(newModules(difference))
    const movedImports = moveImports(imports, tree, difference, specifiers)
    throwIfAborted(signal)
    if (commit.parents === undefined) continue
    const branch = [...new Set([...(commit.id === head ? ['main'] : []), ...(names.byCommit.get(commit.id) ?? [])])]
    yield {
      version: commit.id,
      parents: commit.parents,
      timestamp: await timestampOf(commit, objects),
      owner: ownerNamed(commit.author),
      description: descriptionOf(commit.message),
      operations: operationsOf(difference, movedImports),
      ...(branch.length === 0 ? {} : { branch: branch.length === 1 ? (branch[0] as string) : branch }),
    }
  }
}
