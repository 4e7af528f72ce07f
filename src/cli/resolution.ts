/**
 * Resolution files: how each conflict of a merge is to be settled, in JSON. The command writes one with
 * all conflicts and `settle` null for each; a person fills in `settle`, and the command reads it again.
 *
 * `settle` is "ours", "theirs", "base", "delete", or { "value": … } with a value of one's own.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Conflict, MergeStrategy } from '../index.js'
import { UniverseError, ValidationError } from '../model/errors.js'
import { equalJson, isJsonObject, type Json } from '../model/json.js'
import { titleOf } from './conflict.js'
import { checkFolderOf } from './output-file.js'

/** What a conflict may be settled to by name. */
const names = ['ours', 'theirs', 'base', 'delete'] as const

type Settle = (typeof names)[number] | { value: Json }

/** Conflicts that nothing settles yet. */
export class UnsettledError extends UniverseError {
  readonly code = 'MERGE_CONFLICT'
  readonly conflicts: readonly Conflict[]

  constructor(facts: { message: string; conflicts: readonly Conflict[]; hint: string }) {
    super(facts.message, facts)
    this.conflicts = facts.conflicts
  }
}

/**
 * Writes a file to be filled in.
 *
 * @throws {NotFoundError} where its folder is not there.
 */
export function writeResolution(path: string, conflicts: readonly Conflict[]): void {
  checkFolderOf(path)
  const document = {
    help: `Give each conflict a "settle": ${names.map((name) => `"${name}"`).join(', ')} or { "value": … }.`,
    conflicts: conflicts.map((conflict) => ({ ...conflict, settle: null })),
  }
  writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`, { flag: 'wx' })
}

/**
 * The strategy that a file says for these conflicts.
 *
 * @throws {ValidationError} for a file that is none, and what is no way to settle a conflict.
 * @throws {UnsettledError} with those that it does not settle.
 */
export function readResolution(path: string, conflicts: readonly Conflict[]): MergeStrategy {
  const entries = new Map<string, Entry>()
  for (const [index, given] of conflictsIn(path).entries()) {
    if (!isJsonObject(given)) throw refuse(path, `/conflicts/${index}`, 'must be an object')
    const { settle = null, ...conflict } = given
    entries.set(nameOf(conflict), { conflict, settle: readSettle(settle, path, `/conflicts/${index}/settle`) })
  }
  const isSettled = (conflict: Conflict) => (entries.get(nameOf(conflict))?.settle ?? null) !== null
  const check = (asked: readonly Conflict[]) => {
    const unsettled = asked.filter((conflict) => !isSettled(conflict))
    if (unsettled.length === 0) return
    const named = unsettled.length === 1 ? '1 conflict' : `${unsettled.length} conflicts`
    const hint = `Fill in "settle" of each, or remove the file to begin anew.`
    throw new UnsettledError({ message: `${path} does not settle ${named}`, conflicts: unsettled, hint })
  }
  check(conflicts)
  return (conflict) => {
    check([conflict])
    const { conflict: written, settle } = entries.get(nameOf(conflict)) as Settled
    if (!isSame(written, conflict)) {
      throw refuse(path, '', `was written for other values of: ${titleOf(conflict)}`, 'Remove it to begin anew.')
    }
    if (typeof settle === 'object') return settle.value
    return settle === 'delete' ? undefined : conflict[settle]
  }
}

interface Entry {
  conflict: Record<string, unknown>
  settle: Settle | null
}

interface Settled extends Entry {
  settle: Settle
}

function conflictsIn(path: string): unknown[] {
  let document: unknown
  try {
    document = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw refuse(path, '', `is no JSON: ${error.message}`)
  }
  const conflicts = isJsonObject(document) ? document.conflicts : undefined
  if (!Array.isArray(conflicts)) throw refuse(path, '/conflicts', 'must be a list')
  return conflicts
}

function readSettle(settle: unknown, path: string, place: string): Settle | null {
  if (settle === null || names.some((name) => name === settle)) return settle as Settle | null
  if (isJsonObject(settle) && Object.keys(settle).join() === 'value') return settle as { value: Json }
  throw refuse(path, place, `must be ${names.map((name) => `"${name}"`).join(', ')} or { "value": … }`)
}

/** What a conflict is about; its values may have changed since the file was written. */
function nameOf({ id, kind, key }: { id?: unknown; kind?: unknown; key?: unknown }): string {
  return JSON.stringify([id, kind, key ?? null])
}

function isSame(written: Record<string, unknown>, conflict: Conflict): boolean {
  return (['base', 'ours', 'theirs'] as const).every((side) =>
    equalJson(written[side] as Json | undefined, conflict[side] as Json | undefined),
  )
}

function refuse(path: string, place: string, reason: string, hint?: string): ValidationError {
  const issues = [{ path: place, reason }]
  return new ValidationError({ what: `The resolution file ${path}`, issues, ...(hint ? { hint } : {}) })
}
