/** Short version ids: as long as needed to be unique, and at least eight characters. */
import type { Universe } from '../index.js'

const shortest = 8

/** Shortens version ids to one width, which is enough for each of them and never shrinks. */
export class Shortener {
  private width = shortest

  constructor(private readonly universe: Universe) {}

  /** Looks at versions that will be shown together. */
  async measure(ids: Iterable<string>): Promise<void> {
    for (const id of ids) {
      while (this.width < id.length && !(await this.isUnique(id))) this.width++
    }
  }

  shorten(id: string): string {
    const end = id.charCodeAt(this.width - 1)
    // Not between the halves of a character.
    const isHigh = end >= 0xd800 && end <= 0xdbff
    return id.slice(0, isHigh ? this.width + 1 : this.width)
  }

  private async isUnique(id: string): Promise<boolean> {
    const others = (await this.universe.versions.withPrefix(this.shorten(id), 2)).filter((other) => other !== id)
    const [other] = others
    if (other === undefined) return true
    let common = 0
    while (common < id.length && id[common] === other[common]) common++
    // The loop above adds the last one.
    this.width = Math.max(this.width, Math.min(common, id.length - 1))
    return false
  }
}
