/** What a pooler that lends a session for one transaction takes away: statements that were prepared in another. */
import { describe, expect, it } from 'vitest'
import { readAddress } from '../../../src/database/postgres/address.js'
import type { Pool } from '../../../src/database/postgres/client.js'
import { openOver } from '../../../src/database/postgres/open.js'
import { makePool } from '../../../src/database/postgres/pool.js'
import { openOn } from '../../../src/open.js'
import { freshSchema } from '../../given/server.js'

const settings = { readOnly: false, create: true, migrate: true, durability: 'full', busyTimeoutMs: 5_000 } as const

describe('a pooler of transactions', () => {
  it('loses no commit and no answer', async () => {
    await using schema = await freshSchema()
    const address = readAddress(schema.address())
    const open = async () => openOver(forgetful(await makePool(address, { poolSize: 3 })), address, settings)
    const universes = await Promise.all([1, 2].map(() => openOn(open, address.name, {})))
    const [universe, other] = universes as [(typeof universes)[0], (typeof universes)[0]]
    await universe.commit('start', (draft) => draft.createEntity('Counter', { n: 0 }, { id: 'counter' }))

    const count = async (of: typeof universe) => {
      for (let turn = 0; turn < 10; turn++) {
        await of.commit('one more', async (draft) => {
          const { metadata } = await draft.requireEntity('counter')
          draft.updateEntity('counter', { n: (metadata.n as number) + 1 })
        })
        expect((await of.head.entities({ type: 'Counter' })).items).toHaveLength(1)
      }
    }
    await Promise.all([count(universe), count(other)])

    expect((await other.head.entity('counter'))?.metadata).toEqual({ n: 20 })
    expect(await universe.verify()).toMatchObject({ ok: true, versions: 21 })
    for (const one of universes) await one.close()
  })
})

/** A session that is given back forgets what was prepared in it; its client does not know. */
function forgetful(pool: Pool): Pool {
  return {
    size: pool.size,
    async connect() {
      const client = await pool.connect()
      const release = (broken?: Error | boolean) => {
        client.query({ text: 'deallocate all' }).then(
          () => client.release(broken),
          (error: Error) => client.release(error),
        )
      }
      return { query: (query) => client.query(query), release }
    },
    end: () => pool.end(),
  }
}
