/** Lines of a stream: from a file, plain or gzip, in constant memory besides the longest. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { TextDecoder } from 'node:util'
import { createGunzip } from 'node:zlib'
import { factsOf, fileError, isSystemError } from '../database/file.js'
import { IntegrityError, NotFoundError, UniverseError, ValidationError } from '../model/errors.js'
import { RefusedJson } from '../model/json.js'
import type { OperationGuard } from '../model/operation.js'
import { parseJson } from '../model/text.js'
import { parseInSlices } from './slices.js'

/** A line in the pieces that it was read in, its number from 1, and (of a file) how far it has been read. */
export interface Line {
  pieces: readonly [Buffer, ...Buffer[]]
  number: number
  bytesRead?: number
}

const lineFeed = 0x0a
const gzipMagic = Buffer.from([0x1f, 0x8b])
/** U+FEFF in UTF-8: some programs begin a text with it. */
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])
/** How much is read at a time. */
const pieceBytes = 1 << 18

/** The size of a file that lines will be read from, in bytes. */
export function sizeOf(path: string): number {
  const facts = path.includes('\u0000') ? undefined : factsOf(path)
  if (facts === undefined) throw new NotFoundError({ what: 'The file', id: path })
  if (facts.isDirectory()) {
    const issues = [{ path: '', reason: `${path} is a directory, not a file of NDJSON` }]
    throw new ValidationError({ what: 'The source is not valid', issues })
  }
  return facts.size
}

/**
 * The lines of a file of NDJSON, plain or gzip; blank lines are passed over.
 *
 * @throws {NotFoundError} where there is no file.
 */
export async function* linesOfFile(path: string): AsyncGenerator<Line> {
  sizeOf(path)
  let bytesRead = 0
  const file = createReadStream(path, { highWaterMark: pieceBytes })
  file.on('data', (chunk) => {
    bytesRead += chunk.length
  })
  file.pause()
  try {
    for await (const line of linesOf(file)) {
      line.bytesRead = bytesRead
      yield line
    }
  } catch (error) {
    if (error instanceof UniverseError) throw error
    if (isSystemError(error)) throw fileError(error, path)
    throw new IntegrityError({ reason: `${path} could not be read: ${(error as Error).message}`, cause: error })
  } finally {
    file.destroy()
  }
}

/** The lines of a stream of bytes, plain or gzip. A byte order mark at its beginning is passed over. */
export async function* linesOf(source: Readable): AsyncGenerator<Line> {
  let pieces: Buffer[] = []
  let number = 0
  const take = (): Line | undefined => {
    const taken = pieces.filter((piece) => piece.length > 0)
    pieces = []
    number++
    const [first, ...rest] = taken
    const isBlank = first === undefined || (rest.length === 0 && first.length === 1 && first[0] === 0x0d)
    return isBlank ? undefined : { pieces: [first, ...rest], number }
  }
  for await (const chunk of await textOf(source)) {
    let from = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      pieces.push(chunk.subarray(from, end))
      from = end + 1
      const line = take()
      if (line) yield line
    }
    if (from < chunk.length) pieces.push(chunk.subarray(from))
  }
  const last = pieces.length > 0 ? take() : undefined
  if (last) yield last
}

/** The bytes of a line as one. */
export function bytesOf({ pieces }: Line): Buffer {
  return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
}

/** A byte order mark stays, to be refused: JSON knows none, and only that of a whole stream has been passed over. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** A line of fewer pieces is parsed whole: to pack operations and read them twice is slower. */
const largePieces = 16

/**
 * What a line says. The operations of a large one have passed the guard already, and are packed.
 *
 * @throws {ValidationError} with its number for a line that is no JSON or no UTF-8.
 */
export function parseLine(line: Line, guard: OperationGuard): unknown {
  const refuse = (reason: string, cause: unknown) =>
    new ValidationError({ what: 'The line is not valid', issues: [{ path: '', reason }], line: line.number, cause })
  try {
    const { pieces } = line
    const sliced = pieces.length < largePieces ? undefined : parseInSlices(pieces, decode, guard)
    return sliced ?? parseJson(decode(bytesOf(line)))
  } catch (error) {
    // Nobody would see it in what the parser says.
    if (beginsWith(bytesOf(line), byteOrderMark)) throw refuse('begins with a byte order mark', error)
    if (error instanceof RefusedJson) throw refuse(error.reason, error.cause)
    throw refuse('is no UTF-8', error)
  }
}

function decode(bytes: Buffer): string {
  return decoder.decode(bytes)
}

/** The text of a stream: unzipped where it begins as gzip does, and without a byte order mark before it. */
async function textOf(source: Readable): Promise<AsyncIterable<Buffer>> {
  const chunks = chunksOf(source)
  const first = await beginning(chunks, gzipMagic.length)
  const given = joined(first, chunks)
  const text = beginsWith(first, gzipMagic) ? gunzip(given) : given
  const start = await beginning(text, byteOrderMark.length)
  return joined(beginsWith(start, byteOrderMark) ? start.subarray(byteOrderMark.length) : start, text)
}

/** Takes at least the first `length` bytes, where there are so many. */
async function beginning(chunks: AsyncGenerator<Buffer>, length: number): Promise<Buffer> {
  let start: Buffer = Buffer.alloc(0)
  while (start.length < length) {
    const next = await chunks.next()
    if (next.done) break
    start = Buffer.concat([start, next.value])
  }
  return start
}

async function* joined(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield start
  yield* rest
}

function beginsWith(bytes: Buffer, mark: Buffer): boolean {
  return bytes.subarray(0, mark.length).equals(mark)
}

/** A stream with an encoding gives strings. */
async function* chunksOf(source: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of source) yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer)
}

async function* gunzip(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: pieceBytes })
  const feed = Readable.from(source)
  feed.on('error', (error) => gunzip.destroy(error))
  try {
    yield* feed.pipe(gunzip) as AsyncIterable<Buffer>
  } catch (error) {
    throw new IntegrityError({ reason: `The gzip stream is damaged: ${(error as Error).message}`, cause: error })
  }
}
