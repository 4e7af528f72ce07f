/** Elements, operations and changes as lines for a person: `+` is new, `-` is gone, `~` is other than before. */
import type { Change, Entity, Json, JsonObject, Operation, Relation } from '../index.js'
import { isRelation } from '../model/entity.js'
import { isoTime } from './moment.js'
import { colours, printable } from './output.js'

/** The longest value on a line; longer ones are cut, `--json` gives them whole. */
const longestValue = 200

export type Sign = '+' | '-' | '~'

const paint = { '+': colours.green, '-': colours.red, '~': colours.yellow }

export function signed(sign: Sign, text: string): string {
  return paint[sign](`${sign} ${text}`)
}

/** An element's kind, type and id, and for a relation its ends. */
export function nameOf(element: Entity | Relation): string {
  if (!isRelation(element)) return `entity ${printable(element.entityType)} ${printable(element.id)}`
  const { relationType, id, from, to } = element
  return `relation ${printable(relationType)} ${printable(id)}: ${printable(from)} → ${printable(to)}`
}

/** Compact JSON on one line. */
export function shortJson(value: Json): string {
  const text = JSON.stringify(value)
  return printable(text.length > longestValue ? `${text.slice(0, longestValue)}…` : text)
}

/** An operation: a line, and one more for each change. */
export function linesOfOperation(operation: Operation): string[] {
  switch (operation.op) {
    case 'createEntity':
    case 'createRelation':
      return [
        signed(
          '+',
          `${nameOf({ ...operation, createdAt: 0, updatedAt: 0 })} ${colours.dim(metadataOf(operation))}`.trimEnd(),
        ),
      ]
    case 'deleteEntity':
      return [signed('-', `entity ${printable(operation.id)}`)]
    case 'deleteRelation':
      return [signed('-', `relation ${printable(operation.id)}`)]
    default: {
      const kind = operation.op === 'updateEntity' ? 'entity' : 'relation'
      return [
        signed('~', `${kind} ${printable(operation.id)}`),
        ...operation.changes.map((change) => `    ${lineOfChange(change)}`),
        ...(['validFrom', 'validTo'] as const).flatMap((bound) => {
          const time = operation[bound]
          return time === undefined ? [] : [`    ${bound} ${time === null ? 'unbounded' : isoTime(time)}`]
        }),
      ]
    }
  }
}

/** The metadata on one line; nothing where there is none. */
export function metadataOf({ metadata }: { metadata: JsonObject }): string {
  return Object.keys(metadata).length === 0 ? '' : shortJson(metadata)
}

function lineOfChange(change: Change): string {
  const path = change.path === '' ? 'metadata' : printable(change.path)
  switch (change.op) {
    case 'set':
      return `set ${path} ${shortJson(change.value)}`
    case 'delete':
      return `delete ${path}`
    case 'insert':
      return `insert ${path}${change.index === undefined ? '' : ` at ${change.index}`} ${shortJson(change.value)}`
    case 'remove':
      return `remove ${path} at ${change.index}`
    case 'patch':
      return `patch ${path} ${shortJson(change.patch)}`
  }
}

/** What differs between two states of an id: type, ends, validity, then the members of the metadata. */
export function linesOfUpdate(
  before: Entity | Relation,
  after: Entity | Relation,
  changes: readonly Change[],
): string[] {
  const facts = [factsOf(before), factsOf(after)] as const
  const names = [...new Set(facts.flatMap((fact) => Object.keys(fact)))]
  const lines = names.flatMap((name) => {
    const [old, now] = [facts[0][name], facts[1][name]]
    if (old === now) return []
    return [signed('~', `${name}: ${old ?? 'none'} → ${now ?? 'none'}`)]
  })
  for (const change of changes) {
    if (change.op !== 'set' && change.op !== 'delete') continue
    const path = printable(change.path)
    const old = memberAt(before.metadata, change.path)
    if (change.op === 'delete') lines.push(signed('-', `${path}: ${shortJson(old ?? null)}`))
    else if (old === undefined) lines.push(signed('+', `${path}: ${shortJson(change.value)}`))
    else lines.push(signed('~', `${path}: ${shortJson(old)} → ${shortJson(change.value)}`))
  }
  return lines.map((line) => `    ${line}`)
}

function factsOf(element: Entity | Relation): Record<string, string> {
  const { validFrom, validTo } = element
  return {
    ...(isRelation(element)
      ? { type: printable(element.relationType), from: printable(element.from), to: printable(element.to) }
      : { type: printable(element.entityType) }),
    ...(validFrom === undefined ? {} : { validFrom: isoTime(validFrom) }),
    ...(validTo === undefined ? {} : { validTo: isoTime(validTo) }),
  }
}

/** The value at a JSON Pointer that leads through objects. */
function memberAt(metadata: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = metadata
  for (const token of path.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as JsonObject)[key]
  }
  return value
}
