/** Seeded randomness: the same seed gives the same data, ids among it, on every machine. */

export class Random {
  private state: number
  private drawnIds = 0

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** A number from 0 up to 1 (mulberry32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number from 0 up to `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** As long as it takes to be of no use to a compressor. */
  text(length: number): string {
    let text = ''
    while (text.length < length) text += this.below(0x1_0000_0000).toString(36)
    return text.slice(0, length)
  }

  /** A UUID of version 7: fifty of them share a millisecond. */
  id(): string {
    const time = (1_700_000_000_000 + Math.floor(this.drawnIds++ / 50)).toString(16).padStart(12, '0')
    const [a, b, c] = [this.hex(0xfff, 3), this.hex(0x3fff, 4), this.hex(0xffff, 4) + this.hex(0xffff_ffff, 8)]
    const variant = (0x8000 | Number.parseInt(b, 16)).toString(16)
    return `${time.slice(0, 8)}-${time.slice(8)}-7${a}-${variant}-${c}`
  }

  shuffle<T>(list: readonly T[]): T[] {
    const shuffled = [...list]
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.below(last + 1)
      ;[shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T]
    }
    return shuffled
  }

  private hex(mask: number, digits: number): string {
    return this.below(mask + 1)
      .toString(16)
      .padStart(digits, '0')
  }
}
