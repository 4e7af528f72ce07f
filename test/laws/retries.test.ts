import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stepIntents } from '../model/generator.js'
import { sameJson } from '../model/json.js'
import { dialects, openUniverseOn } from '../model/open.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { play } from './play.js'

describe.each(dialects)('version ids on %s', { timeout: lawTimeout }, (dialect) => {
  it('that are taken are refused for any other commit, and nothing is written', async () => {
    const size = { numRuns: 10, leastOperations: 200 }
    await holdLaw(fc.tuple(stepIntents(30), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const { versions, head } = await play(universe, intents, course)
      for (const { versionId, description, owner, operations } of versions) {
        const other = dice.pick(versions).operations
        const commit = (say: string, by: string, list: typeof other) =>
          universe.commit(say, list, { versionId, owner: by }).catch((error: { code: string }) => error.code)
        expect(await commit(`${description}?`, owner, operations)).toBe('ALREADY_EXISTS')
        expect(await commit(description, `${owner}?`, operations)).toBe('ALREADY_EXISTS')
        if (!sameJson(other as never, operations as never)) {
          expect(await commit(description, owner, other)).toBe('ALREADY_EXISTS')
        }
      }
      expect((await universe.versions.latest())?.sequence).toBe(head?.sequence)
    })
  })
})
