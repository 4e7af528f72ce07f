import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stepIntents } from '../model/generator.js'
import { dialects, openUniverseOn } from '../model/open.js'
import { holdLaw, lawTimeout } from './law.js'
import { play, versionsOf } from './play.js'

describe.each(dialects)('commits on %s', { timeout: lawTimeout }, (dialect) => {
  it('that are not waited for queue in order', async () => {
    const size = { numRuns: 10, leastOperations: 150 }
    await holdLaw(stepIntents(30), size, async (intents, course) => {
      await using source = await openUniverseOn(dialect)
      await using universe = await openUniverseOn(dialect)
      const { versions } = await play(source, intents, course)
      const commits = versions.map(({ description, operations, state: _state, ...rest }) => {
        const { versionId, timestamp, owner, metadata } = rest
        const options = { versionId, timestamp, owner, ...(metadata && { metadata }) }
        return universe.commit(description, operations, options)
      })
      expect(await Promise.all(commits)).toEqual(versionsOf(versions))
    })
  })

  it('that come again give the version that is there, and write nothing', async () => {
    const size = { numRuns: 10, leastOperations: 150 }
    const arbitrary = fc.tuple(stepIntents(30), fc.boolean())
    await holdLaw(arbitrary, size, async ([intents, asClosure], course) => {
      await using universe = await openUniverseOn(dialect)
      const { versions, head } = await play(universe, intents, course)
      for (const { versionId, description, owner, operations } of versions) {
        const neverRun = () => expect.unreachable('The closure ran')
        const again = universe.commit(description, asClosure ? neverRun : operations, {
          versionId,
          owner,
        })
        expect((await again).versionId).toBe(versionId)
      }
      expect((await universe.versions.latest())?.versionId).toBe(head?.versionId)
    })
  })
})
