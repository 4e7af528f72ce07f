/** An intent meets a state: the commands that a caller who knows the state would write. */
import { applyChange } from './change.js'
import type { Command } from './command.js'
import { faultyCommand } from './faulty.js'
import type { ChangeIntent, CreateIntent, DeleteIntent, Intent, RecreateIntent, UpdateIntent } from './intent.js'
import { copyJson, isObject, type Json, type JsonObject } from './json.js'
import type { BoundChanges, Bounds, Change } from './operation.js'
import { pointerOf } from './pointer.js'
import {
  byId,
  type Content,
  type Contents,
  type EntityContent,
  elements,
  isRelation,
  type RelationContent,
  relationsOf,
} from './state.js'
import { entityIds, entityTypes, ids, pick, relationIds, relationTypes } from './values.js'

/** Nothing where the intent finds nothing to work on. All but faults are valid on `contents`. */
export function realise(intent: Intent, contents: Contents): Command[] {
  switch (intent.wish) {
    case 'create':
      return intent.element === 'entity' ? createEntity(intent, contents) : createRelation(intent, contents)
    case 'update': {
      const target = pick(elements(contents, intent.element), intent.pick)
      return target ? [update(intent, target)] : []
    }
    case 'tag': {
      const target = pick(elements(contents, 'entity'), intent.pick)
      const patch = { tags: intent.tags }
      return target ? [{ call: 'updateEntity', id: target.id, patch, options: {} }] : []
    }
    case 'delete':
      return remove(intent, contents)
    case 'recreate': {
      const target = pick(elements(contents, intent.element), intent.pick)
      return target ? recreate(intent, target, contents) : []
    }
    case 'wrong':
      return [faultyCommand(intent, contents)]
  }
}

function deadId(intent: CreateIntent, contents: Contents): string | undefined {
  const own = intent.element === 'entity' ? entityIds : relationIds
  const pool = intent.crosses ? ids : own
  const dead = pool.filter((id) => !contents.entities.has(id) && !contents.relations.has(id))
  return pick(dead, intent.id)
}

function createEntity(intent: CreateIntent, contents: Contents): Command[] {
  const id = deadId(intent, contents)
  if (id === undefined) return []
  const entityType = pick(entityTypes, intent.type) as string
  const options = { id, ...creationBounds(intent) }
  return [{ call: 'createEntity', entityType, metadata: intent.metadata, options }]
}

function createRelation(intent: CreateIntent, contents: Contents): Command[] {
  const id = deadId(intent, contents)
  const entities = elements(contents, 'entity')
  const from = pick(entities, intent.from)?.id
  const others = entities.filter((entity) => entity.id !== from)
  const to = intent.shape === 'loop' ? from : (pick(others, intent.to)?.id ?? from)
  if (id === undefined || from === undefined || to === undefined) return []

  const twin = pick(byId(contents.relations.values()), intent.type)
  const isParallel = intent.shape === 'parallel' && twin !== undefined
  const { relationType, ...ends } = isParallel
    ? { relationType: twin.relationType, from: twin.from, to: twin.to }
    : { relationType: pick(relationTypes, intent.type) as string, from, to }
  const options = { id, ...creationBounds(intent) }
  return [{ call: 'createRelation', relationType, ...ends, metadata: intent.metadata, options }]
}

function update(intent: UpdateIntent, target: Content): Command {
  const { id } = target
  const { metadata } = intent
  const calls = isRelation(target)
    ? ({ merge: 'updateRelation', change: 'changeRelation', replace: 'replaceRelation' } as const)
    : ({ merge: 'updateEntity', change: 'changeEntity', replace: 'replaceEntity' } as const)
  switch (intent.how) {
    case 'merge':
      return { call: calls.merge, id, patch: metadata, options: updateBounds(intent, target) }
    case 'change':
      return { call: calls.change, id, changes: changesOn(target.metadata, intent.changes) }
    case 'replace':
      return { call: calls.replace, id, metadata }
    case 'nothing':
      // Three ways to write what is there already.
      if (intent.pick % 3 === 0) return { call: calls.replace, id, metadata: target.metadata }
      if (intent.pick % 3 === 1) return { call: calls.merge, id, patch: {}, options: {} }
      return { call: calls.change, id, changes: sameAgain(target.metadata, intent.pick) }
  }
}

function remove(intent: DeleteIntent, contents: Contents): Command[] {
  const { element, cascade } = intent
  const target = pick(elements(contents, element), intent.pick)
  if (!target) return []
  return [deletion(target, cascade || relationsOf(contents, target.id).length > 0)]
}

function deletion({ id, ...target }: Content, cascade = true): Command {
  return 'relationType' in target ? { call: 'deleteRelation', id } : { call: 'deleteEntity', id, cascade }
}

