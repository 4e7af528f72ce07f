import * as fc from 'fast-check'
import { describe, it } from 'vitest'
import { makeForks } from '../given/forks.js'
import { webOperations } from '../given/web.js'
import { stepIntents } from '../model/generator.js'
import { dialects, openUniverseOn } from '../model/open.js'
import { validAt } from '../model/walk.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout, runs, seed } from './law.js'
import { play } from './play.js'
import { askGraph, askWalks, assertWalkGates, WalkCounts } from './walks.js'

describe.each(dialects)('walks on %s', { timeout: lawTimeout }, (dialect) => {
  it('over webs lead where the model says, at every version of every lane', async () => {
    const counts = new WalkCounts()
    const property = fc.asyncProperty(fc.nat(), async (start) => {
      const dice = new Dice(start)
      await using forks = await makeForks(dialect, start, 60, webOperations)
      const { universe, model, heads } = forks
      for (const { versionId, state } of model.versions) {
        const view = universe.at({ version: versionId })
        await askWalks(view, state, dice, 1, counts)
        if (dice.chance(30)) await askGraph(view, state, dice)
        if (!dice.chance(40)) continue
        const moment = dice.roll(6) - 1
        await askWalks(view.validAt(moment), validAt(state, moment), dice, 1, counts)
        if (dice.chance(30)) await askGraph(view.validAt(moment), validAt(state, moment), dice)
      }
      for (const [name, { state }] of heads) {
        await askWalks(universe.at({ branch: name }), state, dice, 4, counts)
        await askGraph(universe.at({ branch: name }), state, dice)
      }
    })
    await fc.assert(property, { numRuns: runs(4), seed })
    assertWalkGates(counts)
  })

  it('through histories lead where the model says: at the head after every step, and at every version for ever', async () => {
    const size = { numRuns: 10, leastOperations: 200 }
    await holdLaw(fc.tuple(stepIntents(40), fc.nat()), size, async ([intents, start], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(start)
      const model = await play(universe, intents, course, async ({ model }) => {
        if (model.head) await askWalks(universe.head, model.head.state, dice, 1)
      })
      for (const { versionId, state } of model.versions) {
        await askWalks(universe.at({ version: versionId }), state, dice, 1)
        if (dice.chance(20)) await askGraph(universe.at({ version: versionId }), state, dice)
      }
    })
  })
})
