import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lastingStepIntents } from '../model/generator.js'
import { dialects, openUniverseOn } from '../model/open.js'
import type { ModelUniverse } from '../model/universe.js'
import { ids } from '../model/values.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { play } from './play.js'
import { askAll } from './questions.js'

describe.each(dialects)('long histories on %s', { timeout: lawTimeout }, (dialect) => {
  it('are read as well where a state stood for hundreds of versions', async () => {
    const ended: number[] = []
    const size = { numRuns: 3, leastOperations: 100, gated: false }
    await holdLaw(fc.tuple(lastingStepIntents(), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const model = await play(universe, intents, course)
      ended.push(...lifetimes(model))
      for (const { versionId, state } of dice.some(model.versions, 15)) {
        await askAll(universe.at({ version: versionId }), state, dice, 3)
      }
    })
    expect(ended.filter((length) => length >= 64).length).toBeGreaterThan(10)
    expect(ended.filter((length) => length >= 512).length).toBeGreaterThan(5)
  })
})

/** For how many versions each state stood that a later version ended. */
function lifetimes({ versions }: ModelUniverse): number[] {
  const lengths: number[] = []
  for (const id of ids) {
    let since = 1
    let stood: unknown
    for (const { sequence, state } of versions) {
      const element = state.entities.get(id) ?? state.relations.get(id)
      const now = element && JSON.stringify(element)
      if (now === stood) continue
      if (stood !== undefined) lengths.push(sequence - since)
      since = sequence
      stood = now
    }
  }
  return lengths
}
