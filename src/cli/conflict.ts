/** Conflicts of a merge or a revert, as a person reads them: what each side has made of it. */
import type { Bounds, Conflict, Entity, Json, Relation } from '../index.js'
import { metadataOf, nameOf, shortJson } from './describe.js'
import { isoTime } from './moment.js'
import { colours, printable } from './output.js'

const sides = ['base', 'ours', 'theirs'] as const

/** What is in conflict, on one line. */
export function titleOf({ kind, element, id, key }: Conflict): string {
  const part = kind !== 'changed' ? '' : key === undefined ? ', validity' : `, ${printable(JSON.stringify(key))}`
  return `${kind} ${element} ${printable(id)}${part}`
}

/** A title and a line for each side. */
export function linesOfConflict(conflict: Conflict): string[] {
  const width = Math.max(...sides.map((side) => side.length))
  return [
    colours.red(`! ${titleOf(conflict)}`),
    ...sides.map((side) => `    ${colours.dim(side.padEnd(width))}  ${valueAt(conflict, side)}`),
    ...issuesOf(conflict).map(({ path, reason }) => `    ${printable(path === '' ? reason : `${path}: ${reason}`)}`),
  ]
}

function valueAt(conflict: Conflict, side: (typeof sides)[number]): string {
  const value = conflict[side]
  if (value === undefined) return colours.dim('not there')
  if (conflict.kind !== 'changed') {
    const element = value as Entity | Relation
    return `${nameOf(element)} ${metadataOf(element)}`.trimEnd() + boundsOf(element, '')
  }
  return conflict.key === undefined ? boundsOf(value as Bounds, 'always').trimStart() : shortJson(value as Json)
}

function boundsOf({ validFrom, validTo }: Bounds, always: string): string {
  const from = validFrom === undefined ? '' : ` from ${isoTime(validFrom)}`
  const to = validTo === undefined ? '' : ` to ${isoTime(validTo)}`
  return `${from}${to}` || always
}

function issuesOf(conflict: Conflict): { path: string; reason: string }[] {
  return (conflict.kind === 'schema' && conflict.issues) || []
}
