import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openUniverse, type VersionRecord } from '../../../src/index.js'
import { canRunCluster, startCluster } from '../../given/cluster.js'
import { type Break, startProxy } from '../../given/proxy.js'
import { refusalOf } from '../../given/refused.js'
import { freshSchema, hasServer, type TestSchema } from '../../given/server.js'

/** Ends the connections of a program, as an administrator or a server that goes down does. */
async function terminate({ run }: TestSchema, name: string): Promise<number> {
  return (
    await run(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()',
      [name],
    )
  ).length
}

describe.skipIf(!hasServer)('a connection that is lost', { timeout: 60_000 }, () => {
  it('while nobody uses it is not seen', async () => {
    await using schema = await freshSchema()
    const name = `idle ${schema.name}`
    await using universe = await openUniverse(schema.address({ application_name: name }))
    for (let round = 0; round < 5; round++) {
      await universe.commit(`${round}`, (draft) => draft.createEntity('T', {}, { id: `${round}` }))
      expect(await terminate(schema, name)).toBeGreaterThan(0)
      if (round % 2) await sleep(20)
      expect(await universe.head.count()).toMatchObject({ entities: round + 1 })
      await terminate(schema, name)
      await universe.events.publish('told', round)
    }
    expect((await universe.events.list({ type: 'told' })).items).toHaveLength(5)
    expect(await universe.verify()).toMatchObject({ ok: true })
  })

  it('in the middle of commits, reads and events is not seen, and each of them is there once', async () => {
    await using schema = await freshSchema()
    const name = `busy ${schema.name}`
    await using universe = await openUniverse(schema.address({ application_name: name }))
    await universe.commit('Start', (draft) => {
      for (const id of ['left', 'right']) draft.createEntity('Counter', { n: 0 }, { id })
    })
    let stop = false
    let terminated = 0
    const killing = (async () => {
      while (!stop) {
        await sleep(40 + Math.random() * 120)
        terminated += await terminate(schema, name)
      }
    })()
    let reads = 0
    const reading = (async () => {
      while (!stop) {
        const { items } = await universe.head.entities({ type: 'Counter' })
        expect(items[0]?.metadata.n).toBe(items[1]?.metadata.n)
        reads++
      }
    })()
    const acknowledged: string[] = []
    const told: string[] = []
    try {
      for (let n = 1; n <= 60; n++) {
        const { versionId } = await universe.commit(`${n}`, async (draft) => {
          const before = (await draft.base.requireEntity('left')).metadata.n as number
          for (const id of ['left', 'right']) draft.updateEntity(id, { n: before + 1 })
        })
        acknowledged.push(versionId)
        if (n % 3 === 0) told.push((await universe.events.publish('told', n)).eventId)
      }
    } finally {
      stop = true
      await Promise.all([killing, reading])
    }
    expect(terminated).toBeGreaterThan(5)
    expect(reads).toBeGreaterThan(10)
    const versions = (await universe.versions.history('main')).map(({ versionId }) => versionId)
    expect(versions.toReversed().slice(1)).toEqual(acknowledged)
    expect((await universe.head.requireEntity('right')).metadata.n).toBe(60)
    const events = (await universe.events.list({ type: 'told' })).items
    expect(events.map(({ eventId }) => eventId)).toEqual(told.toReversed())
    expect(await universe.verify()).toMatchObject({ ok: true })
  })

  it('before it said whether a call was written is settled by a look', async () => {
    await using schema = await freshSchema()
    using proxy = await startProxy(schema.address())
    await (await openUniverse(schema.address())).close()
    await using universe = await openUniverse(proxy.by(schema.address()))
    const acknowledged: string[] = []
    const told: string[] = []
    let broken = 0
    for (const what of ['answer', 'question', 'late', 'answer', 'late', 'question'] satisfies Break[]) {
      const breaking = () => {
        proxy.breakNext(what)
        broken++
      }
      const expectedVersion = acknowledged.at(-1) ?? null
      breaking()
      const first = await universe.commit(what, (draft) => draft.createEntity('T'), { expectedVersion })
      breaking()
      const second = await universe.commit(what, async (draft) => {
        const { entities } = await draft.base.count()
        draft.createEntity('T', { entities }, { id: `number ${entities}` })
      })
      acknowledged.push(first.versionId, second.versionId)
      breaking()
      told.push((await universe.events.publish('told', what)).eventId)
      breaking()
      expect(await universe.createBranch(`side ${broken}`)).toMatchObject({ head: { versionId: second.versionId } })
      breaking()
      await universe.deleteBranch(`side ${broken - 1}`)
      breaking()
      const record: VersionRecord = {
        ...{ version: `imported ${broken}`, parents: [first.versionId], branch: `of ${broken}`, operations: [] },
        ...{ timestamp: first.timestamp, owner: 'ada', description: what },
      }
      expect(await universe.import([record])).toEqual({ imported: 1, skipped: 0 })
    }
    expect(proxy.broken).toBe(broken)
    const versions = (await universe.versions.history('main')).map(({ versionId }) => versionId)
    expect(versions.toReversed()).toEqual(acknowledged)
    expect((await universe.head.count()).entities).toBe(acknowledged.length)
    const events = (await universe.events.list({ type: 'told' })).items
    expect(events.map(({ eventId }) => eventId)).toEqual(told.toReversed())
    expect((await universe.events.list({ type: 'BRANCH_DELETED' })).items).toHaveLength(6)
    expect(await universe.verify()).toMatchObject({ ok: true })
  })

  it('while it is verified is not seen, and hides nothing', async () => {
    await using schema = await freshSchema()
    using proxy = await startProxy(schema.address())
    await using universe = await openUniverse(schema.address())
    await universe.commit('Start', (draft) => {
      for (let n = 0; n < 40; n++) draft.createEntity('T', { tags: ['old'] }, { id: `${n}` })
      draft.createRelation('R', '1', '2', {}, { id: 'r' })
    })
    await universe.createBranch('side')
    for (let n = 0; n < 150; n++) {
      await universe.commit('', (draft) => draft.updateEntity(`${n % 40}`, { n, tags: [`${n % 3}`] }))
      if (n % 50 === 0) await universe.commit('', (draft) => draft.updateEntity('1', { n }), { branch: 'side' })
    }
    await universe.events.publish('told')
    await using reader = await openUniverse(proxy.by(schema.address()))

    const verifiedAtEachBreak = async () => {
      const found = []
      for (let answer = 1; ; answer += 4) {
        proxy.breakAnswer(answer)
        found.push(await reader.verify())
        if (proxy.answersLeft > 0) return found
      }
    }
    const whole = await verifiedAtEachBreak()
    expect(whole.length).toBeGreaterThan(10)
    expect(whole).toEqual(whole.map(() => ({ ok: true, versions: 154, findings: [], count: 0 })))

    await schema.run(`delete from entity_history where (id, lane_id) = ('7', 1)`)
    await schema.run(`delete from entity_tag_history where tag = 'old' and entity_id = '8'`)
    await schema.run(`update entity set updated_at = 0 where id = '9'`)
    const [first, ...others] = await verifiedAtEachBreak()
    expect(first?.count).toBeGreaterThan(5)
    expect(others).toEqual(others.map(() => first))
  })

  it('refuses what would have been refused anyway', async () => {
    await using schema = await freshSchema()
    using proxy = await startProxy(schema.address())
    await (await openUniverse(schema.address())).close()
    await using universe = await openUniverse(proxy.by(schema.address()))
    await using other = await openUniverse(schema.address())
    const start = await universe.commit('Start', (draft) => draft.createEntity('T'))
    proxy.breakNext('question')
    const expectedVersion = start.versionId
    const both = [universe, other].map((one) =>
      one
        .commit('One of two', (draft) => draft.createEntity('T'), { expectedVersion })
        .then(
          () => 'written',
          ({ code }) => code as string,
        ),
    )
    expect((await Promise.all(both)).sort()).toEqual(['VERSION_CONFLICT', 'written'])
    expect(await universe.versions.history('main')).toHaveLength(2)
  })
})

