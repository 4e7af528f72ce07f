/**
 * Which file imports which, kept from commit to commit.
 *
 * An import can begin or end without its file being touched: the file it means appears, moves or
 * is shadowed by a likelier one. So each module's targets are kept, and for each target its
 * modules; what may mean something else after a change is resolved again, and nothing more.
 */
import { candidates, targetOf, targetsThatMayMean } from './resolve.js'
import { type File, submoduleMode, type Tree, type TreeDifference } from './tree.js'

/** The imports that began and ended, as paths: importer, imported. Each pair at most once. */
export interface ImportDifference {
  created: [from: string, to: string][]
  deleted: [from: string, to: string][]
}

/** The modules of one tree and what they import. */
export interface Imports {
  /** By module: what its specifiers aim at. */
  targets: Map<string, string[]>
  /** By target: the modules that aim at it. */
  importers: Map<string, Set<string>>
  /** By module: the files it imports. */
  imported: Map<string, Set<string>>
}

export function noImports(): Imports {
  return { targets: new Map(), importers: new Map(), imported: new Map() }
}

/** The blobs whose specifiers `moveImports` has to know. */
export function newModules(difference: TreeDifference): Set<string> {
  const blobs = new Set<string>()
  for (const [path, { before, after }] of difference.files) {
    if (after && isModule(path, after) && !hasSameSource(path, before, after)) blobs.add(after.blob)
  }
  return blobs
}

/**
 * Moves `imports` along with `tree`, which stands after `difference` already. `specifiers` are
 * those of each blob in `newModules`; a blob without is no readable module and imports nothing.
 *
 * Cost: O(modules that changed, and importers of what appeared or disappeared).
 */
export function moveImports(
  imports: Imports,
  tree: Tree,
  difference: TreeDifference,
  specifiers: ReadonlyMap<string, readonly string[]>,
): ImportDifference {
  const moved: ImportDifference = { created: [], deleted: [] }
  for (const module of unsettledModules(imports, difference, specifiers)) {
    const before = imports.imported.get(module)
    const after = importedBy(imports.targets.get(module) ?? [], tree)
    for (const path of before ?? []) if (!after.has(path)) moved.deleted.push([module, path])
    for (const path of after) if (!before?.has(path)) moved.created.push([module, path])
    if (after.size > 0) imports.imported.set(module, after)
    else imports.imported.delete(module)
  }
  return moved
}

/** Takes over the targets of the modules that changed; gives every module to be resolved again. */
function unsettledModules(
  imports: Imports,
  difference: TreeDifference,
  specifiers: ReadonlyMap<string, readonly string[]>,
): Set<string> {
  const unsettled = new Set<string>()
  for (const [path, { before, after }] of difference.files) {
    if (hasSameSource(path, before, after)) continue
    const found = after && isModule(path, after) ? (specifiers.get(after.blob) ?? []) : []
    setTargets(imports, path, found)
    unsettled.add(path)
  }
  for (const [path, { before, after }] of difference.files) {
    if (canBeImported(before) === canBeImported(after)) continue
    for (const target of targetsThatMayMean(path)) {
      for (const module of imports.importers.get(target) ?? []) unsettled.add(module)
    }
  }
  return unsettled
}

function setTargets(imports: Imports, module: string, specifiers: readonly string[]): void {
  for (const target of imports.targets.get(module) ?? []) {
    const importers = imports.importers.get(target)
    importers?.delete(module)
    if (importers?.size === 0) imports.importers.delete(target)
  }
  const targets = new Set<string>()
  for (const specifier of specifiers) {
    const target = targetOf(module, specifier)
    if (target !== undefined) targets.add(target)
  }
  for (const target of targets) {
    const importers = imports.importers.get(target)
    if (importers) importers.add(module)
    else imports.importers.set(target, new Set([module]))
  }
  if (targets.size > 0) imports.targets.set(module, [...targets])
  else imports.targets.delete(module)
}

function importedBy(targets: readonly string[], tree: Tree): Set<string> {
  const imported = new Set<string>()
  for (const target of targets) {
    for (const path of candidates(target)) {
      if (!canBeImported(tree.files.get(path))) continue
      imported.add(path)
      break
    }
  }
  return imported
}

/** A submodule is a directory to whoever imports. */
function canBeImported(file: File | undefined): boolean {
  return file !== undefined && file.mode !== submoduleMode
}

/** The same source before and after, or none both times. */
function hasSameSource(path: string, before: File | undefined, after: File | undefined): boolean {
  const source = (file: File | undefined) => (file && isModule(path, file) ? file.blob : undefined)
  return source(before) === source(after)
}

/** A link's blob is a path, not a source. */
function isModule(path: string, file: File): boolean {
  return file.mode.startsWith('100') && /\.[cm]?[jt]s$|\.[jt]sx$/.test(path)
}
