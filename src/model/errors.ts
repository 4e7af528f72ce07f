/**
 * Everything the library throws, one level deep. Facts are fields; messages are for people and may change.
 * Where an error concerns one operation of a list, `operation` is its index (from 0).
 */
import type { Conflict } from './conflict.js'

/** Everything the library throws. `code` is stable across releases; the wording of a message is not. */
export abstract class UniverseError extends Error {
  abstract readonly code: string
  /** What to do next, in a sentence, where the library knows. */
  readonly hint: string | undefined
  /** Where an import ended with it, the line of the stream, from 1. */
  declare readonly line?: number

  constructor(message: string, options: ErrorOptions & { hint?: string | undefined } = {}) {
    super(message, options)
    this.name = new.target.name
    Object.defineProperty(this, 'hint', { value: options.hint, enumerable: false })
  }
}

/** What a call named is not there: an entity, a relation, a version, a branch, a file. */
export class NotFoundError extends UniverseError {
  readonly code = 'NOT_FOUND'
  readonly what: string
  readonly id: string
  readonly operation?: number

  constructor(facts: { what: string; id: string; operation?: number | undefined; hint?: string; cause?: unknown }) {
    super(`${at(facts.operation)}${facts.what} ${quote(facts.id)} does not exist`, facts)
    this.what = facts.what
    this.id = facts.id
    if (facts.operation !== undefined) this.operation = facts.operation
  }
}

/** The id or name is taken. Choose another, or update what is there. */
export class AlreadyExistsError extends UniverseError {
  readonly code = 'ALREADY_EXISTS'
  readonly what: string
  readonly id: string
  readonly operation?: number

  constructor(facts: { what: string; id: string; operation?: number | undefined; reason?: string; hint?: string }) {
    super(`${at(facts.operation)}${facts.what} ${quote(facts.id)} already exists${reason(facts.reason)}`, facts)
    this.what = facts.what
    this.id = facts.id
    if (facts.operation !== undefined) this.operation = facts.operation
  }
}

/** The entity still has relations. Delete them first, or delete with `{ cascade: true }`. */
export class EntityInUseError extends UniverseError {
  readonly code = 'ENTITY_IN_USE'
  readonly id: string
  /** How many relations still touch the entity. */
  readonly relations: number
  readonly operation?: number

  constructor(facts: { id: string; relations: number; operation?: number | undefined }) {
    const relations = facts.relations === 1 ? '1 relation' : `${facts.relations} relations`
    super(`${at(facts.operation)}Entity ${quote(facts.id)} still has ${relations}`, {
      hint: 'Delete its relations first, or delete it with { cascade: true }.',
    })
    this.id = facts.id
    this.relations = facts.relations
    if (facts.operation !== undefined) this.operation = facts.operation
  }
}

/** One thing that is wrong with an input: where (a JSON Pointer into it, '' for the whole) and why. */
export interface ValidationIssue {
  path: string
  reason: string
}

/** The input breaks a rule; `issues` says where and why. Nothing was written. */
export class ValidationError extends UniverseError {
  readonly code = 'VALIDATION'
  readonly issues: ValidationIssue[]
  readonly operation?: number

  constructor(facts: {
    what: string
    issues: ValidationIssue[]
    operation?: number | undefined
    line?: number | undefined
    hint?: string
    cause?: unknown
  }) {
    const issues = facts.issues.map(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`)).join('; ')
    super(`${at(facts.operation)}${facts.what}: ${issues}`, facts)
    this.issues = facts.issues
    if (facts.operation !== undefined) this.operation = facts.operation
    if (facts.line !== undefined) atLine(this, facts.line)
  }
}

/** The head moved since it was read. Read it again, then commit on top of it. */
export class VersionConflictError extends UniverseError {
  readonly code = 'VERSION_CONFLICT'
  readonly branch: string
  readonly expected: string | null
  readonly actual: string | null

  constructor(facts: { branch: string; expected: string | null; actual: string | null }) {
    const actual = facts.actual ?? 'not there yet'
    super(`Head of branch ${quote(facts.branch)} is ${actual}, not ${facts.expected ?? 'an empty branch'}`)
    this.branch = facts.branch
    this.expected = facts.expected
    this.actual = facts.actual
  }
}

/** The sides of a merge or a revert contradict each other. Settle the conflicts by a strategy. Nothing was written. */
export class MergeConflictError extends UniverseError {
  readonly code = 'MERGE_CONFLICT'
  /** All of them, by id. */
  readonly conflicts: Conflict[]

  constructor(facts: { what: string; conflicts: Conflict[] }) {
    const { length } = facts.conflicts
    const named = facts.conflicts.slice(0, namedConflicts).map(nameOf).join(', ')
    const more = length > namedConflicts ? ` and ${length - namedConflicts} more` : ''
    super(`${facts.what} has ${length === 1 ? '1 conflict' : `${length} conflicts`}: ${named}${more}`, {
      hint: "Settle them with the strategy 'ours', 'theirs' or a function from conflict to value.",
    })
    this.conflicts = facts.conflicts
  }
}

/** A call would go past a budget. Raise it, or ask for less. */
export class LimitExceededError extends UniverseError {
  readonly code = 'LIMIT_EXCEEDED'
  readonly limit: string
  readonly maximum: number

  constructor(facts: {
    limit: string
    maximum: number
    actual?: number
    reason?: string
    hint?: string
    cause?: unknown
  }) {
    const actual = facts.actual === undefined ? '' : ` (${facts.actual})`
    super(facts.reason ?? `Past the limit of ${facts.maximum} ${facts.limit}${actual}`, facts)
    this.limit = facts.limit
    this.maximum = facts.maximum
  }
}

/** Somebody else kept the database or the branch busy for too long, or its server does not answer. Try again later. */
export class BusyError extends UniverseError {
  readonly code = 'BUSY'

  constructor(facts: { reason: string; hint?: string; cause?: unknown }) {
    super(facts.reason, facts)
  }
}

/** What is stored contradicts itself or cannot be read. Run `verify`; restore a backup. */
export class IntegrityError extends UniverseError {
  readonly code = 'INTEGRITY'

  constructor(facts: { reason: string; hint?: string; cause?: unknown }) {
    super(facts.reason, facts)
  }
}

/** The schema of the database is not this program's and cannot be made so. */
export class MigrationError extends UniverseError {
  readonly code = 'MIGRATION'

  constructor(facts: { reason: string; hint?: string; cause?: unknown }) {
    super(facts.reason, facts)
  }
}

/** The universe was closed. */
export class ClosedError extends UniverseError {
  readonly code = 'CLOSED'

  constructor() {
    super('The universe is closed', { hint: 'Open it again with openUniverse.' })
  }
}

/** The caller's signal asked to stop. What was acknowledged before stays. */
export class AbortError extends UniverseError {
  readonly code = 'ABORT'

  constructor(facts: { cause?: unknown } = {}) {
    super('The call was aborted', facts)
  }
}

/** Says the line of the stream that an import ended with. */
export function atLine<E extends UniverseError>(error: E, line: number): E {
  return Object.assign(error, { line, message: `Line ${line}: ${error.message}` })
}

/** So many conflicts are named in a message. */
const namedConflicts = 3

function nameOf({ kind, element, id, key }: Conflict): string {
  const part = kind !== 'changed' ? '' : key === undefined ? ' (validity)' : ` (${quote(key)})`
  return `${kind} ${element} ${quote(id)}${part}`
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}

function at(operation: number | undefined): string {
  return operation === undefined ? '' : `Operation ${operation}: `
}

function reason(text: string | undefined): string {
  return text === undefined ? '' : ` ${text}`
}
