/**
 * A repository whose objects are read and whose configuration is not.
 *
 * Git runs in an empty repository of its own, in a temporary folder, which borrows the objects of
 * the one that is read and knows where its shallow history begins. So nothing that either the
 * repository or its user configures can change what git says or be run by it: no hook, filter,
 * driver, signature check or file system monitor, no replacement or graft (they give a commit
 * another content under the same id), no fetch of what a partial clone lacks.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { NotFoundError } from '../../model/errors.js'
import type { GitBranch } from './branches.js'
import { askGit, type Place, startGit, unreadable } from './process.js'
import { ByteReader } from './reader.js'

/** A repository. Dispose of it when every git that reads it has ended. */
export interface Repository extends Place, Disposable {
  /** The commit that HEAD named when the repository was opened; undefined where it had none yet. */
  head: string | undefined
  /** The branches of then that stood at commits, by name. */
  branches: readonly GitBranch[]
}

const lineFeed = 10

/** What of the caller's environment says where git lies and how repositories are found. */
const inherited = new Set([
  ...['GIT_EXEC_PATH', 'GIT_CEILING_DIRECTORIES', 'GIT_DISCOVERY_ACROSS_FILESYSTEM'],
  ...['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM'],
])

/**
 * Opens the repository at `path`: a bare one, a `.git` folder, or that in whose work tree `path`
 * stands. Undefined where neither HEAD nor a branch has a commit yet.
 *
 * @throws {NotFoundError} where there is no repository, or no program `git`.
 */
export async function openRepository(path: string, signal?: AbortSignal): Promise<Repository | undefined> {
  // Asked with the user's own configuration: it alone may say, with `safe.directory`, that a
  // repository of another owner is trusted.
  const environment = plainEnvironment()
  const find = ['-C', resolve(path), 'rev-parse', '--absolute-git-dir']
  const found = await askGit(find, environment, signal)
  if (found.status !== 0) {
    throw new NotFoundError({ what: 'Git repository', id: path, hint: found.complaint })
  }
  const inside = (...args: string[]) =>
    askGit(['-C', found.answer, ...args], { ...environment, GIT_DIR: found.answer }, signal)

  const head = await inside('rev-parse', '--verify', '--quiet', 'HEAD')
  if (head.status !== 0) {
    // Only a branch that was never written still has a name.
    const unborn = await inside('symbolic-ref', 'HEAD')
    if (unborn.status !== 0) throw unreadable(['symbolic-ref'], unborn.complaint)
  }
  // A linked work tree has a folder of its own beside the one with the objects.
  const common = await inside('rev-parse', '--git-common-dir')
  const branches = await branchesOf({
    directory: found.answer,
    environment: { ...environment, GIT_DIR: found.answer },
    signal,
  })
  const some = head.status === 0 ? head.answer : branches[0]?.commit
  if (some === undefined) return undefined
  const place = borrow(resolve(found.answer, common.answer), some, environment, signal)
  return { ...place, head: head.status === 0 ? head.answer : undefined, branches }
}

/** Names are bytes, and there may be more than a short answer holds. */
async function branchesOf(place: Place): Promise<GitBranch[]> {
  using list = startGit(place, [
    'for-each-ref',
    '--format=%(objecttype) %(objectname) %(refname:lstrip=2)',
    'refs/heads',
  ])
  list.stdin.end()
  const reader = new ByteReader(list.stdout)
  const branches: GitBranch[] = []
  for (let line = await reader.before(lineFeed); line; line = await reader.before(lineFeed)) {
    const [type, commit = '', ...name] = line.toString('latin1').split(' ')
    if (type === 'commit') branches.push({ commit, name: name.join(' ') })
  }
  await list.finished()
  return branches
}

function borrow(
  gitDirectory: string,
  commit: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Place & Disposable {
  const directory = makeEmptyRepository(commit.length === 64 ? 'sha256' : 'sha1')
  const shallow = join(gitDirectory, 'shallow')
  if (existsSync(shallow)) copyFileSync(shallow, join(directory, 'shallow'))
  return {
    directory,
    signal,
    environment: {
      ...environment,
      GIT_DIR: directory,
      GIT_OBJECT_DIRECTORY: join(gitDirectory, 'objects'),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }),
  }
}

function makeEmptyRepository(objectFormat: string): string {
  // Objects larger than 1 MiB are passed on piece by piece, for none of them is of use here.
  const core = '[core]\nrepositoryFormatVersion = 1\nbare = true\nbigFileThreshold = 1m\n'
  try {
    const directory = mkdtempSync(join(tmpdir(), 'inner-universe-git-'))
    mkdirSync(join(directory, 'refs'))
    writeFileSync(join(directory, 'HEAD'), 'ref: refs/heads/main\n')
    writeFileSync(join(directory, 'config'), `${core}[extensions]\nobjectFormat = ${objectFormat}\n`)
    return directory
  } catch (cause) {
    throw new NotFoundError({ what: 'Temporary folder', id: tmpdir(), cause })
  }
}

function plainEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (!name.toUpperCase().startsWith('GIT_') || inherited.has(name)) environment[name] = value
  }
  return { ...environment, LC_ALL: 'C', LANGUAGE: 'C', GIT_OPTIONAL_LOCKS: '0' }
}
