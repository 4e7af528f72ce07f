/**
 * The tree of one commit, all its files and directories by path, and how a list of changes moves it
 * to the tree of another.
 *
 * A directory is there while a tree lists it or something stands below it; the root always is. So
 * every entry has its directory, even where a broken tree names `a/b` in one entry. A file and a
 * directory at one path are two things. The tree and the difference between two of them are all
 * that a version is made from: which commit the tree stood at before does not matter.
 */
import type { TreeChange } from './commits.js'

export interface File {
  /** Git's six octal digits: a regular file, an executable, a link, or a submodule. */
  readonly mode: string
  /** The id of the content; for a submodule, of its commit. */
  readonly blob: string
}

interface Directory {
  isListed: boolean
  entries: number
}

export interface Tree {
  files: Map<string, File>
  directories: Map<string, Directory>
}

/** By path, what differs; undefined where there was, or is, no file. */
export interface TreeDifference {
  files: Map<string, { before: File | undefined; after: File | undefined }>
  directories: Map<string, 'created' | 'deleted'>
}

export const directoryMode = '040000'
export const submoduleMode = '160000'
const noMode = '000000'

/** A tree before the first commit: not even a root. */
export function emptyTree(): Tree {
  return { files: new Map(), directories: new Map() }
}

/**
 * Moves `tree` by `changes` and tells what differs then, net.
 *
 * Cost: O(changes and the directories above them).
 */
export function moveTree(tree: Tree, changes: readonly TreeChange[]): TreeDifference {
  const difference: TreeDifference = { files: new Map(), directories: new Map() }
  if (!tree.directories.has('')) setListed(tree, '', true, difference)

  for (const { path, modeBefore, mode, object } of changes) {
    const wasDirectory = modeBefore === directoryMode
    const isDirectory = mode === directoryMode
    if (wasDirectory !== isDirectory) setListed(tree, path, isDirectory, difference)
    if (!isDirectory && mode !== noMode) setFile(tree, path, { mode, blob: object }, difference)
    else if (!wasDirectory && modeBefore !== noMode) setFile(tree, path, undefined, difference)
  }
  return difference
}

/** The directory that holds a path: '' is the root. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function setFile(tree: Tree, path: string, after: File | undefined, difference: TreeDifference): void {
  const now = tree.files.get(path)
  const noted = difference.files.get(path)
  const before = noted ? noted.before : now
  if (before?.blob === after?.blob && before?.mode === after?.mode) difference.files.delete(path)
  else difference.files.set(path, { before, after })

  if (after) tree.files.set(path, after)
  else tree.files.delete(path)
  if (!now === !after) return
  const entries = after ? 1 : -1
  changeDirectory(tree, directoryOf(path), difference, (holder) => {
    holder.entries += entries
  })
}

function setListed(tree: Tree, path: string, isListed: boolean, difference: TreeDifference): void {
  changeDirectory(tree, path, difference, (directory) => {
    directory.isListed = isListed
  })
}

function changeDirectory(
  tree: Tree,
  path: string,
  difference: TreeDifference,
  change: (directory: Directory) => void,
): void {
  const directory = tree.directories.get(path) ?? { isListed: false, entries: 0 }
  const wasThere = tree.directories.has(path)
  change(directory)
  const isThere = directory.isListed || directory.entries > 0
  if (isThere === wasThere) return

  if (isThere) tree.directories.set(path, directory)
  else tree.directories.delete(path)
  // Noted already, it is again what it was before.
  if (!difference.directories.delete(path)) {
    difference.directories.set(path, isThere ? 'created' : 'deleted')
  }
  if (path === '') return
  const entries = isThere ? 1 : -1
  changeDirectory(tree, directoryOf(path), difference, (holder) => {
    holder.entries += entries
  })
}
