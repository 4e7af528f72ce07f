/**
 * Comparing two ways of doing the same, in short slices that alternate: a slow moment of the machine
 * hits both. What is measured is this process's processor time (collecting garbage included), so that
 * others on the machine do not count; where waiting for the disk belongs to the figure, the clock's.
 */

/** Does one turn; what it is done to follows from `turn`, so that both sides get the same. */
export type Side = (turn: number) => unknown

export interface Comparison {
  /** Median microseconds a turn. */
  measured: number
  floor: number
  ratio: Spread
}

/** Of the slices: measured time over the floor's. */
export interface Spread {
  p25: number
  p50: number
  p75: number
}

export interface CompareOptions {
  measured: Side
  against: Side
  /** Default: 60. */
  rounds?: number
  /** How long a slice of the slower side is. Default: 8 ms. */
  sliceMs?: number
  /** How many turns a slice has, where they cannot be tried beforehand. */
  turns?: number
  /** Default: `'processor'`. */
  time?: Time
}

export type Time = 'processor' | 'clock'

export async function compare(options: CompareOptions): Promise<Comparison> {
  const { measured, against, rounds = 60, sliceMs = 8, time = 'processor' } = options
  let turn = 0
  let turns = options.turns
  if (turns === undefined) {
    // Compiles the code and fills the caches; then finds the length of a slice.
    const warm = (await turnsWithin(measured, 20 * sliceMs)) + (await turnsWithin(against, 20 * sliceMs))
    const fit = Math.min(await turnsWithin(measured, sliceMs), await turnsWithin(against, sliceMs))
    turns = Math.max(1, fit)
    turn = warm
  }
  globalThis.gc?.()
  const times: { measured: number; floor: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const first = round % 2 === 0
    const early = await slice(first ? measured : against, turn, turns, time)
    const late = await slice(first ? against : measured, turn, turns, time)
    times.push(first ? { measured: early, floor: late } : { measured: late, floor: early })
    turn += turns
  }
  return {
    measured: spreadOf(times.map((time) => time.measured)).p50,
    floor: spreadOf(times.map((time) => time.floor)).p50,
    ratio: spreadOf(times.map((time) => time.measured / time.floor)),
  }
}

/** Microseconds a turn, of one side alone. */
export async function measure(
  side: Side,
  { rounds = 60, turns, time = 'processor' }: Pick<CompareOptions, 'rounds' | 'turns' | 'time'> = {},
): Promise<Spread> {
  const inSlice = turns ?? Math.max(1, await turnsWithin(side, 8))
  globalThis.gc?.()
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await slice(side, round * inSlice, inSlice, time))
  return spreadOf(times)
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number) => {
    const position = part * (sorted.length - 1)
    const [below, above] = [sorted[Math.floor(position)] as number, sorted[Math.ceil(position)] as number]
    return below + (above - below) * (position - Math.floor(position))
  }
  return { p25: at(0.25), p50: at(0.5), p75: at(0.75) }
}

/** Microseconds a turn. */
async function slice(side: Side, from: number, turns: number, time: Time): Promise<number> {
  const start = now(time)
  for (let turn = from; turn < from + turns; turn++) {
    const result = side(turn)
    // The floor is synchronous: it does not pay for a promise.
    if (result instanceof Promise) await result
  }
  return (now(time) - start) / turns
}

/** Microseconds. */
function now(time: Time): number {
  if (time === 'clock') return performance.now() * 1_000
  const { user, system } = process.cpuUsage()
  return user + system
}

async function turnsWithin(side: Side, ms: number): Promise<number> {
  const end = performance.now() + ms
  let turns = 0
  do {
    const result = side(turns++)
    if (result instanceof Promise) await result
  } while (performance.now() < end)
  return turns
}
