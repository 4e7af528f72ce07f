/**
 * The commits of a first-parent chain, each with what it changed in the tree of its first parent.
 *
 * `rev-list` names the commits; `diff-tree` is told for each which commit to compare it with, so
 * that it never decides by itself what a parent is. Both run once for the whole history and no
 * faster than the caller reads. A commit is given only when git has gone past it, or has ended
 * well: one cut short looks like one with fewer changes.
 */
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { readUtf8 } from './names.js'
import { type Place, startGit } from './process.js'
import { ByteReader } from './reader.js'

export interface Commit {
  id: string
  /** The first parent; undefined for a root and at the boundary of a shallow clone. */
  parent: string | undefined
  /** When it was committed, in digits; empty where git cannot read it. */
  seconds: string
  author: string
  message: string
  changes: TreeChange[]
}

/** One entry of a tree, before and after; the mode `000000` stands for none. */
export interface TreeChange {
  /** Bytes, one character each (latin1), as git keeps it. */
  path: string
  modeBefore: string
  mode: string
  /** The object after the change: a blob, a tree, or the commit of a submodule. */
  object: string
}

const nul = 0
const lineFeed = 10
const colon = 58
const nothing = Buffer.alloc(0)

const comparison = [
  ...['diff-tree', '--stdin', '--always', '--root', '-r', '-t', '-z', '--raw', '--no-abbrev'],
  ...['--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none'],
  // Re-encoded by git from what the commit calls its encoding, where git knows that one.
  ...['--encoding=UTF-8', '--format=%H%x00%ct%x00%an%x00%B'],
]

/**
 * The chain that ends in `head`, its root first.
 *
 * @throws {IntegrityError} when git cannot read the repository, maybe after some commits.
 */
export async function* firstParentChain(place: Place, head: string): AsyncGenerator<Commit> {
  using chain = startGit(place, ['rev-list', '--first-parent', '--reverse', head, '--'])
  using differences = startGit(place, comparison)
  const fed = pipeline(comparisons(chain.stdout), differences.stdin)
  fed.catch(() => {}) // Git itself says better what went wrong.

  let parent: string | undefined
  const ended = async () => {
    await chain.finished()
    await differences.finished()
    await fed
  }
  for await (const commit of commitsIn(differences.stdout, ended)) {
    yield { ...commit, parent }
    parent = commit.id
  }
}

/** For each commit, one a line, the line that has it compared with the commit before it. */
async function* comparisons(chain: Readable): AsyncGenerator<string> {
  let previous = ''
  let rest = ''
  for await (const chunk of chain) {
    const commits = (rest + chunk.toString('latin1')).split('\n')
    rest = commits.pop() ?? ''
    let lines = ''
    for (const commit of commits) {
      lines += `${commit}${previous}\n`
      previous = ` ${commit}`
    }
    yield lines
  }
}

/**
 * What `diff-tree` writes for each commit: the fields of the format and, where anything changed,
 * `\n` and for each entry `:<mode> <mode> <object> <object> <letter>` and the path; each of these
 * ends with NUL. `ended` is awaited before the last one is given.
 */
async function* commitsIn(output: Readable, ended: () => Promise<void>): AsyncGenerator<Omit<Commit, 'parent'>> {
  const reader = new ByteReader(output)
  const text = async () => readUtf8((await reader.before(nul)) ?? nothing)

  let next = await reader.before(nul)
  while (next) {
    const id = next.toString('latin1')
    const seconds = await text()
    const author = await text()
    const message = await text()
    const changes: TreeChange[] = []
    next = await reader.before(nul)
    if (next?.[0] === lineFeed) next = next.subarray(1)
    while (next?.[0] === colon) {
      const change = treeChange(next)
      const path = (await reader.before(nul)) ?? nothing
      changes.push({ ...change, path: path.toString('latin1') })
      next = await reader.before(nul)
    }
    if (!next) await ended()
    yield { id, seconds, author, message, changes }
  }
  await ended()
}

/** The letter says no more than the modes do. Texts are cut from bytes: parts of a string keep it whole. */
function treeChange(entry: Buffer): Omit<TreeChange, 'path'> {
  const idLength = (entry.length - ':mode.. mode..   L'.length) / 2
  const text = (start: number, length: number) => entry.toString('latin1', start, start + length)
  return { modeBefore: text(1, 6), mode: text(8, 6), object: text(16 + idLength, idLength) }
}
