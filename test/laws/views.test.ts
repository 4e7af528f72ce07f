import * as fc from 'fast-check'
import { describe, it } from 'vitest'
import { stepIntents } from '../model/generator.js'
import { versionAt } from '../model/history.js'
import { dialects, openUniverseOn } from '../model/open.js'
import { emptyState } from '../model/state.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { play } from './play.js'
import { askAll } from './questions.js'

describe.each(dialects)('views on %s', { timeout: lawTimeout }, (dialect) => {
  it('answer as the model does: the head after every step, and every version for ever', async () => {
    const size = { numRuns: 20, leastOperations: 500 }
    await holdLaw(fc.tuple(stepIntents(45), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const model = await play(universe, intents, course, async ({ model }) => {
        await askAll(universe.head, model.head?.state ?? emptyState, dice, 3)
        if (model.versions.length === 0) return
        const earlier = dice.pick(model.versions)
        await askAll(universe.at({ version: earlier.versionId }), earlier.state, dice, 1)
      })
      for (const { versionId, state } of model.versions) {
        await askAll(universe.at({ version: versionId }), state, dice, 3)
      }
    })
  })

  it('at a moment are those of the version that stood then', async () => {
    const size = { numRuns: 12, leastOperations: 250 }
    await holdLaw(fc.tuple(stepIntents(30), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const model = await play(universe, intents, course)
      for (const moment of momentsOf(model.versions)) {
        const state = versionAt(model, moment)?.state ?? emptyState
        const time = dice.chance(50) ? moment : new Date(moment)
        await askAll(universe.at({ time }), state, dice, 1)
      }
    })
  })
})

/** Each timestamp, and the moments beside it. */
function momentsOf(versions: readonly { timestamp: number }[]): number[] {
  const around = versions.flatMap(({ timestamp }) => [timestamp - 1, timestamp, timestamp + 1])
  return [...new Set([0, ...around])]
}
