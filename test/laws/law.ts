/** How a law is put to the test: how often, with which seed, and on which histories. */
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { describeSteps, type Step } from '../model/generator.js'
import { assertGates, Statistics } from '../model/statistics.js'

/** LAWS_SCALE=10 runs ten times as many histories, LAWS_SEED=7 others; the seed of a failure is printed. */
const scale = Number(process.env.LAWS_SCALE ?? 1)
export const seed = Number(process.env.LAWS_SEED ?? 20_261_121)

/** Long enough to shrink a counterexample; what is then found is reported. */
export const lawTimeout = 300_000 * Math.max(1, scale)

/** How many runs a law has, given how many it has at scale one. */
export function runs(atScaleOne: number): number {
  return Math.max(1, Math.round(atScaleOne * scale))
}

/** One run of a law: what it counts, and the steps it took, for the message if it fails. */
export interface Course {
  statistics: Statistics
  steps: Step[]
}

export interface Size {
  numRuns: number
  leastOperations: number
  /** Whether the histories are held against the gates of the ordinary generator. */
  gated?: boolean
}

/**
 * Holds `predicate` against `numRuns` histories (scaled), then the histories against the gates: they
 * must have held `leastOperations` operations, and enough of every kind of trap.
 */
export async function holdLaw<T>(
  arbitrary: fc.Arbitrary<T>,
  { numRuns, leastOperations, gated = true }: Size,
  predicate: (value: T, course: Course) => Promise<void>,
): Promise<void> {
  const statistics = new Statistics()
  const property = fc.asyncProperty(arbitrary, async (value) => {
    const steps: Step[] = []
    try {
      await predicate(value, { statistics, steps })
    } catch (error) {
      throw new Error(`${error}\n${describeSteps(steps)}`, { cause: error })
    }
  })
  await fc.assert(property, {
    numRuns: runs(numRuns),
    seed,
    interruptAfterTimeLimit: lawTimeout * 0.8,
  })
  expect(statistics.operations).toBeGreaterThanOrEqual(leastOperations * Math.min(1, scale) ** 2)
  if (gated && scale >= 1) assertGates(statistics)
}
