/**
 * The operations of a large version, guarded, as bytes, read as they are laid down: as objects they are twice as
 * large, and V8 lets a heap grow to four times what is alive before it collects.
 */
import type { Operation, Operations } from './operation.js'

export class PackedOperations implements Operations {
  length = 0
  private readonly packs: Buffer[] = []

  /** Adds operations that have passed the guard. */
  add(operations: readonly Operation[]): void {
    this.packs.push(Buffer.from(JSON.stringify(operations)))
    this.length += operations.length
  }

  *[Symbol.iterator](): Generator<Operation> {
    for (const pack of this.packs) yield* JSON.parse(pack.toString()) as Operation[]
  }
}
