/**
 * The specifiers of modules by the id of their blob: read once, remembered within bounds.
 *
 * The same blob comes back when a file moves, a change is undone or lines of history meet.
 */
import type { ObjectReader } from './objects.js'
import { relativeSpecifiers } from './specifiers.js'

/** A larger source was written by a program. */
const maxSourceBytes = 1_048_576

/** As git tells binary files: a NUL so near the beginning. */
const maxBytesToNul = 8000

/** How many specifiers are remembered; each module counts as one too. */
const maxRemembered = 100_000

/** Reads specifiers and remembers those that were asked for last. */
export class SourceReader {
  readonly #objects: ObjectReader
  /** The longest unused first. */
  readonly #remembered = new Map<string, string[]>()
  #weight = 0

  constructor(objects: ObjectReader) {
    this.#objects = objects
  }

  /** By blob, the specifiers of those that are text and not too large. */
  async specifiers(blobs: ReadonlySet<string>): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>()
    const unknown: string[] = []
    for (const blob of blobs) {
      const specifiers = this.#remembered.get(blob)
      if (specifiers) found.set(blob, specifiers)
      else unknown.push(blob)
    }
    await this.#objects.read(unknown, 'blob', maxSourceBytes, (blob, content) => {
      const nul = content.indexOf(0)
      const isBinary = nul >= 0 && nul < maxBytesToNul
      found.set(blob, isBinary ? [] : relativeSpecifiers(content.toString('latin1')))
    })
    for (const [blob, specifiers] of found) this.#remember(blob, specifiers)
    return found
  }

  #remember(blob: string, specifiers: string[]): void {
    if (!this.#remembered.delete(blob)) this.#weight += 1 + specifiers.length
    this.#remembered.set(blob, specifiers)
    for (const [oldest, old] of this.#remembered) {
      if (this.#weight <= maxRemembered) return
      this.#remembered.delete(oldest)
      this.#weight -= 1 + old.length
    }
  }
}
