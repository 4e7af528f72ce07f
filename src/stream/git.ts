/**
 * A git repository's history as a version stream: DESIGN's `import-git`.
 *
 * HEAD's first-parent chain is `main`: each record has the record before it as its one parent, and
 * the last carries the branch. A record is made from two trees alone, its commit's and its first
 * parent's. Whatever the repository holds, every record passes the guard of an import, a version of
 * more than 1,000,000 operations aside.
 */
import type { VersionRecord } from '../model/record.js'
import { firstParentChain } from './git/commits.js'
import { moveImports, newModules, noImports } from './git/imports.js'
import { descriptionOf, ownerNamed } from './git/names.js'
import { ObjectReader } from './git/objects.js'
import { operationsOf } from './git/operations.js'
import { throwIfAborted } from './git/process.js'
import { openRepository } from './git/repository.js'
import { SourceReader } from './git/sources.js'
import { timestampOf } from './git/time.js'
import { emptyTree, moveTree } from './git/tree.js'

/**
 * The versions of the repository at or around the folder `repository`, the root first; none where
 * HEAD has no commit yet. What the repository configures and what the user configures changes
 * nothing, and nothing that either names is run.
 *
 * Memory: the tree of one commit and its imports, and the changes of one version.
 *
 * @throws {NotFoundError} where there is no repository, or no program `git`.
 * @throws {IntegrityError} when git cannot read the repository, maybe after some versions.
 * @throws {AbortError} when `signal` is aborted.
 */
export async function* versionsOfGit(
  repository: string,
  options: { signal?: AbortSignal } = {},
): AsyncGenerator<VersionRecord> {
  using opened = await openRepository(repository, options.signal)
  if (!opened) return
  using objects = new ObjectReader(opened)
  const sources = new SourceReader(objects)
  const tree = emptyTree()
  const imports = noImports()

  for await (const commit of firstParentChain(opened, opened.head)) {
    const difference = moveTree(tree, commit.changes)
    const specifiers = await sources.specifiers(newModules(difference))
    const movedImports = moveImports(imports, tree, difference, specifiers)
    throwIfAborted(options.signal)
    yield {
      version: commit.id,
      parents: commit.parent === undefined ? [] : [commit.parent],
      timestamp: await timestampOf(commit, objects),
      owner: ownerNamed(commit.author),
      description: descriptionOf(commit.message),
      operations: operationsOf(difference, movedImports),
      ...(commit.id === opened.head ? { branch: 'main' } : {}),
    }
  }
}
