import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyOperations } from './apply.js'
import { netOperations } from './diff.js'
import { Clock, makeStep, type StepIntent, stepIntents } from './generator.js'
import { dataHash } from './hash.js'
import { attempt, Refusal } from './refusal.js'
import { assertGates, Statistics } from './statistics.js'
import { ModelUniverse } from './universe.js'
import { pick } from './values.js'

/** The history on a model alone; every step that the model refuses was meant to be refused. */
function play(intents: StepIntent[], statistics: Statistics): ModelUniverse {
  const universe = new ModelUniverse()
  const clock = new Clock()
  for (const intent of intents) {
    const before = universe.versions.length
    const step = makeStep(universe, intent, clock)
    const outcome = attempt(() => universe.commit(step, step.now, `u${before + 1}`))
    const isNew = universe.versions.length > before
    statistics.add(universe, step, outcome, isNew)

    const isWrong = intent.option !== 'none' || intent.intents.some(({ wish }) => wish === 'wrong')
    if (outcome instanceof Refusal && !isWrong) throw outcome
  }
  return universe
}

describe('random histories', () => {
  it('hold everything that the laws are about, and little that is refused', () => {
    const statistics = new Statistics()
    fc.assert(
      fc.property(stepIntents(40), (intents) => {
        play(intents, statistics)
      }),
      { numRuns: 80, seed: 1 },
    )

    assertGates(statistics)
    const { operations, refusedByCode, refused, versions } = statistics
    expect(operations).toBeGreaterThan(4_000)
    expect(Object.keys(refusedByCode).sort()).toEqual([
      'ALREADY_EXISTS',
      'ENTITY_IN_USE',
      'NOT_FOUND',
      'VALIDATION',
      'VERSION_CONFLICT',
    ])
    expect(refused / versions).toBeLessThan(0.4)
  })

  it('lead from any version to any other by net operations', () => {
    const statistics = new Statistics()
    fc.assert(
      fc.property(stepIntents(12), fc.nat(), fc.nat(), (intents, from, to) => {
        const { versions } = play(intents, statistics)
        const [a, b] = [pick(versions, from), pick(versions, to)]
        if (!a || !b) return
        const after = applyOperations(a.state, netOperations(a.state, b.state))
        expect(dataHash(after)).toBe(b.dataHash)
      }),
      { numRuns: 100, seed: 2 },
    )
  })
})
