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
import { askGit, type Place, unreadable } from './process.js'

/** A repository that has a commit. Dispose of it when every git that reads it has ended. */
export interface Repository extends Place, Disposable {
  /** The commit that HEAD named when the repository was opened. */
  head: string
  /** The commits that branches named then, each with the names. */
  branches: ReadonlyMap<string, string[]>
}

/** What of the caller's environment says where git lies and how repositories are found. */
const inherited = new Set([
  ...['GIT_EXEC_PATH', 'GIT_CEILING_DIRECTORIES', 'GIT_DISCOVERY_ACROSS_FILESYSTEM'],
  ...['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM'],
])

/**
 * Opens the repository at `path`: a bare one, a `.git` folder, or that in whose work tree `path`
 * stands. Undefined where HEAD has no commit yet.
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
    if (unborn.status === 0) return undefined
    throw unreadable(['symbolic-ref'], unborn.complaint)
  }
  // A linked work tree has a folder of its own beside the one with the objects.
  const common = await inside('rev-parse', '--git-common-dir')
  const branches = await inside('for-each-ref', '--format=%(objectname) %(refname:lstrip=2)', 'refs/heads')
  if (branches.status !== 0) throw unreadable(['for-each-ref'], branches.complaint)
  const place = borrow(resolve(found.answer, common.answer), head.answer, environment, signal)
  return { ...place, head: head.answer, branches: namesByCommit(branches.answer) }
}

function namesByCommit(lines: string): Map<string, string[]> {
  const names = new Map<string, string[]>()
  for (const line of lines === '' ? [] : lines.split('\n')) {
    const at = line.indexOf(' ')
    const commit = line.slice(0, at)
    names.set(commit, [...(names.get(commit) ?? []), line.slice(at + 1)])
  }
  return names
}

function borrow(
  gitDirectory: string,
  head: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Place & Disposable {
  const directory = makeEmptyRepository(head.length === 64 ? 'sha256' : 'sha1')
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
