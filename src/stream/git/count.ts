/** How many versions the history of a repository becomes, told before they are made. */
import type { GitOptions } from '../git.js'
import { startGit } from './process.js'
import { ByteReader } from './reader.js'
import { openRepository } from './repository.js'
import { headsOf } from './walk.js'

const lineFeed = 10

/**
 * The number of versions that `versionsOfGit` makes of the repository at or around a folder.
 *
 * @throws {NotFoundError} where there is no repository, or no program `git`.
 * @throws {IntegrityError} when git cannot read it.
 */
export async function countOfGit(path: string, options: GitOptions = {}): Promise<number> {
  using opened = await openRepository(path, options.signal)
  const heads = opened === undefined ? [] : headsOf(opened, options.all === true)
  if (opened === undefined || heads.length === 0) return 0
  const which = options.all ? [] : ['--first-parent']
  using list = startGit(opened, ['rev-list', '--count', ...which, '--stdin'])
  list.stdin.end(heads.map((head) => `${head}\n`).join(''))
  const count = await new ByteReader(list.stdout).before(lineFeed)
  await list.finished()
  return Number(count)
}
