/** Real repositories in a temporary folder, the same on every machine: fixed names, fixed dates. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VersionRecord } from '../../../src/model/record.js'
import { versionsOfGit } from '../../../src/stream/git.js'

/** Without the settings of whoever runs the tests. */
const cleanEnvironment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
}

/** What a commit of `fast-import` changes. Paths and contents are bytes where they are Buffers. */
export type Change =
  | { path: string | Buffer; content: string | Buffer; mode?: string }
  | { path: string | Buffer; object: string; mode: string }
  | { path: string | Buffer; deleted: true }

export interface TestRepository extends Disposable {
  path: string
  /** Runs git in the repository; gives what it says, without the last line feed. */
  git(args: string[], input?: string | Buffer): string
  /** Adds a commit to `main`, a second after the one before, the first at 1,700,000,001. */
  commit(changes: Change[], options?: { message?: string | Buffer; parents?: string[] }): string
  /** Writes a commit object as it stands, however broken, as the head of `main`. */
  rawCommit(text: string | Buffer): string
  records(): Promise<VersionRecord[]>
}

/** A new repository, bare, with `main` as its HEAD. It is removed at the end of its scope. */
export function makeRepository(...options: string[]): TestRepository {
  const path = mkdtempSync(join(tmpdir(), 'git-'))
  const git = (args: string[], input: string | Buffer = '') => runGit(path, args, input)
  git(['init', '--quiet', '--bare', '--initial-branch=main', ...options])
  let seconds = 1_700_000_000
  let head: string | undefined

  return {
    path,
    git,
    commit(changes, { message = `Change ${seconds}`, parents = head ? [head] : [] } = {}) {
      seconds++
      git(['fast-import', '--quiet', '--force'], importStream(changes, message, parents, seconds))
      head = git(['rev-parse', 'main'])
      return head
    },
    rawCommit(text) {
      head = git(['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'], text)
      git(['update-ref', 'refs/heads/main', head])
      return head
    },
    records: () => recordsOf(path),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

export function runGit(path: string, args: string[], input: string | Buffer = ''): string {
  const options = { cwd: path, env: cleanEnvironment, input, maxBuffer: 1e9 }
  const said = execFileSync('git', args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
  return said.toString('utf8').replace(/\n$/, '')
}

export async function recordsOf(path: string): Promise<VersionRecord[]> {
  const records: VersionRecord[] = []
  for await (const record of versionsOfGit(path)) records.push(record)
  return records
}

function importStream(changes: Change[], message: string | Buffer, parents: string[], seconds: number): Buffer {
  const [from, ...merged] = parents
  const parts: (string | Buffer)[] = [
    'commit refs/heads/main\n',
    `committer Ada <ada@example.org> ${seconds} +0000\n`,
    ...counted(message),
  ]
  if (from !== undefined) parts.push(`from ${from}\n`)
  for (const parent of merged) parts.push(`merge ${parent}\n`)
  for (const change of changes) {
    if ('deleted' in change) parts.push('D ', quoted(change.path), '\n')
    else if ('object' in change) {
      parts.push(`M ${change.mode} ${change.object} `, quoted(change.path), '\n')
    } else {
      parts.push(`M ${change.mode ?? '100644'} inline `, quoted(change.path), '\n')
      parts.push(...counted(change.content))
    }
  }
  return Buffer.concat(parts.map((part) => Buffer.from(part)))
}

function counted(content: string | Buffer): (string | Buffer)[] {
  return [`data ${Buffer.byteLength(content)}\n`, content, '\n']
}

/** A path as fast-import reads any bytes: in quotes, each byte in octal digits. */
function quoted(path: string | Buffer): string {
  const bytes = [...Buffer.from(path)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
  return `"${bytes.join('')}"`
}
