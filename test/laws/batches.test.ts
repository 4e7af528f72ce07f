import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Clock, calmStepIntents, makeStep, type StepIntent } from '../model/generator.js'
import { dialects, openUniverseOn } from '../model/open.js'
import { attempt } from '../model/refusal.js'
import { ModelUniverse } from '../model/universe.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { recordOf } from './play.js'
import { askAll, collect } from './questions.js'

describe.each(dialects)('batches on %s', { timeout: lawTimeout }, (dialect) => {
  it('of an import join without a seam: equal records, equal answers', async () => {
    const seam = 1_000
    const size = { numRuns: 1, leastOperations: 0, gated: false }
    await holdLaw(fc.tuple(calmStepIntents(2_300), fc.nat()), size, async ([intents, seed]) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const { versions } = historyOf(intents)
      const records = versions.map(recordOf)
      expect(records.length).toBeGreaterThan(2 * seam)

      const done = await universe.import(records).catch((error: Error) => error.message)
      expect(done).toEqual({ imported: records.length, skipped: 0 })
      const exported = await collect(universe.export())
      expect(exported.map(({ branch: _branch, ...record }) => record)).toEqual(records)
      const nearSeams = versions.filter(({ sequence }) => sequence > seam / 2 && (sequence + 2) % seam < 5)
      expect(nearSeams).toHaveLength(10)
      for (const { versionId, state } of [...nearSeams, ...dice.some(versions, 1)]) {
        await askAll(universe.at({ version: versionId }), state, dice, 2)
      }
      expect(await universe.verify()).toMatchObject({ findings: [] })
    })
  })
})

function historyOf(intents: readonly StepIntent[]): ModelUniverse {
  const model = new ModelUniverse()
  const clock = new Clock()
  for (const [index, intent] of intents.entries()) {
    const step = makeStep(model, intent, clock)
    attempt(() => model.commit(step, step.now, `u${index}`))
  }
  return model
}
