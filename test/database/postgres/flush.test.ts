import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { openUniverse } from '../../../src/index.js'
import { canRunCluster, startCluster } from '../../given/cluster.js'
import { hasServer } from '../../given/server.js'

describe.skipIf(!hasServer || !canRunCluster)('a role that may not write messages into the log', () => {
  it('is told that a commit was written, whoever writes next, and it is on the disk then', async () => {
    using cluster = await startCluster()
    const other = new pg.Client(cluster.address())
    await other.connect()
    const password = new URL(cluster.address()).password
    await other.query(`create role plain login password '${decodeURIComponent(password)}'`)
    await other.query('create schema knowledge authorization plain')
    await other.query('revoke execute on function pg_logical_emit_message(boolean, text, text) from public')
    // Nobody else brings the log to the disk meanwhile.
    await other.query(`alter system set wal_writer_delay = '10s'`)
    await other.query('select pg_reload_conf()')
    const address = new URL(cluster.address({ schema: 'knowledge' }))
    address.username = 'plain'
    await (await openUniverse(address.href)).close()
    await using universe = await openUniverse(address.href, { busyTimeoutMs: 500 })

    const committed = universe.commit('Many', (draft) => {
      for (let n = 0; n < 20_000; n++) draft.createEntity('T', { text: 'x'.repeat(100) })
    })
    for (let begun = false; !begun; await sleep(2)) {
      const { rows } = await other.query(
        `select from pg_locks where relation = 'knowledge.config'::regclass and mode = 'RowShareLock'`,
      )
      begun = rows.length > 0
    }
    // Who comes next has the row as soon as it is free, and keeps it.
    await other.query('begin')
    await other.query(`select from knowledge.config where key = 'universe_id' for no key update`)
    const written = (await other.query('select pg_current_wal_insert_lsn() as at')).rows[0]
    expect(await committed).toMatchObject({ sequence: 1 })
    const { rows } = await other.query('select pg_current_wal_flush_lsn() >= $1 as is', [written.at])
    expect(rows).toEqual([{ is: true }])
    await other.query('rollback')
    await other.end()

    await universe.commit('After', (draft) => draft.createEntity('T'))
    expect(await universe.head.count()).toMatchObject({ entities: 20_001 })
  })
})