/** Deleted and created at once; an entity often takes its relations along and gets them back. */
function recreate(intent: RecreateIntent, target: Content, contents: Contents): Command[] {
  const { id } = target
  const lost = isRelation(target) ? [] : relationsOf(contents, id)
  const others = elements(contents, 'entity').filter((entity) => entity.id !== id)
  const from = pick(others, intent.from)?.id
  const to = pick(others, intent.to)?.id
  const metadata = intent.as === 'same' ? target.metadata : intent.metadata

  if (intent.as === 'element') {
    if (isRelation(target)) return [deletion(target), newEntity(intent, id, metadata)]
    if (from === undefined || to === undefined) return [deletion(target)]
    const relationType = pick(relationTypes, intent.type) as string
    return [deletion(target), creation({ id, relationType, from, to, metadata })]
  }
  const again = isRelation(target)
    ? creation(recreatedRelation(intent, { ...target, metadata }, from, to))
    : intent.as === 'type'
      ? newEntity(intent, id, metadata)
      : creation({ ...target, metadata })
  const returning = lost.filter((_, index) => (intent.to + index) % 3 > 0)
  return [deletion(target), again, ...returning.map(creation)]
}

function recreatedRelation(
  { as, type }: RecreateIntent,
  relation: RelationContent,
  from = relation.from,
  to = relation.to,
): RelationContent {
  if (as === 'type') return { ...relation, relationType: pick(relationTypes, type) as string }
  return as === 'ends' ? { ...relation, from, to } : relation
}

function newEntity(intent: RecreateIntent, id: string, metadata: JsonObject): Command {
  return creation({ id, entityType: pick(entityTypes, intent.type) as string, metadata })
}

function creation(content: EntityContent | RelationContent): Command {
  const { id, metadata } = content
  const { validFrom, validTo } = content
  const options = {
    id,
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validTo === undefined ? {} : { validTo }),
  }
  if (!isRelation(content)) {
    return { call: 'createEntity', entityType: content.entityType, metadata, options }
  }
  const { relationType, from, to } = content
  return { call: 'createRelation', relationType, from, to, metadata, options }
}

/** Bounds in the right order; there is nothing to remove yet. */
function creationBounds({ validFrom, validTo }: Pick<CreateIntent, 'validFrom' | 'validTo'>): Bounds {
  const [low, high] = [validFrom, validTo].map((bound) => bound ?? undefined)
  const swapped = low !== undefined && high !== undefined && low > high
  return {
    ...(low === undefined ? {} : { validFrom: swapped ? (high as number) : low }),
    ...(high === undefined ? {} : { validTo: swapped ? low : high }),
  }
}

/** Where the result would be the wrong way round, both bounds become the lower one. */
function updateBounds({ validFrom, validTo }: UpdateIntent, target: Content): BoundChanges {
  const low = validFrom === undefined ? target.validFrom : validFrom
  const high = validTo === undefined ? target.validTo : validTo
  if (low != null && high != null && low > high) return { validFrom: high, validTo: high }
  return {
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validTo === undefined ? {} : { validTo }),
  }
}

/** Each change is made to fit what the ones before it left. */
function changesOn(metadata: JsonObject, intents: readonly ChangeIntent[]): Change[] {
  const changes: Change[] = []
  let current = metadata
  for (const intent of intents) {
    const change = changeOn(current, intent)
    changes.push(change)
    current = applyChange(current, change)
  }
  return changes
}

/** Falls back to a member at the root where the metadata has no place for the wish. */
function changeOn(metadata: JsonObject, intent: ChangeIntent): Change {
  const { place, index, value } = intent
  const places = placesIn(metadata)
  const objects = places.filter((one) => isObject(one.value))
  const arrays = places.filter((one) => Array.isArray(one.value))
  const at = (list: Place[]) => pick(list, place)
  const array = at(arrays)
  const length = Array.isArray(array?.value) ? array.value.length : 0

  switch (intent.op) {
    case 'set': {
      const parent = at(objects) as Place
      if (intent.key !== undefined) return { op: 'set', path: pointerOf([...parent.path, intent.key]), value }
      const target = at(places) as Place
      const isRoot = target.path.length === 0
      return { op: 'set', path: pointerOf(target.path), value: isRoot ? asObject(value) : value }
    }
    case 'delete': {
      const member = at(places.filter(({ path }) => path.length > 0))
      return member ? { op: 'delete', path: pointerOf(member.path) } : fallback(intent)
    }
    case 'insert': {
      if (!array) return fallback(intent)
      const path = pointerOf(array.path)
      return index > length ? { op: 'insert', path, value } : { op: 'insert', path, index, value }
    }
    case 'remove':
      if (!array || length === 0) return fallback(intent)
      return { op: 'remove', path: pointerOf(array.path), index: index % length }
    case 'patch':
      return { op: 'patch', path: pointerOf((at(objects) as Place).path), patch: asObject(value) }
  }
}

function fallback({ key = 'a', value }: ChangeIntent): Change {
  return { op: 'set', path: pointerOf([key]), value: [value] }
}

function asObject(value: Json): JsonObject {
  return isObject(value) ? value : { a: value }
}

interface Place {
  path: string[]
  value: Json
}

/** Every place in the metadata, the root first; not into what is nearly too deep already. */
function placesIn(value: Json, path: string[] = []): Place[] {
  if (path.length > 50) return []
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return [{ path, value }, ...members.flatMap(([key, member]) => placesIn(member, [...path, key]))]
}

function sameAgain(metadata: JsonObject, place: number): Change[] {
  const members = placesIn(copyJson(metadata)).slice(1)
  const member = pick(members, place)
  return member ? [{ op: 'set', path: pointerOf(member.path), value: member.value }] : []
}
