/** What differs between two states, as DESIGN section 5 tells it, and the net operations of it. */
import { isObject, type Json, type JsonObject, sameJson } from './json.js'
import type { BoundChanges, Change, Operation, Update } from './operation.js'
import { pointerOf } from './pointer.js'
import {
  byId,
  type Content,
  type Entity,
  type EntityContent,
  isRelation,
  type Relation,
  type RelationContent,
  relationsOf,
  type State,
  sameContent,
  sameLife,
} from './state.js'

export interface ElementDiff<T> {
  created: T[]
  updated: { before: T; after: T; changes: Change[] }[]
  deleted: T[]
}

export interface Diff {
  entities: ElementDiff<Entity>
  relations: ElementDiff<Relation>
}

export function diff(a: State, b: State): Diff {
  return {
    entities: diffElements(a.entities, b.entities),
    relations: diffElements(a.relations, b.relations),
  }
}

function diffElements<T extends Content>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): ElementDiff<T> {
  const updated: ElementDiff<T>['updated'] = []
  for (const after of byId(b.values())) {
    const before = a.get(after.id)
    if (!before || sameContent(before, after)) continue
    updated.push({ before, after, changes: changesBetween(before.metadata, after.metadata) })
  }
  return {
    created: byId([...b.values()].filter(({ id }) => !a.has(id))),
    updated,
    deleted: byId([...a.values()].filter(({ id }) => !b.has(id))),
  }
}

/** At the deepest member that differs, arrays whole; at each level deletions first, keys in order. */
function changesBetween(before: JsonObject, after: JsonObject, path: string[] = []): Change[] {
  const changes: Change[] = []
  for (const key of Object.keys(before).sort()) {
    if (!Object.hasOwn(after, key)) changes.push({ op: 'delete', path: pointerOf([...path, key]) })
  }
  for (const key of Object.keys(after).sort()) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined
    const value = after[key] as Json
    if (sameJson(old, value)) continue
    const here = [...path, key]
    if (isObject(old) && isObject(value)) changes.push(...changesBetween(old, value, here))
    else changes.push({ op: 'set', path: pointerOf(here), value })
  }
  return changes
}

/**
 * The operations that lead from `a` to `b`: delete relations, delete entities, create entities,
 * update entities, create relations, update relations, each by id.
 */
export function netOperations(a: State, b: State): Operation[] {
  const replaced = byId(a.entities.values()).filter(({ id }) => isReplaced(a.entities, b.entities, id))
  // Without its end for a moment, a relation cannot stay, be it the same before and after.
  const uprooted = new Set(replaced.flatMap(({ id }) => relationsOf(a, id).map((one) => one.id)))
  const ends = (id: string) => uprooted.has(id) || isReplaced(a.relations, b.relations, id)

  const goneRelations = byId(a.relations.values()).filter(({ id }) => !b.relations.has(id) || ends(id))
  const goneEntities = byId(a.entities.values()).filter(
    ({ id }) => !b.entities.has(id) || isReplaced(a.entities, b.entities, id),
  )
  const stays = (id: string) => !goneRelations.some((one) => one.id === id)
  const staysEntity = (id: string) => !goneEntities.some((one) => one.id === id)

  const entities = byId(b.entities.values())
  const relations = byId(b.relations.values())
  return [
    ...goneRelations.map(({ id }): Operation => ({ op: 'deleteRelation', id })),
    ...goneEntities.map(({ id }): Operation => ({ op: 'deleteEntity', id })),
    ...entities.filter(({ id }) => !a.entities.has(id) || !staysEntity(id)).map(creation),
    ...entities.flatMap((now) => updates(staysEntity(now.id) ? a.entities.get(now.id) : undefined, now)),
    ...relations.filter(({ id }) => !a.relations.has(id) || !stays(id)).map(creation),
    ...relations.flatMap((now) => updates(stays(now.id) ? a.relations.get(now.id) : undefined, now)),
  ]
}

function isReplaced<T extends Content>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>, id: string): boolean {
  const before = a.get(id)
  const after = b.get(id)
  return before !== undefined && after !== undefined && !sameLife(before, after)
}

function creation(element: Entity | Relation): Operation {
  const { createdAt: _created, updatedAt: _updated, ...content } = element
  return isRelation(content)
    ? { op: 'createRelation', ...(content as RelationContent) }
    : { op: 'createEntity', ...(content as EntityContent) }
}

function updates(before: Content | undefined, after: Content): Update[] {
  if (!before || sameContent(before, after)) return []
  const op = isRelation(after) ? 'updateRelation' : 'updateEntity'
  const changes = changesBetween(before.metadata, after.metadata)
  return [{ op, id: after.id, changes, ...boundChanges(before, after) }]
}

/** Only the bounds that differ; null removes one. */
function boundChanges(before: Content, after: Content): BoundChanges {
  const changes: BoundChanges = {}
  if (before.validFrom !== after.validFrom) changes.validFrom = after.validFrom ?? null
  if (before.validTo !== after.validTo) changes.validTo = after.validTo ?? null
  return changes
}