describe.skipIf(!hasServer)('a server that is silent', { timeout: 60_000 }, () => {
  it('ends no call, but its deadline does, and nothing is written', async () => {
    await using schema = await freshSchema()
    await (await openUniverse(schema.address())).close()
    using proxy = await startProxy(schema.address())
    const universe = await openUniverse(proxy.by(schema.address()))
    await universe.commit('Start', (draft) => draft.createEntity('T', {}, { id: 'a' }))
    proxy.fallSilent('now')
    const deadline = 100
    const { head, versions, events } = universe
    const calls: (() => Promise<unknown>)[] = [
      () => head.count({ deadline }),
      () => head.entities({ deadline }),
      () => head.types({ deadline }),
      () => head.neighbours('a', { deadline }),
      () => head.degree('a', { deadline }),
      () => head.reachable('a', { deadline }),
      () => versions.history('main', { deadline }),
      () => events.list({ deadline }),
      () => universe.branches({ deadline }),
      () => universe.history('a', { deadline }),
      () => universe.diff('main', 'main', { deadline }),
      () => universe.materialise('main', { deadline }),
      () => universe.export({ deadline }).next(),
      () => universe.verify({ deadline }),
      () => universe.merge('main', { deadline }),
      () => universe.createBranch('side', { deadline }),
      () => universe.commit('Not written', (draft) => draft.createEntity('T'), { deadline }),
      () => events.publish('told', null, { deadline }),
    ]
    // Commits wait for each other, and more than the pool has connections wait for one.
    const start = performance.now()
    const refused = await Promise.all(calls.map(refusalOf))
    expect(refused).toMatchObject(calls.map(() => ({ code: 'LIMIT_EXCEEDED', maximum: deadline })))
    expect(performance.now() - start).toBeLessThan(4_000)
    await universe.close()

    await using other = await openUniverse(schema.address())
    expect(await other.stats()).toMatchObject({ versions: 1, branches: 1 })
    expect((await other.events.list({ type: 'told' })).items).toEqual([])
  })

  it('leaves it open whether a commit was written where it is silent then', async () => {
    await using schema = await freshSchema()
    await (await openUniverse(schema.address())).close()
    using proxy = await startProxy(schema.address())
    await using universe = await openUniverse(proxy.by(schema.address()))
    proxy.fallSilent('commit')
    const commit = () => universe.commit('Written', (draft) => draft.createEntity('T'), { deadline: 300 })
    const message = expect.stringContaining('whether the call was written')
    expect(await refusalOf(commit)).toMatchObject({ code: 'BUSY', message })
    await using other = await openUniverse(schema.address())
    expect(await other.stats()).toMatchObject({ versions: 1 })
  })
})

