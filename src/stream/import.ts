/**
 * Import: a version stream becomes versions, batch by batch.
 *
 * A batch is one transaction, so what an interrupted import leaves is whole; run again it passes
 * over what is there. The stream continues `main`: each record's first parent is the one before it.
 */
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { branchByName } from '../../queries/branch.js'
import { type VersionRow, versionsByIds } from '../../queries/version.js'
import { all, first, type Work } from '../database/work.js'
import { append } from '../history/append.js'
import type { Committer } from '../history/committer.js'
import { type CallOptions, startBudget } from '../model/budget.js'
import { ValidationError } from '../model/errors.js'
import { canonicalJson, type Json } from '../model/json.js'
import { type GuardedRecord, guardRecord, type VersionRecord } from '../model/record.js'
import type { ElementCheck } from '../state/apply.js'
import { operationsHash, versionHash } from '../state/hash.js'
import { type Line, linesOf, linesOfFile, sizeOf } from './lines.js'

/** A path (NDJSON, plain or gzip), a stream of such bytes, or records. */
export type ImportSource = string | Readable | Iterable<VersionRecord> | AsyncIterable<VersionRecord>

/** How a stream is imported. */
export interface ImportOptions extends CallOptions {
  /** Called after each batch. */
  onProgress?: ((progress: ImportProgress) => void) | undefined
  /** Whether what is imported must pass the schema; it is recorded as it is. Default: false. */
  validate?: boolean | undefined
}

/** How far an import has come. */
export interface ImportProgress {
  /** Versions written so far. */
  imported: number
  /** Versions that were there already. */
  skipped: number
  /** Operations written so far. */
  operations: number
  /** How far the file has been read and how long it is, in bytes; absent where the source is no file. */
  bytesRead?: number
  bytesTotal?: number
}

/** What an import did. */
export interface ImportResult {
  imported: number
  skipped: number
}

interface NumberedRecord {
  record: GuardedRecord
  line: number
}

/** A batch is written when it has this many operations, or versions, or has waited this long. */
const batchOperations = 4_000
const batchVersions = 1_000
const batchMs = 1_000

/** Imports a version stream. For errors see `Universe.import`. */
export async function importStream(
  committer: Committer,
  source: ImportSource,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const budget = startBudget(options)
  if (options.onProgress !== undefined && typeof options.onProgress !== 'function') {
    const issues = [{ path: '/onProgress', reason: 'must be a function' }]
    throw new ValidationError({ what: 'The options are not valid', issues })
  }
  const check = readValidate(committer, options.validate)
  const progress: ImportProgress = { imported: 0, skipped: 0, operations: 0 }
  if (typeof source === 'string') progress.bytesTotal = sizeOf(source)
  let batch: NumberedRecord[] = []
  let operations = 0
  let since = Date.now()
  const flush = async () => {
    if (batch.length === 0) return
    const records = batch
    batch = []
    operations = 0
    try {
      await committer.queue.run(() => writeBatch(committer, records, progress, check))
      // One snapshot at a time, and none of a state that is far behind.
      await committer.snapshots.settled()
    } finally {
      options.onProgress?.({ ...progress })
    }
    since = Date.now()
    // A source in memory never waits: signals and other calls are let in here.
    await setImmediate()
    budget.check()
  }

  budget.check()
  try {
    for await (const given of recordsOf(source)) {
      const record = guardRecord(given.value, given.number, committer.guard, committer.limits)
      // The record is a copy. What it was made of need not be held while it is written.
      given.value = undefined
      if (given.bytesRead !== undefined) progress.bytesRead = given.bytesRead
      // A large version is written alone, so that memory is bounded by the largest, not by their sum.
      if (operations > 0 && operations + record.operations.length > batchOperations) await flush()
      batch.push({ record, line: given.number })
      operations += record.operations.length
      const isFull = operations >= batchOperations || batch.length >= batchVersions
      if (isFull || Date.now() - since > batchMs) await flush()
    }
  } catch (error) {
    // What came before a bad line is kept.
    if (error instanceof ValidationError) await flush()
    throw error
  }
  await flush()
  return { imported: progress.imported, skipped: progress.skipped }
}

/** What the records of an import must pass: nothing unless it is asked for. */
function readValidate({ rules }: Committer, validate: unknown): ElementCheck | undefined {
  if (validate === undefined || validate === false) return undefined
  if (validate === true && rules !== undefined) return rules.recordCheck
  const reason = validate === true ? 'needs a universe that was opened with a schema' : 'must be true or false'
  throw new ValidationError({ what: 'The options are not valid', issues: [{ path: '/validate', reason }] })
}

