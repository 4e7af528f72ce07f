/**
 * Deltas: what versions recorded; and the text of one to be, the canonical texts of its operations in rows
 * of a bounded size, and their hash.
 */
import { deltasInOrder } from '../../queries/delta.js'
import { all, type Work } from '../database/work.js'
import type { JsonObject } from '../model/json.js'
import { maxOperationBytes, type Operation } from '../model/operation.js'
import { OperationsHash } from './hash.js'

/** What versions recorded: by version its operations, and the metadata of its commit where it has some. */
export type Recorded = Map<string, { operations: Operation[]; metadata: JsonObject | undefined }>

/** What the versions of a page recorded: `after` excluded, at most `limit` of them. The rows of each delta are joined. */
export function* recordedIn(page: { after: number; to: number; limit: number }): Work<Recorded> {
  const recorded: Recorded = new Map()
  for (const row of yield* all(deltasInOrder, page)) {
    const operations = JSON.parse(row.operations) as Operation[]
    const known = recorded.get(row.state_version_id)
    if (known) for (const operation of operations) known.operations.push(operation)
    else {
      const metadata = row.metadata === null ? undefined : (JSON.parse(row.metadata) as JsonObject)
      recorded.set(row.state_version_id, { operations, metadata })
    }
  }
  return recorded
}

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
