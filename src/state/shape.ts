/**
 * The shape of a version tree: first parents alone, by which lanes are chosen.
 *
 * Memory: about 130 bytes a version, besides ids longer than 40 characters.
 */

/** In place of a first parent: a version without one, and one that only others name. */
const root = -1
const outside = -2

export class Shape {
  private readonly numbers = new Map<string, number>()
  private readonly ids: string[] = []
  private readonly parents: number[] = []
  private heavy: Int32Array | undefined

  /** Adds a version with its first parent, if it is not there yet. First parents come first, or are no part of the shape. */
  add(versionId: string, firstParent: string | undefined): void {
    const parent = firstParent === undefined ? root : this.number(firstParent)
    const own = this.number(versionId)
    if (this.parents[own] === outside && own !== parent) this.parents[own] = parent
  }

  /** Whether a version was added. */
  has(versionId: string): boolean {
    const own = this.numbers.get(versionId)
    return own !== undefined && this.parents[own] !== outside
  }

  /**
   * Whether a version is, of those that have the same first parent, the one with the most first-parent
   * descendants; of several the first. True for one that is no part of the shape.
   */
  isHeaviest(versionId: string): boolean {
    const own = this.numbers.get(versionId)
    const parent = own === undefined ? root : (this.parents[own] as number)
    if (own === undefined || parent < 0) return true
    this.heavy ??= heaviest(this.parents)
    return this.heavy[parent] === own
  }

  /** A version and its first parents, newest first, the first that is no part of the shape included. */
  *chain(versionId: string): Generator<string> {
    let at = this.numbers.get(versionId) ?? root
    for (; at >= 0; at = this.parents[at] as number) yield this.ids[at] as string
  }

  /** The first version that was added and has no parent. */
  firstRoot(): string | undefined {
    return this.ids[this.parents.indexOf(root)]
  }

  /**
   * The end of the longest first-parent chain from a version down, of equals the one that was added
   * last; undefined where nothing follows it.
   */
  longestFrom(versionId: string): string | undefined {
    const start = this.numbers.get(versionId)
    if (start === undefined) return undefined
    const lengths = new Int32Array(this.parents.length)
    lengths[start] = 1
    let end = start
    for (let at = 0; at < lengths.length; at++) {
      const before = lengths[this.parents[at] as number] ?? 0
      if (before > 0) lengths[at] = before + 1
      if ((lengths[at] as number) >= (lengths[end] as number)) end = at
    }
    return end === start ? undefined : this.ids[end]
  }

  private number(versionId: string): number {
    const known = this.numbers.get(versionId)
    if (known !== undefined) return known
    this.heavy = undefined
    this.numbers.set(versionId, this.parents.length)
    this.ids.push(versionId)
    return this.parents.push(outside) - 1
  }
}

/** Of each version's children the heaviest, -1 where there is none. */
function heaviest(parents: readonly number[]): Int32Array {
  const weights = new Int32Array(parents.length).fill(1)
  for (let at = parents.length - 1; at >= 0; at--) {
    const parent = parents[at] as number
    if (parent >= 0) (weights[parent] as number) += weights[at] as number
  }
  const heavy = new Int32Array(parents.length).fill(-1)
  for (let at = 0; at < parents.length; at++) {
    const parent = parents[at] as number
    if (parent < 0) continue
    const known = heavy[parent] as number
    if (known < 0 || (weights[at] as number) > (weights[known] as number)) heavy[parent] = at
  }
  return heavy
}
