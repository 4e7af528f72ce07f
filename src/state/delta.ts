/** The text of a delta: the canonical texts of its operations, in rows of a bounded size, and their hash. */
import { maxOperationBytes } from '../model/operation.js'
import { OperationsHash } from './hash.js'

/** One row of a delta: the operations from a position on, as a JSON list. */
export interface DeltaChunk {
  position: number
  operations: string
}

export class DeltaText {
  private readonly closed: DeltaChunk[] = []
  private readonly operations = new OperationsHash()
  private texts: string[] = []
  private bytes = 0
  private position = 0

  /** Adds an operation's canonical text. */
  add(text: string): void {
    const size = Buffer.byteLength(text) + 1
    if (this.texts.length > 0 && this.bytes + size + 1 > maxOperationBytes) this.close()
    this.texts.push(text)
    this.bytes += size
    this.operations.add(text)
  }

  /** The `operations_hash`, of all that was added. */
  hash(): string {
    return this.operations.digest()
  }

  /** The rows, at least one. */
  chunks(): readonly DeltaChunk[] {
    if (this.texts.length > 0 || this.closed.length === 0) this.close()
    return this.closed
  }

  private close(): void {
    this.closed.push({ position: this.position, operations: `[${this.texts.join(',')}]` })
    this.position += this.texts.length
    this.texts = []
    this.bytes = 0
  }
}
