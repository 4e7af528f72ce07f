/**
 * Import: a version stream becomes versions, batch by batch.
 *
 * The source is read twice: first for the shape of its version tree, by which lanes are chosen and
 * `main`'s chain is found, then whole. A batch is one transaction, so what an interrupted import leaves
 * is whole; run again it passes over what is there.
 */
import { setImmediate } from 'node:timers/promises'
import type { Committer } from '../history/committer.js'
import { moveMain } from '../history/rebuild.js'
import { type Budget, type CallOptions, startBudget } from '../model/budget.js'
import { ValidationError } from '../model/errors.js'
import { guardRecord, streamGuard } from '../model/record.js'
import type { ElementCheck } from '../state/apply.js'
import type { LanePlan } from '../state/lanes.js'
import { Shape } from '../state/shape.js'
import { type BatchOptions, type NumberedRecord, writeBatch } from './batch.js'
import { MainChoice } from './main.js'
import { type ImportSource, type RecordGuards, type RepeatableSource, repeatable } from './source.js'

export type { ImportSource } from './source.js'

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
  /** Records read ahead so far, of a source that can be read but once; absent for a file and a list. */
  read?: number
  /** How far the file has been read and how long it is, in bytes; absent where the source is no file. */
  bytesRead?: number
  bytesTotal?: number
}

/** What an import did. */
export interface ImportResult {
  imported: number
  skipped: number
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
  const budget = startBudget(options, ['validate', 'onProgress'])
  if (options.onProgress !== undefined && typeof options.onProgress !== 'function') {
    const issues = [{ path: '/onProgress', reason: 'must be a function' }]
    throw new ValidationError({ what: 'The options are not valid', issues })
  }
  const check = readValidate(committer, options.validate)
  budget.check()
  const progress: ImportProgress = { imported: 0, skipped: 0, operations: 0 }
  const tell = () => options.onProgress?.({ ...progress })
  const guards: RecordGuards = {
    record: (value, line) => guardRecord(value, line, committer.guard, committer.limits),
    operation: streamGuard(committer.guard),
  }
  using records = await repeatable(source, guards, reading(progress, tell, budget))
  if (records.bytesTotal !== undefined) progress.bytesTotal = records.bytesTotal
  const lanes = await survey(committer, records, budget)
  await writeRecords(committer, records, { lanes, check }, { progress, tell, budget, guards })
  if (records.refusal !== undefined) throw records.refusal
  return { imported: progress.imported, skipped: progress.skipped }
}

/** Tells of what is read ahead, now and then. */
function reading(progress: ImportProgress, tell: () => void, budget: Budget): (read: number) => void {
  let since = Date.now()
  return (read) => {
    progress.read = read
    if (Date.now() - since < batchMs) return
    since = Date.now()
    tell()
    budget.check()
  }
}

/** Reads the shape of the whole stream: by it lanes are chosen. */
async function survey(committer: Committer, records: RepeatableSource, budget: Budget): Promise<LanePlan> {
  const shape = new Shape()
  const choice = await MainChoice.start(committer.database, shape)
  let count = 0
  for await (const { version, firstParent, branches } of records.headings()) {
    shape.add(version, firstParent)
    if (branches.includes('main')) choice.name(version)
    if (++count % batchVersions === 0) budget.check()
  }
  const main = await choice.choose()
  if (main.standing !== undefined) await committer.queue.run(() => moveMain(committer, main.standing as string))
  return { isMain: (versionId) => main.has(versionId), continues: (versionId) => shape.isHeaviest(versionId) }
}

async function writeRecords(
  committer: Committer,
  source: RepeatableSource,
  options: BatchOptions,
  run: { progress: ImportProgress; tell: () => void; budget: Budget; guards: RecordGuards },
): Promise<void> {
  const { progress, tell, budget, guards } = run
  let batch: NumberedRecord[] = []
  let operations = 0
  let since = Date.now()
  const flush = async () => {
    if (batch.length === 0) return
    const records = batch
    batch = []
    operations = 0
    const written = await committer.queue.run(() => writeBatch(committer, records, options))
    progress.imported += written.versions.length
    progress.skipped += written.skipped
    progress.operations += written.operations
    await committer.snapshots.notice(written.versions, written.operations)
    // One snapshot at a time, and none of a state that is far behind.
    await committer.snapshots.settled()
    tell()
    if (written.error !== undefined) throw written.error
    since = Date.now()
    // A source in memory never waits: signals and other calls are let in here.
    await setImmediate()
    budget.check()
  }

  try {
    for await (const given of source.records()) {
      const record = guards.record(given.value, given.number)
      // The record is a copy. What it was made of need not be held while it is written.
      given.value = undefined
      if (given.bytesRead !== undefined && progress.bytesTotal !== undefined) progress.bytesRead = given.bytesRead
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
}

/** What the records of an import must pass: nothing unless it is asked for. */
function readValidate({ rules }: Committer, validate: unknown): ElementCheck | undefined {
  if (validate === undefined || validate === false) return undefined
  if (validate === true && rules !== undefined) return rules.recordCheck
  const reason = validate === true ? 'needs a universe that was opened with a schema' : 'must be true or false'
  throw new ValidationError({ what: 'The options are not valid', issues: [{ path: '/validate', reason }] })
}
