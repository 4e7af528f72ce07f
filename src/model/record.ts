/** One line of a version stream: a version as it is imported and exported. */
import * as z from 'zod/mini'
import { atLine, UniverseError, ValidationError } from './errors.js'
import { refusedBranchName, refusedId } from './id.js'
import {
  defaultJsonLimits,
  guardObject,
  isJsonObject,
  type JsonLimits,
  type JsonObject,
  RefusedJson,
  refusedText,
} from './json.js'
import {
  checkOperationCount,
  followsRule,
  guardedList,
  type Operation,
  type OperationGuard,
  type Operations,
} from './operation.js'
import { PackedOperations } from './packed.js'
import { toPointer } from './pointer.js'

/** A version in a stream. Parents come before children. */
export interface VersionRecord {
  version: string
  /** The first is the version whose state the operations apply to; an empty list is a root. */
  parents: string[]
  /** Milliseconds since the Unix epoch. */
  timestamp: number
  /** Absent: `'local'`. */
  owner?: string
  /** Absent: `''`. */
  description?: string
  operations: Operation[]
  /** Names that point at this version. */
  branch?: string | string[]
  metadata?: JsonObject
}

/** A record that has passed the guard: every member is there. */
export interface GuardedRecord {
  version: string
  parents: string[]
  timestamp: number
  owner: string
  description: string
  operations: Operations
  branches: string[]
  metadata: JsonObject | null
}

/** Why a value cannot be a description, or undefined if it can: any text that can be kept. */
export function refusedDescription(description: unknown): string | undefined {
  if (typeof description !== 'string') return 'must be a string'
  return refusedText(description)
}

/** What is wrong with the branches of a record: of a union, what its parts say is lost. */
function refusedBranches({ input }: { input?: unknown }): string {
  if (!Array.isArray(input)) {
    return (typeof input === 'string' && refusedBranchName(input)) || 'must be the name of a branch, or a list of names'
  }
  const bad = Array.from(input).findIndex((name) => refusedBranchName(name) !== undefined)
  if (bad < 0) return `has more than ${maxBranches} names`
  return `element ${bad} ${refusedBranchName(input[bad])}`
}

const maxParents = 10_000
const maxBranches = 100_000

function recordSchema() {
  const branchName = followsRule(refusedBranchName)
  const id = followsRule(refusedId)
  return z.strictObject({
    version: id,
    parents: guardedList(id, maxParents),
    // Adding zero turns −0 into 0.
    timestamp: z.pipe(
      z.int('must be a safe integer of milliseconds'),
      z.transform((time) => time + 0),
    ),
    owner: z.optional(id),
    description: z.optional(followsRule(refusedDescription)),
    operations: z.union([z.array(z.unknown()), z.instanceof(PackedOperations)], 'must be a list of operations'),
    branch: z.optional(z.union([branchName, guardedList(branchName, maxBranches)], { error: refusedBranches })),
    metadata: z.optional(z.unknown()),
  })
}

/** Built when the first record comes: few who load the library import a stream. */
let schema: ReturnType<typeof recordSchema> | undefined

/**
 * Turns what came from outside into a record; `line` is its place in its stream, from 1. Operations that are packed
 * have passed `streamGuard` already.
 *
 * @throws {ValidationError} for anything that is not a record of DESIGN's version stream.
 * @throws {LimitExceededError} for more than 1,000,000 operations.
 */
export function guardRecord(
  input: unknown,
  line: number,
  guardOperation: OperationGuard,
  limits: JsonLimits = defaultJsonLimits,
): GuardedRecord {
  const refuse = (path: string, reason: string) => {
    throw new ValidationError({ what: 'The record is not valid', issues: [{ path, reason }], line })
  }
  try {
    if (!isJsonObject(input)) return refuse('', 'must be an object') as never
    if (Object.hasOwn(input, '__proto__')) refuse('', 'has the key "__proto__"')
    schema ??= recordSchema()
    const parsed = schema.safeParse(input)
    if (!parsed.success) {
      const issues = parsed.error.issues.map((issue) => ({
        path: toPointer(issue.path.map(String)),
        reason: issue.code === 'unrecognized_keys' ? `has unknown keys: ${issue.keys.join(', ')}` : issue.message,
      }))
      throw new ValidationError({ what: 'The record is not valid', issues, line })
    }
    const record = parsed.data
    const { operations } = record
    checkOperationCount(operations.length)
    if (new Set(record.parents).size < record.parents.length) refuse('/parents', 'names a parent twice')
    return {
      version: record.version,
      parents: record.parents,
      timestamp: record.timestamp,
      owner: record.owner ?? 'local',
      description: record.description ?? '',
      operations:
        operations instanceof PackedOperations ? operations : Array.from(operations, streamGuard(guardOperation)),
      branches: typeof record.branch === 'string' ? [record.branch] : (record.branch ?? []),
      metadata: record.metadata === undefined || record.metadata === null ? null : guardObject(record.metadata, limits),
    }
  } catch (error) {
    if (error instanceof ValidationError && error.line === undefined) {
      throw new ValidationError({
        what: 'The record is not valid',
        issues: error.issues,
        operation: error.operation,
        line,
      })
    }
    if (error instanceof RefusedJson) return refuse(`/metadata${toPointer(error.path)}`, error.reason) as never
    if (error instanceof UniverseError) throw error.line === undefined ? atLine(error, line) : error
    // A getter or a proxy of the caller's threw.
    return refuse('', 'cannot be read') as never
  }
}

/** The guard for the operations of a stream: there the metadata of a creation may be missing and is `{}`. */
export function streamGuard(guard: OperationGuard): OperationGuard {
  return (operation, index) => guard(withMetadata(operation), index)
}

function withMetadata(operation: unknown): unknown {
  if (!isJsonObject(operation) || operation.metadata !== undefined) return operation
  return operation.op === 'createEntity' || operation.op === 'createRelation'
    ? { ...operation, metadata: {} }
    : operation
}
