/** How many versions the history of a repository becomes, told before they are made. */
import type { GitOptions } from '../git.js'
import { askGit, unreadable } from './process.js'
import { openRepository } from './repository.js'

/**
 * The number of versions that `versionsOfGit` makes of the repository at or around a folder.
 *
 * @throws {NotFoundError} where there is no repository, or no program `git`.
 * @throws {IntegrityError} when git cannot read it.
 */
export async function countOfGit(path: string, options: GitOptions = {}): Promise<number> {
  using opened = await openRepository(path, options.signal)
  if (!opened) return 0
  const which = options.all ? [opened.head, ...opened.branches.keys()] : ['--first-parent', opened.head]
  const args = ['rev-list', '--count', ...which]
  const { status, answer, complaint } = await askGit(args, opened.environment, options.signal)
  if (status !== 0) throw unreadable(args, complaint)
  return Number(answer)
}
