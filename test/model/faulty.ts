/** Commands that must be refused, each for one reason alone. */
import type { Command } from './command.js'
import type { WrongIntent } from './intent.js'
import type { JsonObject } from './json.js'
import type { Change } from './operation.js'
import { type Content, type Contents, elements, isRelation, relationsOf } from './state.js'
import { nested, pick } from './values.js'

const nowhere = 'nowhere'

/** What needs a state that is not there becomes an update of what is not there. */
export function faultyCommand(intent: WrongIntent, contents: Contents): Command {
  return commandFor(intent, contents) ?? missing(intent)
}

function commandFor(intent: WrongIntent, contents: Contents): Command | undefined {
  const target = pick(elements(contents, intent.element), intent.pick)
  const entity = pick(elements(contents, 'entity'), intent.pick)
  const relation = pick(elements(contents, 'relation'), intent.pick)
  switch (intent.fault) {
    case 'exists':
      return entity && newEntity(entity.id)
    case 'existsAsOther':
      if (!entity || !relation) return undefined
      return intent.element === 'entity' ? newEntity(relation.id) : newRelation(entity.id, entity.id, entity.id)
    case 'missingEnd':
      return entity && newRelation(nowhere, entity.id, `${nowhere} else`)
    case 'endIsRelation':
      return entity && relation && newRelation(nowhere, relation.id, entity.id)
    case 'missing':
      return missing(intent)
    case 'otherElement':
      return intent.element === 'entity'
        ? relation && { call: 'updateEntity', id: relation.id, patch: {}, options: {} }
        : entity && { call: 'deleteRelation', id: entity.id }
    case 'inUse':
      return inUse(intent, contents)
    case 'pointer':
      return target && change(target, pick([...unresolvable, ...beyondArray], intent.other) as Change)
    case 'change':
      return target && change(target, pick(malformed, intent.other) as unknown as Change)
    case 'bounds':
      return target && { ...patch(target), options: { validFrom: 11, validTo: 10 } }
    case 'metadata':
      return newEntity(nowhere, pick(badMetadata, intent.other) as unknown as JsonObject)
    case 'id':
      return newEntity(pick(badNames, intent.other) as string)
    case 'kind':
      return { call: 'apply', operations: [{ op: 'renameEntity', id: 'a' } as never] }
  }
}

/** Pointers that lead nowhere: `~` and `nil` are no keys of any metadata here. */
const unresolvable: Change[] = [
  { op: 'delete', path: '/nil' },
  { op: 'delete', path: '/~0' },
  { op: 'set', path: '/nil/a', value: 1 },
  { op: 'patch', path: '/nil', patch: {} },
  { op: 'insert', path: '', value: 1 },
  { op: 'insert', path: '/nil', value: 1 },
  { op: 'remove', path: '', index: 0 },
  { op: 'remove', path: '/nil', index: 0 },
  { op: 'set', path: '', value: [] },
  { op: 'set', path: '', value: null },
  { op: 'set', path: '/toString/a', value: 1 },
  { op: 'delete', path: '/hasOwnProperty' },
]

/** What an array of two does not have. */
const beyondArray: Change[] = [
  { op: 'set', path: '/list/2', value: 1 },
  { op: 'set', path: '/list/-', value: 1 },
  { op: 'set', path: '/list/00', value: 1 },
  { op: 'set', path: '/list/+1', value: 1 },
  { op: 'set', path: '/list/length', value: 1 },
  { op: 'set', path: '/list/1e0', value: 1 },
  { op: 'delete', path: '/list/01' },
  { op: 'delete', path: '/list/2' },
  { op: 'insert', path: '/list', index: 3, value: 1 },
  { op: 'remove', path: '/list', index: 2 },
  { op: 'patch', path: '/list', patch: {} },
  { op: 'patch', path: '/list/0', patch: {} },
]

/** Refused whatever the state. */
const malformed: unknown[] = [
  { op: 'delete', path: '' },
  { op: 'set', path: 'a', value: 1 },
  { op: 'set', path: '/~2', value: 1 },
  { op: 'set', path: '/__proto__', value: 1 },
  { op: 'set', path: '/a', value: Number.NaN },
  { op: 'set', path: '/a', value: '\ud800' },
  { op: 'set', path: '/a', value: [undefined] },
  { op: 'set', path: '/a', value: nested(64) },
  { op: 'insert', path: '/a', index: -1, value: 1 },
  { op: 'remove', path: '/a', index: 0.5 },
  { op: 'patch', path: '', patch: [] },
  { op: 'move', path: '/a', from: '/b' },
]

const badMetadata: unknown[] = [
  { a: Number.NaN },
  { a: Number.POSITIVE_INFINITY },
  { a: 1n },
  { a: new Date(0) },
  { a: [undefined] },
  { a: '\ud83d' },
  { '\udc00': 1 },
  { a: 'x\u0000' },
  { a: Symbol('a') },
  { a: () => 1 },
  { a: new Map() },
  JSON.parse('{"a":{"__proto__":1}}'),
  { a: nested(64) },
  { a: 'x'.repeat(2 ** 20) },
  [],
  null,
  'text',
]

const badNames = ['', 'a\u0000', 'a\n', '\u007f', 'a\u0085', '\ud800', 'x'.repeat(513), 'é'.repeat(257)]

function missing({ element, other }: WrongIntent): Command {
  const ofEntity = element === 'entity'
  if (other % 3 === 0) {
    return ofEntity
      ? { call: 'deleteEntity', id: nowhere, cascade: other % 2 === 0 }
      : { call: 'deleteRelation', id: nowhere }
  }
  if (other % 3 === 1) {
    return { call: ofEntity ? 'replaceEntity' : 'replaceRelation', id: nowhere, metadata: {} }
  }
  return { call: ofEntity ? 'updateEntity' : 'updateRelation', id: nowhere, patch: {}, options: {} }
}

function inUse({ pick: place }: WrongIntent, contents: Contents): Command | undefined {
  const used = elements(contents, 'entity').filter(({ id }) => relationsOf(contents, id).length > 0)
  const entity = pick(used, place)
  return entity && { call: 'deleteEntity', id: entity.id, cascade: false }
}

function change(target: Content, wrong: Change): Command {
  const changes: Change[] = beyondArray.includes(wrong) ? [{ op: 'set', path: '/list', value: [1, 2] }, wrong] : [wrong]
  return { call: isRelation(target) ? 'changeRelation' : 'changeEntity', id: target.id, changes }
}

function patch(target: Content): Extract<Command, { call: 'updateEntity' | 'updateRelation' }> {
  const call = isRelation(target) ? 'updateRelation' : 'updateEntity'
  return { call, id: target.id, patch: {}, options: {} }
}

function newEntity(id: string, metadata: JsonObject = {}): Command {
  return { call: 'createEntity', entityType: 'Person', metadata, options: { id } }
}

function newRelation(id: string, from: string, to: string): Command {
  return { call: 'createRelation', relationType: 'KNOWS', from, to, metadata: {}, options: { id } }
}
