/**
 * Commits, each with what differs in its tree from the one that was visited before it.
 *
 * `diff-tree` is told for each commit what to compare it with, so that it never decides by itself what
 * a parent is. It runs once for the whole history and no faster than the caller reads. A commit is
 * given only when git has gone past it, or has ended well: one cut short looks like one with fewer
 * changes.
 */
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UniverseError } from '../../model/errors.js'
import { readUtf8 } from './names.js'
import { type Place, startGit } from './process.js'
import { ByteReader } from './reader.js'
import type { Visit } from './walk.js'

export interface Commit {
  id: string
  /** None for a root and at the boundary of a shallow clone; undefined where it is only on the way. */
  parents: string[] | undefined
  /** Whether the tree before it is the empty one. */
  isFresh: boolean
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
 * The commits of a walk.
 *
 * @throws {IntegrityError} when git cannot read the repository, maybe after some commits.
 */
export async function* commitsOf(place: Place, walk: AsyncIterable<Visit>): AsyncGenerator<Commit> {
  using differences = startGit(place, comparison)
  const visits: Visit[] = []
  const lines = async function* () {
    for await (const visit of walk) {
      visits.push(visit)
      yield visit.from === undefined ? `${visit.commit}\n` : `${visit.commit} ${visit.from}\n`
    }
  }
  let broken: unknown
  const fed = pipeline(lines, differences.stdin).catch((error: unknown) => {
    broken = error
  })
  const ended = async () => {
    await fed
    // Where git ended early it says itself what went wrong.
    if (broken instanceof UniverseError) throw broken
    await differences.finished()
    if (broken !== undefined) throw broken
  }
  for await (const commit of commitsIn(differences.stdout, ended)) {
    const { from, parents } = visits.shift() as Visit
    yield { ...commit, parents, isFresh: from === undefined }
  }
}

/**
 * What `diff-tree` writes for each commit: the fields of the format and, where anything changed,
 * `\n` and for each entry `:<mode> <mode> <object> <object> <letter>` and the path; each of these
 * ends with NUL. `ended` is awaited before the last one is given.
 */
async function* commitsIn(
  output: Readable,
  ended: () => Promise<void>,
): AsyncGenerator<Omit<Commit, 'parents' | 'isFresh'>> {
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
