/**
 * What a caller writes to a draft, and what a version records of it: a cascade becomes the
 * deletions it stands for, a merge patch and a replacement one change at the root each.
 */
import { applyOperations, checkOperations } from './apply.js'
import { copyJson, type Json, type JsonObject } from './json.js'
import type { BoundChanges, Bounds, Change, Operation, Update } from './operation.js'
import { type Contents, emptyState, relationsOf } from './state.js'

export type Command =
  | {
      call: 'createEntity'
      entityType: string
      metadata: JsonObject
      options: { id: string } & Bounds
    }
  | {
      call: 'createRelation'
      relationType: string
      from: string
      to: string
      metadata: JsonObject
      options: { id: string } & Bounds
    }
  | {
      call: 'updateEntity' | 'updateRelation'
      id: string
      patch: JsonObject
      options: BoundChanges
    }
  | { call: 'changeEntity' | 'changeRelation'; id: string; changes: Change[] }
  | { call: 'replaceEntity' | 'replaceRelation'; id: string; metadata: JsonObject }
  | { call: 'deleteEntity'; id: string; cascade: boolean }
  | { call: 'deleteRelation'; id: string }
  | { call: 'apply'; operations: Operation[] }

/** The operations that a version on top of `before` records of `commands`, or a refusal. */
export function record(before: Contents, commands: readonly Command[]): Operation[] {
  // What no state could make valid is refused first, wherever it stands.
  checkOperations(commands.flatMap((command) => operationsOf(command, emptyState)))

  const recorded: Operation[] = []
  let contents = before
  for (const command of commands) {
    const operations = operationsOf(command, contents)
    contents = applyOperations(contents, operations)
    recorded.push(...operations)
  }
  return copyJson(recorded as unknown as Json[]) as unknown as Operation[]
}

/** The operations that one command stands for; only a cascade asks what is there. */
export function operationsOf(command: Command, before: Contents): Operation[] {
  switch (command.call) {
    case 'createEntity': {
      const { entityType, metadata, options } = command
      return [{ op: 'createEntity', entityType, metadata, ...options }]
    }
    case 'createRelation': {
      const { relationType, from, to, metadata, options } = command
      return [{ op: 'createRelation', relationType, from, to, metadata, ...options }]
    }
    case 'updateEntity':
      return [update('updateEntity', command.id, patchOf(command.patch), command.options)]
    case 'updateRelation':
      return [update('updateRelation', command.id, patchOf(command.patch), command.options)]
    case 'changeEntity':
      return [update('updateEntity', command.id, command.changes)]
    case 'changeRelation':
      return [update('updateRelation', command.id, command.changes)]
    case 'replaceEntity':
      return [update('updateEntity', command.id, rootOf(command.metadata))]
    case 'replaceRelation':
      return [update('updateRelation', command.id, rootOf(command.metadata))]
    case 'deleteEntity': {
      const relations = command.cascade ? relationsOf(before, command.id) : []
      const cascade = relations.map(({ id }): Operation => ({ op: 'deleteRelation', id }))
      return [...cascade, { op: 'deleteEntity', id: command.id }]
    }
    case 'deleteRelation':
      return [{ op: 'deleteRelation', id: command.id }]
    case 'apply':
      return command.operations
  }
}

function update(op: Update['op'], id: string, changes: Change[], bounds: BoundChanges = {}): Update {
  return { op, id, changes, ...bounds }
}

function patchOf(patch: JsonObject): Change[] {
  return [{ op: 'patch', path: '', patch }]
}

function rootOf(metadata: JsonObject): Change[] {
  return [{ op: 'set', path: '', value: metadata }]
}