async function* recordsOf(source: ImportSource): AsyncGenerator<Line> {
  if (typeof source === 'string') yield* linesOfFile(source)
  else if (source instanceof Readable && !source.readableObjectMode) yield* linesOf(source)
  else {
    const iterable = source as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null
    if (
      typeof iterable !== 'object' ||
      iterable === null ||
      !(Symbol.iterator in iterable || Symbol.asyncIterator in iterable)
    ) {
      const reason = 'must be a path, a stream, or an iterable of records'
      throw new ValidationError({ what: 'The source is not valid', issues: [{ path: '', reason }] })
    }
    let number = 0
    for await (const value of iterable as AsyncIterable<unknown>) yield { value, number: ++number }
  }
}

async function writeBatch(
  committer: Committer,
  records: readonly NumberedRecord[],
  progress: ImportProgress,
  check: ElementCheck | undefined,
): Promise<void> {
  const written = await committer.database.write(function* () {
    const { fresh, skipped, refusal } = yield* sift(records)
    const { versions, failure } = yield* append(
      fresh.map(({ record, further }) => ({
        versionId: record.version,
        description: record.description,
        owner: record.owner,
        timestamp: record.timestamp,
        mayBeEarlier: true,
        metadata: record.metadata,
        operations: record.operations,
        further,
      })),
      { branch: 'main', auditLog: committer.auditLog, limits: committer.limits, now: Date.now(), check },
    )
    const failed = failure && fresh[failure.index]
    const operations = fresh.slice(0, versions.length).reduce((sum, { record }) => sum + record.operations.length, 0)
    const error = failed ? atLine(failure.error, failed.line) : refusal
    return { versions, skipped, operations, error }
  })
  progress.imported += written.versions.length
  progress.skipped += written.skipped
  progress.operations += written.operations
  await committer.snapshots.notice(written.versions, written.operations)
  if (written.error !== undefined) throw written.error
}

interface FreshRecord extends NumberedRecord {
  further: { versionId: string; versionHash: string | undefined }[]
}

/** Passes over what is there already, and checks that the rest continues `main`, up to the first that does not. */
function* sift(
  records: readonly NumberedRecord[],
): Work<{ fresh: FreshRecord[]; skipped: number; refusal: ValidationError | undefined }> {
  const ids = new Set(records.flatMap(({ record }) => [record.version, ...record.parents]))
  const known = new Map((yield* all(versionsByIds, { ids: [...ids] })).map((row) => [row.version_id, row]))
  const head = yield* first(branchByName, { name: 'main' })
  let tip = head?.version_id ?? null
  const fresh: FreshRecord[] = []
  let skipped = 0
  const seen = new Set<string>()
  let ended: string | undefined

  for (const { record, line } of records) {
    const refuse = (path: string, reason: string) => ({
      fresh,
      skipped,
      refusal: new ValidationError({ what: 'The record is not valid', issues: [{ path, reason }], line }),
    })
    const there = known.get(record.version)
    if (there !== undefined) {
      if (hashAgain(record, there, known) !== there.version_hash) {
        return refuse('/version', `${record.version} is there already with other content`)
      }
      skipped++
      continue
    }
    if (seen.has(record.version)) return refuse('/version', `${record.version} comes twice in the stream`)
    const stranger = record.parents.find((parent) => !known.has(parent) && !seen.has(parent))
    if (stranger !== undefined) return refuse('/parents', `${stranger} is no version here nor earlier in the stream`)
    if ((record.parents[0] ?? null) !== tip) {
      const stands = tip === null ? 'nothing yet' : tip
      return refuse('/parents', `the first parent must be the version before it: main stands at ${stands}`)
    }
    if (ended !== undefined)
      return refuse('/parents', `main ends at ${ended}, and this release imports no other branch`)
    const other = record.branches.find((name) => name !== 'main')
    if (other !== undefined) return refuse('/branch', `this release imports no branch but main, not "${other}"`)
    if (record.version === 'main') return refuse('/version', 'is the name of a branch')
    if (record.branches.includes('main')) ended = record.version
    const further = record.parents.slice(1).map((parent) => ({
      versionId: parent,
      versionHash: known.get(parent)?.version_hash,
    }))
    fresh.push({ record, line, further })
    seen.add(record.version)
    tip = record.version
  }
  return { fresh, skipped, refusal: undefined }
}

/** The hash that a record would have on the state that its version has here. */
function hashAgain(record: GuardedRecord, there: VersionRow, known: ReadonlyMap<string, VersionRow>): string {
  const texts = record.operations.map((operation) => canonicalJson(operation as unknown as Json))
  return versionHash({
    version: record.version,
    parents: record.parents.map((parent) => known.get(parent)?.version_hash ?? ''),
    timestamp: record.timestamp,
    owner: record.owner,
    description: record.description,
    metadata: record.metadata,
    dataHash: there.data_hash,
    operationsHash: operationsHash(texts),
  })
}

/** The error of a version, with the line that it came from. */
function atLine(error: unknown, line: number): unknown {
  if (error instanceof ValidationError && error.line === undefined) {
    const { issues, operation } = error
    return new ValidationError({ what: 'The record is not valid', issues, operation, line })
  }
  if (error instanceof Error) error.message = `Line ${line}: ${error.message}`
  return error
}
