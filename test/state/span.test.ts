import { describe, expect, it } from 'vitest'
import { spanClass } from '../../src/state/span.js'
import { collect, idsOf } from '../given/collect.js'
import { dialects, openUniverseOn } from '../model/open.js'

describe('span classes', () => {
  it('are the logarithm of base 8, rounded down, exactly', () => {
    for (let k = 0; k < 17; k++) {
      expect([spanClass(8 ** k), spanClass(8 ** (k + 1) - 1)]).toEqual([k, k])
    }
    expect(spanClass(7)).toBe(0)
    expect(spanClass(8)).toBe(1)
  })
})

describe.each(dialects)('lives of every length on %s', (dialect) => {
  it('are seen by every list from their first version to their last, and not beyond', async () => {
    await using universe = await openUniverseOn(dialect)
    const lengths = [1, 2, 6, 7, 8, 9, 63, 64, 65, 511, 512, 513]
    // Each life begins once early and once late, so that windows meet both of their edges.
    const lives = lengths.flatMap((length) =>
      [2, 17].map((from) => ({ id: `${length} from ${from}`, from, to: from + length })),
    )
    await universe.commit('1', (draft) => {
      draft.createEntity('Hub', {}, { id: 'hub' })
    })
    for (let sequence = 2; sequence <= 540; sequence++) {
      await universe.commit(`${sequence}`, (draft) => {
        for (const { id, to } of lives.filter((life) => life.to === sequence)) {
          expect(to).toBe(sequence)
          draft.deleteEntity(id, { cascade: true })
        }
        for (const { id } of lives.filter((life) => life.from === sequence)) {
          draft.createEntity('T', { tags: ['x'] }, { id })
          draft.createRelation('R', 'hub', id, {}, { id: `r ${id}` })
        }
      })
    }

    const versions = (await universe.versions.history('main')).toReversed()
    for (const { versionId, sequence } of versions) {
      const edges = lives.some(({ from, to }) => Math.min(...[from, to].map((at) => Math.abs(at - sequence))) <= 1)
      if (!edges && sequence % 16 !== 0) continue
      const view = universe.at({ version: versionId })
      const alive = lives.filter(({ from, to }) => from <= sequence && sequence < to).map(({ id }) => id)
      const expected = alive.sort()
      const message = `as of ${sequence}`
      expect(idsOf((await view.entities({ type: 'T' })).items), message).toEqual(expected)
      expect(idsOf((await view.entities({ tag: 'x' })).items), message).toEqual(expected)
      expect(idsOf((await view.entities({ type: ['T'], limit: 1_000 })).items), message).toEqual(expected)
      expect(idsOf(await collect(view.eachRelation())), message).toEqual(expected.map((id) => `r ${id}`))
      expect(idsOf((await view.relations({ type: 'R' })).items), message).toEqual(expected.map((id) => `r ${id}`))
      expect(idsOf((await view.neighbours('hub')).items.map(({ entity }) => entity)), message).toEqual(expected)
      expect(await view.degree('hub', { direction: 'both' }), message).toBe(expected.length)
      expect(await view.count(), message).toEqual({ entities: expected.length + 1, relations: expected.length })
    }
  })
})
