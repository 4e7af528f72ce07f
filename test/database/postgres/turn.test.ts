/** A closure that reads, against writers that never rest. */
import { describe, expect, it } from 'vitest'
import { openUniverse } from '../../../src/index.js'
import { freshSchema } from '../../given/server.js'

describe('a closure that loses again and again', () => {
  it('is let alone, and takes place', { timeout: 60_000 }, async () => {
    await using schema = await freshSchema()
    const universes = await Promise.all(
      Array.from({ length: 5 }, () => openUniverse(schema.address({ pool_size: '3' }))),
    )
    const [slow, ...others] = universes as [(typeof universes)[0], ...typeof universes]
    await slow.commit('start', (draft) => draft.createEntity('Counter', { n: 0 }, { id: 'counter' }))

    let isOver = false
    const writing = others.map(async (universe) => {
      while (!isOver) await universe.commit('noise', (draft) => draft.createEntity('Noise', {}))
    })
    let runs = 0
    for (let turn = 0; turn < 5; turn++) {
      await slow.commit('one more', async (draft) => {
        runs++
        const { metadata } = await draft.requireEntity('counter')
        // Longer than any of the others takes for a commit.
        await new Promise((resolve) => setTimeout(resolve, 60))
        draft.updateEntity('counter', { n: (metadata.n as number) + 1 })
      })
    }
    isOver = true
    await Promise.all(writing)

    expect((await slow.head.entity('counter'))?.metadata).toEqual({ n: 5 })
    // It lost before it was let alone, and not after.
    expect(runs).toBeGreaterThan(10)
    expect(runs).toBeLessThanOrEqual(5 * 4)
    for (const universe of universes) await universe.close()
  })
})
