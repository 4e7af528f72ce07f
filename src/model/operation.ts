/**
 * The operation language: six kinds of change to the graph, five kinds of change inside metadata,
 * and the one schema that guards them at every door.
 *
 * What the schema returns shares nothing with its input, and its keys stand in canonical order.
 */
import * as z from 'zod/mini'
import { LimitExceededError, ValidationError, type ValidationIssue } from './errors.js'
import { refusedId } from './id.js'
import {
  canonicalJson,
  defaultJsonLimits,
  guardJson,
  guardObject,
  isJsonObject,
  type Json,
  type JsonLimits,
  type JsonObject,
  RefusedJson,
} from './json.js'
import { refusedPointer, toPointer } from './pointer.js'

/** A change inside metadata; `path` is a JSON Pointer (RFC 6901) into it. */
export type Change =
  | { op: 'set'; path: string; value: Json }
  | { op: 'delete'; path: string }
  | { op: 'insert'; path: string; index?: number; value: Json }
  | { op: 'remove'; path: string; index: number }
  | { op: 'patch'; path: string; patch: JsonObject }

/** One change to the graph. Bounds of validity are milliseconds; null removes one, absent leaves it. */
export type Operation =
  | CreateEntity
  | UpdateEntity
  | { op: 'deleteEntity'; id: string }
  | CreateRelation
  | UpdateRelation
  | { op: 'deleteRelation'; id: string }

/** Makes an entity. */
export interface CreateEntity {
  op: 'createEntity'
  id: string
  entityType: string
  metadata: JsonObject
  validFrom?: number
  validTo?: number
}

/** Changes an entity's metadata, in order, and its validity. */
export interface UpdateEntity {
  op: 'updateEntity'
  id: string
  changes: Change[]
  validFrom?: number | null
  validTo?: number | null
}

/** Makes a relation between two entities that stand. */
export interface CreateRelation {
  op: 'createRelation'
  id: string
  relationType: string
  from: string
  to: string
  metadata: JsonObject
  validFrom?: number
  validTo?: number
}

/** Changes a relation's metadata, in order, and its validity. */
export interface UpdateRelation {
  op: 'updateRelation'
  id: string
  changes: Change[]
  validFrom?: number | null
  validTo?: number | null
}

/** An operation as a draft records it: a cascade is resolved when the commit is applied. */
export type PendingOperation = Operation | { op: 'deleteEntity'; id: string; cascade: true }

/** Operations in their order, which can be read more than once: a list, or what is kept of a large one. */
export type Operations<O extends PendingOperation = Operation> = Iterable<O> & { readonly length: number }

/** The most operations that one version may have. */
export const maxOperations = 1_000_000

/** The largest recorded operation, in bytes of its canonical JSON. */
const maxOperationBytes = 4 * 1_048_576

/** More changes than this are larger than an operation may be, whatever they are. */
const maxChanges = 200_000

/** Turns what came from outside into an operation. `index` is its place in its list, for the error. */
export type OperationGuard = (input: unknown, index?: number) => Operation

/**
 * The guard for operations under these limits of depth and size.
 *
 * The guard throws `ValidationError` (unknown kinds and keys, ids and types that break the rule,
 * pointers that are none, metadata that is not plain JSON, bounds that are no safe integers or cross)
 * and never anything else, whatever it is given.
 */
export function operationGuard(limits: JsonLimits = defaultJsonLimits): OperationGuard {
  let schema: ReturnType<typeof operationSchema> | undefined
  return (input, index) => {
    const issues: ValidationIssue[] = []
    try {
      const unusual = unusualShape(input)
      if (unusual !== undefined) issues.push({ path: '', reason: unusual })
      else {
        // Building it takes longer than opening a universe, and readers never guard an operation.
        schema ??= operationSchema(limits)
        const parsed = schema.safeParse(input)
        if (parsed.success) return checkOperationSize(parsed.data as Operation, limits, index)
        issues.push(...parsed.error.issues.map(toIssue))
      }
    } catch (error) {
      if (error instanceof ValidationError) throw error
      issues.push({ path: '', reason: 'cannot be read' })
    }
    throw new ValidationError({ what: 'The operation is not valid', issues, operation: index })
  }
}

