/** Reproducible choices: what to ask of a view is too much to be part of a shrinking history. */
export class Dice {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** A whole number below `sides` (mulberry32). */
  roll(sides: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }

  chance(percent: number): boolean {
    return this.roll(100) < percent
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('Nothing to pick from')
    return list[this.roll(list.length)] as T
  }

  some<T>(list: readonly T[], percent: number): T[] {
    return list.filter(() => this.chance(percent))
  }
}
