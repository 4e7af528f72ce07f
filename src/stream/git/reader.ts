/**
 * Reads what a program writes, piece by piece, no further ahead than one chunk of its pipe: a
 * reader that is not asked lets the program wait.
 */
import type { Readable } from 'node:stream'

/** A cursor over the bytes of a stream. Pieces may share memory with it: keep copies, not pieces. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #chunk: Buffer = Buffer.alloc(0)
  #at = 0

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  /** What stands before the next `delimiter`, which is passed over; undefined if none follows. */
  async before(delimiter: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = []
    for (;;) {
      const end = this.#chunk.indexOf(delimiter, this.#at)
      parts.push(this.#chunk.subarray(this.#at, end < 0 ? undefined : end))
      if (end >= 0) {
        this.#at = end + 1
        return joined(parts)
      }
      if (!(await this.#advance())) return undefined
    }
  }

  /** The next `count` bytes; undefined where the stream ends before them. */
  async exactly(count: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = []
    const isWhole = await this.#take(count, (part) => parts.push(part))
    return isWhole ? joined(parts) : undefined
  }

  /** Passes over `count` bytes without keeping them; false where the stream ends before. */
  async skip(count: number): Promise<boolean> {
    return this.#take(count, () => {})
  }

  async #take(count: number, receive: (part: Buffer) => void): Promise<boolean> {
    let missing = count
    for (;;) {
      const part = this.#chunk.subarray(this.#at, this.#at + missing)
      this.#at += part.length
      missing -= part.length
      receive(part)
      if (missing === 0) return true
      if (!(await this.#advance())) return false
    }
  }

  async #advance(): Promise<boolean> {
    const next = await this.#chunks.next()
    this.#chunk = next.done ? Buffer.alloc(0) : next.value
    this.#at = 0
    return !next.done
  }
}

function joined(parts: Buffer[]): Buffer {
  const [first] = parts
  return parts.length === 1 && first ? first : Buffer.concat(parts)
}