/** The canonical texts of operations, made as they are read. */
export function* textsOf(operations: Iterable<Operation>): Generator<string> {
  for (const operation of operations) yield canonicalJson(operation as unknown as Json)
}

/** Refuses a list that is longer than a version may be. */
export function checkOperationCount(count: number): void {
  if (count > maxOperations) {
    throw new LimitExceededError({
      limit: 'operations in one version',
      maximum: maxOperations,
      actual: count,
      hint: 'Commit them as several versions.',
    })
  }
}

/**
 * Why a recorded list is none of operations, or undefined if it is: what applies them leans on these members. What
 * was recorded had passed the guard, so the rules for what is in them are not looked at again.
 *
 * Cost: a fraction of what it takes to parse the list.
 */
export function refusedRecord(list: unknown): string | undefined {
  if (!Array.isArray(list)) return 'operations are no list'
  const index = list.findIndex((value) => !isOperation(value))
  return index < 0 ? undefined : `operation ${index} cannot be read`
}

function isOperation(value: unknown): boolean {
  if (!isJsonObject(value) || typeof value.id !== 'string') return false
  switch (value.op) {
    case 'createEntity':
      return typeof value.entityType === 'string' && isJsonObject(value.metadata)
    case 'createRelation':
      return (
        typeof value.relationType === 'string' &&
        typeof value.from === 'string' &&
        typeof value.to === 'string' &&
        isJsonObject(value.metadata)
      )
    case 'updateEntity':
    case 'updateRelation':
      return Array.isArray(value.changes) && value.changes.every(isChange)
    default:
      return value.op === 'deleteEntity' || value.op === 'deleteRelation'
  }
}

function isChange(value: Json): boolean {
  if (!isJsonObject(value) || typeof value.path !== 'string') return false
  switch (value.op) {
    case 'set':
    case 'insert':
      return value.value !== undefined
    case 'remove':
      return typeof value.index === 'number'
    case 'patch':
      return isJsonObject(value.patch)
    default:
      return value.op === 'delete'
  }
}

// The members of each shape are listed in the order of RFC 8785: zod returns them in this order.
function operationSchema(limits: JsonLimits) {
  const json = guarded((value) => guardJson(value, limits))
  const object = guarded((value) => guardObject(value, limits))
  const id = followsRule(refusedId)
  const path = followsRule(refusedPointer)
  const pathInside = followsRule(
    (value) => refusedPointer(value) ?? (value === '' ? 'must not be the whole' : undefined),
  )
  // Adding zero turns −0 into 0.
  const moment = z.pipe(
    z.int('must be a safe integer of milliseconds'),
    z.transform((time) => time + 0),
  )
  const bound = z.nullable(moment)
  const index = z.int('must be a whole number').check(z.gte(0, 'must not be negative'))

  const change = z.discriminatedUnion('op', [
    z.strictObject({ op: z.literal('set'), path, value: json }),
    z.strictObject({ op: z.literal('delete'), path: pathInside }),
    z.strictObject({ index: z.optional(index), op: z.literal('insert'), path, value: json }),
    z.strictObject({ index, op: z.literal('remove'), path }),
    z.strictObject({ op: z.literal('patch'), patch: object, path }),
  ])
  const changes = guardedList(
    change.check(
      z.superRefine((value, context) => {
        if (value.op === 'set' && value.path === '' && !isJsonObject(value.value)) {
          context.addIssue({ code: 'custom', path: ['value'], message: 'must be an object: the metadata stays one' })
        }
      }),
    ),
    maxChanges,
    unusualShape,
  )
  return z
    .discriminatedUnion('op', [
      z.strictObject({
        entityType: id,
        id,
        metadata: object,
        op: z.literal('createEntity'),
        validFrom: z.optional(moment),
        validTo: z.optional(moment),
      }),
      z.strictObject({
        changes,
        id,
        op: z.literal('updateEntity'),
        validFrom: z.optional(bound),
        validTo: z.optional(bound),
      }),
      z.strictObject({ id, op: z.literal('deleteEntity') }),
      z.strictObject({
        from: id,
        id,
        metadata: object,
        op: z.literal('createRelation'),
        relationType: id,
        to: id,
        validFrom: z.optional(moment),
        validTo: z.optional(moment),
      }),
      z.strictObject({
        changes,
        id,
        op: z.literal('updateRelation'),
        validFrom: z.optional(bound),
        validTo: z.optional(bound),
      }),
      z.strictObject({ id, op: z.literal('deleteRelation') }),
    ])
    .check(
      z.superRefine((operation, context) => {
        const { validFrom, validTo } = operation as { validFrom?: number | null; validTo?: number | null }
        if (typeof validFrom === 'number' && typeof validTo === 'number' && validFrom > validTo) {
          context.addIssue({ code: 'custom', path: ['validTo'], message: 'is before validFrom' })
        }
      }),
    )
}

