/**
 * Deltas: what versions recorded; and the text of one to be, the canonical texts of its operations in rows
 * of a bounded size, and their hash.
 */
import { deltasInOrder } from '../../queries/delta.js'
import { all, type Work } from '../database/work.js'
import { IntegrityError } from '../model/errors.js'
import type { JsonObject } from '../model/json.js'
import { type Operation, refusedRecord } from '../model/operation.js'
import { OperationsHash } from './hash.js'

/** What versions recorded: by version its operations, and the metadata of its commit where it has some. */
export type Recorded = Map<string, { operations: Operation[]; metadata: JsonObject | undefined }>

/** What the versions of a page recorded: `after` excluded, at most `limit` of them. The rows of each delta are joined. */
export function* recordedIn(page: { after: number; to: number; limit: number }): Work<Recorded> {
  const recorded: Recorded = new Map()
  for (const row of yield* all(deltasInOrder, page)) {
    const operations = operationsIn(row.operations, row.state_version_id)
    const known = recorded.get(row.state_version_id)
    if (known) for (const operation of operations) known.operations.push(operation)
    else {
      const metadata = row.metadata === null ? undefined : (parse(row.metadata, row.state_version_id) as JsonObject)
      recorded.set(row.state_version_id, { operations, metadata })
    }
  }
  return recorded
}

/**
 * The operations in a row of a version's delta.
 *
 * @throws {IntegrityError} where it holds none.
 */
export function operationsIn(text: string, versionId: string): Operation[] {
  const list = parse(text, versionId)
  const reason = refusedRecord(list)
  if (reason !== undefined) throw damagedDelta(versionId, reason)
  return list as Operation[]
}

function parse(text: string, versionId: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw damagedDelta(versionId, 'it is no JSON', { cause })
  }
}

/** The error for a delta that cannot be read or replayed. */
export function damagedDelta(
  versionId: string,
  reason: string,
  facts: { hint?: string; cause?: unknown } = {},
): IntegrityError {
  const hint = 'Run verify to see what else is damaged, and restore a backup.'
  return new IntegrityError({ reason: `The delta of version ${versionId} is damaged: ${reason}`, hint, ...facts })
}

/** One row of a delta: the operations from a position on, as a JSON list. */
export interface DeltaChunk {
  position: number
  operations: string
}

/** A row is full before it has more than this, in UTF-16 units: at most 3 bytes each. One operation may be more. */
const fullRow = 1_048_576

export class DeltaText {
  private closed: DeltaChunk[] = []
  private readonly operations = new OperationsHash()
  private texts: string[] = []
  private units = 0
  private position = 0

  /** Adds an operation's canonical text. */
  add(text: string): void {
    const size = text.length + 1
    if (this.texts.length > 0 && this.units + size > fullRow) this.close()
    this.texts.push(text)
    this.units += size
    this.operations.add(text)
  }

  /** The `operations_hash`, of all that was added. */
  hash(): string {
    return this.operations.digest()
  }

  /** The rows that are full and were not taken yet. */
  takeFull(): readonly DeltaChunk[] {
    const { closed } = this
    if (closed.length > 0) this.closed = []
    return closed
  }

  /** The rows that were not taken yet, the last among them; of a delta without operations one. */
  takeRest(): readonly DeltaChunk[] {
    if (this.texts.length > 0 || this.position === 0) this.close()
    return this.takeFull()
  }

  private close(): void {
    const { texts } = this
    const count = texts.length
    // The brackets in the list, not around what it is joined to: that would be copied once more.
    texts[0] = `[${texts[0] ?? ''}`
    texts[texts.length - 1] += ']'
    this.closed.push({ position: this.position, operations: texts.join(',') })
    this.position += count
    this.texts = []
    this.units = 0
  }
}
