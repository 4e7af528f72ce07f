/**
 * Sources: where records come from, read twice: once for the shape of their tree, once whole.
 *
 * A file and a list are there twice. What can be read but once is written to a temporary file first.
 */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { IntegrityError, UniverseError, ValidationError } from '../model/errors.js'
import { canonicalJson, type Json } from '../model/json.js'
import type { OperationGuard } from '../model/operation.js'
import type { GuardedRecord, VersionRecord } from '../model/record.js'
import { type Heading, headingOf, headingOfLine, misleads } from './heading.js'
import { linesOfFile, parseLine, sizeOf } from './lines.js'

/** A path (NDJSON, plain or gzip), a stream of such bytes, or records. */
export type ImportSource = string | Readable | Iterable<VersionRecord> | AsyncIterable<VersionRecord>

/** A record that has not passed the guard, its place from 1, and (of a file) how far that has been read, in bytes. */
export interface Given {
  value: unknown
  number: number
  bytesRead?: number
}

/** A source that can be read again. */
export interface RepeatableSource extends Disposable {
  /** The size of the file that was named, in bytes. */
  bytesTotal?: number
  /** Stops before the first that is no record. */
  headings(): AsyncIterable<Heading> | Iterable<Heading>
  records(): AsyncIterable<Given> | Iterable<Given>
  /** What is wrong with the record after the last. */
  refusal?: ValidationError
}

/** What records pass, and what the operations of a large line pass as it is parsed. */
export interface RecordGuards {
  record(value: unknown, number: number): GuardedRecord
  operation: OperationGuard
}

/** The records of a source so that they can be read twice. Each that is written down is guarded before. */
export async function repeatable(
  source: ImportSource,
  guards: RecordGuards,
  onRead: (read: number) => void,
): Promise<RepeatableSource> {
  if (typeof source === 'string')
    return { ...ofFile(source, guards), bytesTotal: sizeOf(source), [Symbol.dispose]: () => {} }
  if (Array.isArray(source)) return ofList(source)
  const isBytes = source instanceof Readable && !source.readableObjectMode
  if (!isBytes && !isIterable(source)) {
    const reason = 'must be a path, a stream, or an iterable of records'
    throw new ValidationError({ what: 'The source is not valid', issues: [{ path: '', reason }] })
  }
  const folder = mkdtempSync(join(tmpdir(), 'inner-universe-import-'))
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  const path = join(folder, 'records')
  try {
    const refusal = isBytes ? await spoolBytes(source, path) : await spoolRecords(source, path, guards, onRead)
    return { ...ofFile(path, guards), ...(refusal && { refusal }), [Symbol.dispose]: remove }
  } catch (error) {
    remove()
    throw error
  }
}

function ofFile(path: string, { operation }: RecordGuards) {
  return {
    async *headings() {
      for await (const line of linesOfFile(path)) {
        const heading = headingOfLine(line)
        if (heading === undefined) return
        yield heading
      }
    },
    async *records() {
      for await (const line of linesOfFile(path)) {
        const given: Given = { value: parseLine(line, operation), number: line.number }
        if (misleads(line, given.value)) throw saidTwice(line.number)
        if (line.bytesRead !== undefined) given.bytesRead = line.bytesRead
        // Neither bytes nor value need be held while the record is written: they may be large.
        line.pieces = [nothing]
        yield given
      }
    },
  }
}

const nothing = Buffer.alloc(0)

/** Lanes and `main` were chosen by something else than the record. */
function saidTwice(line: number): ValidationError {
  return new ValidationError({ what: 'The line is not valid', issues: [{ path: '', reason: 'has a key twice' }], line })
}

function ofList(list: readonly unknown[]): RepeatableSource {
  return {
    *headings() {
      for (const value of list) {
        const heading = readHeading(value)
        if (heading === undefined) return
        yield heading
      }
    },
    *records() {
      for (let index = 0; index < list.length; index++) yield { value: list[index], number: index + 1 }
    },
    [Symbol.dispose]: () => {},
  }
}

/** A getter or a proxy of the caller's may throw: the guard says so, later. */
function readHeading(value: unknown): Heading | undefined {
  try {
    return headingOf(value)
  } catch {
    return undefined
  }
}

function isIterable(source: unknown): source is AsyncIterable<unknown> {
  return typeof source === 'object' && source !== null && (Symbol.iterator in source || Symbol.asyncIterator in source)
}

async function spoolBytes(source: Readable, path: string): Promise<void> {
  const output = createWriteStream(path)
  try {
    await pipeline(source, output)
  } catch (error) {
    if (error instanceof UniverseError) throw error
    throw new IntegrityError({ reason: `The stream could not be read: ${(error as Error).message}`, cause: error })
  }
}

/** Guarded records, a line each, up to the first that is bad. */
async function spoolRecords(
  source: AsyncIterable<unknown>,
  path: string,
  guards: RecordGuards,
  onRead: (read: number) => void,
): Promise<ValidationError | undefined> {
  let refusal: ValidationError | undefined
  const lines = async function* () {
    let number = 0
    for await (const value of source) {
      number++
      try {
        yield lineOf(guards.record(value, number))
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error
        refusal = error
        return
      }
      onRead(number)
    }
  }
  await pipeline(lines, createWriteStream(path))
  return refusal
}

function lineOf({ branches, metadata, operations, ...record }: GuardedRecord): string {
  const rest = {
    operations: [...operations],
    ...(branches.length > 0 && { branch: branches }),
    ...(metadata && { metadata }),
  }
  return `${canonicalJson({ ...record, ...rest } as unknown as Json)}\n`
}
