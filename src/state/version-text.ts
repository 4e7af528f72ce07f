/** Reads what `versionText` has written. */
import { separator } from '../../queries/version.js'
import type { Version } from '../model/version.js'
import { parentsOf } from './rows.js'

const hashDigits = 64

/**
 * A text on its way: first the parts that were added, one by one, then the version. Split by the engine at all
 * separators a text takes more than twice as long.
 */
export class VersionText {
  private at = 2 * hashDigits

  constructor(private readonly text: string) {}

  /** The next part; '' where the column is null. */
  next(): string {
    const end = this.text.indexOf(separator, this.at)
    const part = this.text.slice(this.at, end)
    this.at = end + 1
    return part
  }

  /** The next part as a number; null where the column is. */
  nextNumber(): number | null {
    const part = this.next()
    return part === '' ? null : Number(part)
  }

  /** The version, when all that was added is read; its sequence comes from elsewhere. */
  version(sequence: number): Version {
    const [versionId, parent, further] = [this.next(), this.next() || null, this.next() || null]
    return {
      versionId,
      parentVersionId: parent,
      parents: parentsOf({ parent_version_id: parent, further_parents: further }),
      sequence,
      timestamp: this.nextNumber() as number,
      owner: this.next(),
      description: this.text.slice(this.at),
      dataHash: this.text.slice(0, hashDigits),
      versionHash: this.text.slice(hashDigits, 2 * hashDigits),
    }
  }
}
