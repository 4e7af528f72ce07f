/**
 * The operations that lead from one tree to another, in the order of DESIGN's net operations.
 *
 * Relations go before the entities they hang on and come after them, so every list is valid where
 * the tree before stands. A directory's metadata has no `blob`: its id changes with every change
 * below it, and each commit would update every directory above what it touched.
 */
import { compareIds } from '../../model/id.js'
import type { Change, Operation } from '../../model/operation.js'
import type { ImportDifference } from './imports.js'
import { entityId, relationId, shownPath } from './names.js'
import { directoryMode, directoryOf, type File, type TreeDifference } from './tree.js'

/** The operations of one version. Cost: O(n log n) for n differences. */
export function operationsOf(difference: TreeDifference, imports: ImportDifference): Operation[] {
  const deletedRelations: Operation[] = []
  const deletedEntities: Operation[] = []
  const createdEntities: Operation[] = []
  const updatedEntities: Operation[] = []
  const createdRelations: Operation[] = []

  const create = (entityType: EntityType, path: string, mode: string, blob?: string) => {
    const id = entityId(entityType, path)
    const metadata = { ...(blob === undefined ? {} : { blob }), mode, path: shownPath(path) }
    createdEntities.push({ op: 'createEntity', id, entityType, metadata })
    if (!isRoot(entityType, path)) createdRelations.push(createRelation('contains', holder(path), id))
  }
  const remove = (entityType: EntityType, path: string) => {
    const id = entityId(entityType, path)
    deletedEntities.push({ op: 'deleteEntity', id })
    if (!isRoot(entityType, path)) deletedRelations.push(deleteRelation('contains', holder(path), id))
  }

  for (const [path, kind] of difference.directories) {
    if (kind === 'created') create('directory', path, directoryMode)
    else remove('directory', path)
  }
  for (const [path, { before, after }] of difference.files) {
    if (before && after) {
      const changes = changesOf(before, after)
      updatedEntities.push({ op: 'updateEntity', id: entityId('file', path), changes })
    } else if (after) create('file', path, after.mode, after.blob)
    else remove('file', path)
  }
  for (const [from, to] of imports.deleted) {
    deletedRelations.push(deleteRelation('imports', entityId('file', from), entityId('file', to)))
  }
  for (const [from, to] of imports.created) {
    createdRelations.push(createRelation('imports', entityId('file', from), entityId('file', to)))
  }

  const groups = [deletedRelations, deletedEntities, createdEntities, updatedEntities, createdRelations]
  return groups.flatMap((group) => group.sort((a, b) => compareIds(a.id, b.id)))
}

type EntityType = 'file' | 'directory'
type RelationType = 'contains' | 'imports'

function changesOf(before: File, after: File): Change[] {
  const changes: Change[] = []
  if (before.blob !== after.blob) changes.push({ op: 'set', path: '/blob', value: after.blob })
  if (before.mode !== after.mode) changes.push({ op: 'set', path: '/mode', value: after.mode })
  return changes
}

function createRelation(relationType: RelationType, from: string, to: string): Operation {
  const id = relationId(relationType, from, to)
  return { op: 'createRelation', id, relationType, from, to, metadata: {} }
}

function deleteRelation(relationType: RelationType, from: string, to: string): Operation {
  return { op: 'deleteRelation', id: relationId(relationType, from, to) }
}

function holder(path: string): string {
  return entityId('directory', directoryOf(path))
}

function isRoot(entityType: EntityType, path: string): boolean {
  return entityType === 'directory' && path === ''
}
