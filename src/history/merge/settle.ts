/** Settling conflicts: a value for each, taken from a side or given by the caller. */
import { isDeepStrictEqual } from 'node:util'
import type { Bounds, Conflict, ElementConflict } from '../../model/conflict.js'
import { isRelation } from '../../model/entity.js'
import { ValidationError } from '../../model/errors.js'
import {
  canonicalKeys,
  guardJson,
  guardObject,
  isJsonObject,
  type Json,
  type JsonLimits,
  type JsonObject,
  RefusedJson,
} from '../../model/json.js'
import type { CreateEntity, CreateRelation, OperationGuard, UpdateEntity } from '../../model/operation.js'
import { toPointer } from '../../model/pointer.js'
import type { Element } from './sides.js'
import { boundsOf, withBounds } from './three-way.js'

/**
 * Gives a conflict its value: of one key, of the validity, or the whole element; undefined: deleted. What it
 * is given is a copy, which it may change and return.
 */
export type Resolver<E = Element> = (conflict: Conflict<E>) => unknown

/**
 * How conflicts are settled: each by itself, never the whole. `'fail'`: not at all, `MergeConflictError`
 * lists them; `'ours'` and `'theirs'`: by what stands on that side; a function: by what it returns.
 */
export type MergeStrategy<E = Element> = 'fail' | 'ours' | 'theirs' | Resolver<E>

/** What the values of a caller must pass. */
export interface Door {
  limits: JsonLimits
  guard: OperationGuard
}

/**
 * Reads a strategy.
 *
 * @throws {ValidationError} for what is none.
 */
export function readStrategy(given: unknown, what: 'merge' | 'revert'): MergeStrategy {
  if (given === undefined) return 'fail'
  if (given === 'fail' || given === 'ours' || given === 'theirs') return given
  if (typeof given === 'function') return given as Resolver
  const issues = [{ path: '/strategy', reason: "must be 'fail', 'ours', 'theirs' or a function" }]
  throw new ValidationError({ what: `The ${what} is not valid`, issues })
}

/**
 * Puts the values of these conflicts into what was merged, where they are left at ours. Returns the
 * ids whose whole element was settled.
 *
 * @throws {ValidationError} for a value of the caller's that can be none.
 */
export function settle(
  elements: Map<string, Element | undefined>,
  conflicts: readonly Conflict[],
  strategy: Exclude<MergeStrategy, 'fail'>,
  door: Door,
): Set<string> {
  const whole = new Set<string>()
  // Of each element once, however many of its keys are in conflict.
  const edited = new Map<string, JsonObject>()
  for (const conflict of conflicts) {
    const { id } = conflict
    const value = valueFor(conflict, strategy, door)
    if (conflict.kind !== 'changed') {
      elements.set(id, value as Element | undefined)
      whole.add(id)
      continue
    }
    const element = elements.get(id) as Element
    if (conflict.key === undefined) elements.set(id, withBounds(element, (value ?? {}) as Bounds))
    else {
      const metadata = edited.get(id) ?? { ...element.metadata }
      if (value === undefined) delete metadata[conflict.key]
      else metadata[conflict.key] = value as Json
      edited.set(id, metadata)
    }
  }
  for (const [id, metadata] of edited) {
    elements.set(id, { ...(elements.get(id) as Element), metadata: inOrder(metadata) })
  }
  return whole
}

function valueFor(conflict: Conflict, strategy: Exclude<MergeStrategy, 'fail'>, door: Door): unknown {
  if (typeof strategy === 'string') return conflict[strategy]
  // A copy, so that what is changed in it and returned is looked at as any other value.
  const shown = structuredClone(conflict)
  const value = strategy(shown)
  if (value === undefined) return undefined
  for (const side of ['ours', 'theirs', 'base'] as const) {
    if (value === shown[side] && isDeepStrictEqual(value, conflict[side])) return conflict[side]
  }
  const name = nameOf(conflict)
  if (value instanceof Promise) {
    // Nobody waits for it: what it ends with is nobody's unhandled rejection.
    value.catch(() => undefined)
    throw refused(name, [{ path: '', reason: 'is a promise: the function must be synchronous' }])
  }
  try {
    if (conflict.kind !== 'changed') return elementFrom(value, conflict, door.guard)
    return conflict.key === undefined ? boundsFrom(value, conflict.id, door.guard) : guardJson(value, door.limits)
  } catch (error) {
    if (error instanceof RefusedJson) throw refused(name, [{ path: toPointer(error.path), reason: error.reason }])
    if (error instanceof ValidationError) throw refused(name, error.issues)
    throw error
  }
}

/** An element that a caller gives, guarded as a creation is. */
function elementFrom(value: unknown, { id, ours, theirs, base }: ElementConflict, guard: OperationGuard): Element {
  if (!isJsonObject(value)) {
    throw new ValidationError({ what: '', issues: [{ path: '', reason: 'must be an element, or undefined' }] })
  }
  const { createdAt: _created, updatedAt: _updated, ...given } = value as Record<string, unknown>
  const op = 'relationType' in given ? 'createRelation' : 'createEntity'
  if ('id' in given && given.id !== id) {
    throw new ValidationError({ what: '', issues: [{ path: '/id', reason: `must be ${JSON.stringify(id)}` }] })
  }
  const { op: _op, ...guarded } = guard({ metadata: {}, ...given, id, op }) as CreateEntity | CreateRelation
  const { createdAt, updatedAt } = (ours ?? theirs ?? base) as Element
  return { ...guarded, createdAt, updatedAt } as Element
}

function boundsFrom(value: unknown, id: string, guard: OperationGuard): Bounds {
  if (!isJsonObject(value)) {
    throw new ValidationError({
      what: '',
      issues: [{ path: '', reason: 'must be { validFrom, validTo }, or undefined' }],
    })
  }
  const { validFrom, validTo } = guard({ ...value, changes: [], id, op: 'updateEntity' }) as UpdateEntity
  return boundsOf({ ...(validFrom == null ? {} : { validFrom }), ...(validTo == null ? {} : { validTo }) })
}

function inOrder(metadata: JsonObject): JsonObject {
  return Object.fromEntries(canonicalKeys(metadata).map((key) => [key, metadata[key] as Json]))
}

/**
 * Refuses what two sides have made too large together, or too deep.
 *
 * @throws {ValidationError} naming the id.
 */
export function checkLimits(element: Element, limits: JsonLimits): void {
  try {
    guardObject(element.metadata, limits)
  } catch (error) {
    if (!(error instanceof RefusedJson)) throw error
    const what = `What is merged of ${isRelation(element) ? 'relation' : 'entity'} ${JSON.stringify(element.id)} is not valid`
    const issues = [{ path: `/metadata${toPointer(error.path)}`, reason: error.reason }]
    throw new ValidationError({ what, issues })
  }
}

function nameOf({ id, kind, key }: Conflict): string {
  return `${kind} ${JSON.stringify(id)}${key === undefined ? '' : ` (${JSON.stringify(key)})`}`
}

function refused(name: string, issues: ValidationError['issues']): ValidationError {
  return new ValidationError({ what: `The value for the conflict ${name} is not valid`, issues })
}
