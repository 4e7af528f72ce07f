/** Findings: what is wrong, and where. */

/** One thing that is wrong. */
export interface Finding {
  /** What is damaged: a version, its delta, an entity, the history of an entity by `[id, from sequence]`, a tag, an event … */
  place: string
  /** What is wrong with it. */
  problem: string
  /** The version concerned. */
  versionId?: string
}

const mostFindings = 1_000

/** Collects findings up to a number that is worth reading. */
export class Findings {
  readonly list: Finding[] = []
  /** How many there were, those left out included. */
  count = 0

  constructor(private readonly most = mostFindings) {}

  add(place: string, problem: string, versionId?: string): void {
    this.count++
    if (this.list.length < this.most)
      this.list.push({ place, problem, ...(versionId === undefined ? {} : { versionId }) })
  }

  /** Takes over what others collected. */
  take({ list, count }: Findings): void {
    this.list.push(...list.slice(0, this.most - this.list.length))
    this.count += count
  }

  /** Compares a row with what it must be, column by column. */
  compare(place: string, actual: object | undefined, expected: object, versionId?: string): void {
    if (actual === undefined) {
      this.add(place, 'is missing', versionId)
      return
    }
    for (const [column, wanted] of Object.entries(expected)) {
      const value = (actual as Record<string, unknown>)[column]
      if (value !== wanted) {
        this.add(place, `${column} is ${shown(value)}, the deltas say ${shown(wanted)}`, versionId)
        return
      }
    }
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