describe.skipIf(!hasServer || !canRunCluster)('a server that goes down', { timeout: 60_000 }, () => {
  it('is an error within two seconds, and is used again when it is back', async () => {
    using cluster = await startCluster()
    await using universe = await openUniverse(cluster.address({ schema: 'knowledge' }))
    const acknowledged = [await universe.commit('Before', (draft) => draft.createEntity('T'))]
    for (let round = 0; round < 2; round++) {
      cluster.stop()
      for (const call of [
        () => universe.head.count(),
        () => universe.commit('During', (draft) => draft.createEntity('T')),
        () => universe.events.publish('during'),
        () => openUniverse(cluster.address({ schema: 'knowledge' })),
      ]) {
        const start = performance.now()
        expect(await refusalOf(call)).toMatchObject({ code: 'BUSY', message: expect.not.stringContaining('se%') })
        expect(performance.now() - start).toBeLessThan(2_000)
      }
      cluster.start()
      acknowledged.push(await universe.commit('After', (draft) => draft.createEntity('T')))
    }
    expect(await universe.versions.history('main')).toEqual(acknowledged.toReversed())
    expect(await universe.head.count()).toMatchObject({ entities: 3 })
    expect(await universe.verify()).toMatchObject({ ok: true })
  })

  it('in the middle of commits loses none that was acknowledged and keeps none by halves', async () => {
    using cluster = await startCluster()
    const address = cluster.address({ schema: 'knowledge' })
    const acknowledged: string[] = []
    for (let round = 0; round < 2; round++) {
      await using universe = await openUniverse(address)
      const committing = (async () => {
        for (;;) {
          const { versionId } = await universe.commit('', (draft) => {
            draft.createRelation('R', draft.createEntity('T'), draft.createEntity('T'))
          })
          acknowledged.push(versionId)
        }
      })()
      const failed = refusalOf(() => committing)
      while (acknowledged.length < 6 * (round + 1)) await sleep(10)
      await sleep(Math.random() * 200)
      cluster.stop()
      expect(await failed).toMatchObject({ code: 'BUSY' })
      cluster.start()
      const versions = await universe.versions.history('main')
      const ids = versions.map(({ versionId }) => versionId)
      expect(ids).toEqual(expect.arrayContaining(acknowledged))
      expect(versions.length - acknowledged.length).toBeLessThanOrEqual(round + 1)
      expect(await universe.head.count()).toEqual({ entities: 2 * versions.length, relations: versions.length })
      expect(await universe.verify()).toMatchObject({ ok: true })
    }
    expect(acknowledged.length).toBeGreaterThan(10)
  })
})
