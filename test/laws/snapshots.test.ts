import { describe, expect, it } from 'vitest'
import { snapshotOften, storedSnapshots } from '../given/snapshots.js'
import { stepIntents } from '../model/generator.js'
import { dialects, openUniverseOn } from '../model/open.js'
import { byId } from '../model/state.js'
import { holdLaw, lawTimeout, runs } from './law.js'
import { play } from './play.js'

describe.each(dialects)('snapshots on %s', { timeout: lawTimeout }, (dialect) => {
  it('lead a replay to what was there, at every version of any history, and pass verification', async () => {
    const size = { numRuns: 20, leastOperations: 500 }
    let [snapshots, chunks, begun] = [0, 0, 0]
    await holdLaw(stepIntents(60), size, async (intents, course) => {
      await using universe = await openUniverseOn(dialect)
      snapshotOften(universe)
      const model = await play(universe, intents, course)
      const stored = await storedSnapshots(universe)
      snapshots += stored.length
      for (const { rows } of stored) chunks += rows - 1
      for (const { versionId, state, sequence } of model.versions) {
        if (stored.some((snapshot) => snapshot.sequence <= sequence)) begun++
        const { entities, relations } = await universe.materialise(versionId, { from: 'deltas' })
        expect(byId(entities), versionId).toEqual(byId(state.entities.values()))
        expect(byId(relations), versionId).toEqual(byId(state.relations.values()))
      }
      expect(await universe.verify()).toMatchObject({ findings: [] })
    })
    expect(snapshots).toBeGreaterThan(runs(20))
    expect(chunks).toBeGreaterThan(snapshots)
    expect(begun).toBeGreaterThan(runs(50))
  })
})