/** A string that is not refused. */
export function followsRule(refused: (value: unknown) => string | undefined) {
  return guarded((value) => {
    const reason = refused(value)
    if (reason !== undefined) throw new RefusedJson([], reason)
    return value as string
  })
}

/** A list that is read up to its first bad element: zod would collect the issues of all. */
export function guardedList<T>(
  element: z.ZodMiniType<T>,
  most: number,
  refused: (value: unknown) => string | undefined = () => undefined,
) {
  return guarded((list): T[] => {
    if (!Array.isArray(list)) throw new RefusedJson([], 'must be a list')
    if (list.length > most) throw new RefusedJson([], `has ${list.length} elements, more than ${most}`)
    const elements: T[] = []
    // Not by its iterator, which may be the caller's own and without end.
    for (let index = 0; index < list.length; index++) {
      const unusual = refused(list[index])
      if (unusual !== undefined) throw new RefusedJson([String(index)], unusual)
      const parsed = element.safeParse(list[index])
      if (!parsed.success) {
        const [issue] = parsed.error.issues as [z.core.$ZodIssue]
        throw new RefusedJson([index, ...issue.path].map(String), toIssue(issue).reason)
      }
      elements.push(parsed.data)
    }
    return elements
  })
}

/** What a guard returns, or the issue of the `RefusedJson` that it throws. */
function guarded<T>(guard: (value: unknown) => T) {
  return z.pipe(
    z.unknown(),
    z.transform((value, { issues }): T => {
      try {
        return guard(value)
      } catch (error) {
        if (!(error instanceof RefusedJson)) throw error
        issues.push({ code: 'custom', input: value, path: error.path, message: error.reason })
        return z.NEVER
      }
    }),
  )
}

/** What zod does not see: symbols and `__proto__` as keys. */
function unusualShape(value: unknown): string | undefined {
  if (!isJsonObject(value)) return 'must be an object'
  if (Object.hasOwn(value, '__proto__')) return 'has the key "__proto__"'
  return Object.getOwnPropertySymbols(value).length > 0 ? 'has a symbol as a key' : undefined
}

/** Whether an operation is within what one may be. Cost: its canonical text. */
export function fitsOperation(operation: Operation): boolean {
  if ('changes' in operation && operation.changes.length > maxChanges) return false
  return Buffer.byteLength(canonicalJson(operation as unknown as Json)) <= maxOperationBytes
}

/** Refuses an operation that is larger than one may be; `limits` are those that its values have passed. */
export function checkOperationSize<O extends Operation>(
  operation: O,
  limits: JsonLimits,
  index: number | undefined,
): O {
  const changes = 'changes' in operation ? operation.changes : undefined
  // Within the usual limits one value alone is never too large.
  const mayBeTooLarge = limits.maxBytes > maxOperationBytes / 2 || (changes !== undefined && changes.length > 1)
  if (mayBeTooLarge && !fitsOperation(operation)) {
    throw new ValidationError({
      what: 'The operation is not valid',
      issues: [{ path: '', reason: `is larger than ${maxOperationBytes} bytes` }],
      operation: index,
    })
  }
  return operation
}

function toIssue(issue: z.core.$ZodIssue): ValidationIssue {
  const path = toPointer(issue.path.map(String))
  if (issue.code === 'invalid_union') {
    return { path, reason: 'is unknown or missing' }
  }
  if (issue.code === 'unrecognized_keys') return { path, reason: `has unknown keys: ${issue.keys.join(', ')}` }
  return { path, reason: issue.message }
}
