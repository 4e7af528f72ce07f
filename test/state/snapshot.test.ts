import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { versionById } from '../../queries/version.js'
import { first } from '../../src/database/work.js'
import { openUniverse, type VersionRecord } from '../../src/index.js'
import { temporaryFolder } from '../given/folder.js'
import { databaseOf, fork } from '../given/fork.js'
import { type Forks, makeForks } from '../given/forks.js'
import { damageSnapshot, snapshotOften, storedSnapshots } from '../given/snapshots.js'
import { makeTree } from '../given/trees.js'
import { Dice } from '../laws/dice.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'
import { byId } from '../model/state.js'

describe.each(dialects)('snapshots on %s', (dialect) => {
  let forks: Forks
  beforeAll(async () => {
    forks = await makeForks(dialect, 7, 120, undefined, snapshotOften)
  })
  afterAll(() => forks.universe.close())

  it('are written on every lane that grows, in several chunks, each once', async () => {
    const { universe, heads } = forks
    const stored = await storedSnapshots(universe)
    const lanes = new Set(await Promise.all(stored.map(({ version_id }) => laneOfVersion(universe, version_id))))

    // How many fall together depends on how busy the machine is.
    expect(stored.length).toBeGreaterThan(8)
    expect(lanes.size).toBeGreaterThan(heads.size / 2)
    expect(stored.filter(({ rows }) => rows > 3).length).toBeGreaterThan(5)
    expect(await universe.verify()).toMatchObject({ ok: true, findings: [] })
  })

  it('lead a replay to the state that the indexes show, from whichever lane, at every version', async () => {
    const { universe, model } = forks
    for (const { versionId, state } of model.versions) {
      for (const from of ['index', 'deltas'] as const) {
        const found = await universe.materialise(versionId, { from })
        expect([...found.entities], `${versionId} from ${from}`).toEqual(byId(state.entities.values()))
        expect([...found.relations], `${versionId} from ${from}`).toEqual(byId(state.relations.values()))
      }
    }
  })

  it('of later versions than their fork say nothing of a lane', async () => {
    await using universe = await openUniverseOn(dialect)
    const start = await universe.commit('Start', (draft) => draft.createEntity('T', { n: 0 }, { id: 'a' }))
    snapshotOften(universe)
    for (let n = 1; n < 6; n++) {
      await universe.commit('', (draft) => draft.updateEntity('a', { n, text: 'x'.repeat(50) }))
    }
    expect(await storedSnapshots(universe)).not.toEqual([])
    await fork(universe, 'x', start.versionId)
    await universe.commit('', (draft) => draft.updateEntity('a', { other: true }), { branch: 'x' })

    const { entities } = await universe.materialise({ branch: 'x' }, { from: 'deltas' })
    expect([...entities]).toMatchObject([{ id: 'a', metadata: { n: 0, other: true } }])
  })

  it('do not outgrow the log: one is due when the deltas since the last are more bytes than the state', async () => {
    await using universe = await openUniverseOn(dialect)
    const many = Array.from({ length: 200 }, (_, n) => `e${n}`)
    snapshotOften(universe, 1_000)
    await universe.commit('', (draft) => {
      for (const id of many) draft.createEntity('T', { text: 'x'.repeat(40) }, { id })
    })
    const written = (await storedSnapshots(universe)).length
    for (let n = 0; n < 30; n++) {
      await universe.commit('', (draft) => {
        for (const id of many.slice(0, 20)) draft.updateEntity(id, { n })
      })
    }
    // A round is about 1,400 bytes of delta, the state about 22,000.
    const later = (await storedSnapshots(universe)).length - written
    expect(later).toBeGreaterThanOrEqual(1)
    expect(later).toBeLessThanOrEqual(3)
  })

  it('of a graph that only grows are none: its state is as large as its deltas', async () => {
    await using universe = await openUniverseOn(dialect)
    snapshotOften(universe, 1_000)
    for (let n = 0; n < 40; n++) {
      await universe.commit('', (draft) => {
        for (let at = 0; at < 10; at++) draft.createEntity('T', { n, text: 'x'.repeat(40) }, { id: `e${n}-${at}` })
      })
    }
    expect(await storedSnapshots(universe)).toEqual([])
  })

  it('are none where little was written, however often', async () => {
    await using universe = await openUniverseOn(dialect)
    for (let n = 0; n < 200; n++) await universe.commit('', (draft) => draft.createEntity('T'))
    expect(await storedSnapshots(universe)).toEqual([])
  })

  it('are counted towards by every process in turn', async () => {
    using folder = temporaryFolder()
    const counts: number[] = []
    for (let turn = 0; turn < 12; turn++) {
      // Each opens it, makes one commit, and ends: about 1,100 bytes of delta on a state of 1,200.
      await using universe = await openUniverse(folder.file('universe.db'))
      snapshotOften(universe, 3_000)
      await universe.commit('', (draft) => {
        for (let id = 0; id < 10; id++) {
          if (turn === 0) draft.createEntity('T', { text: 'x'.repeat(40) }, { id: `${id}` })
          else draft.updateEntity(`${id}`, { text: `${turn % 10}`.repeat(40) })
        }
      })
      counts.push((await storedSnapshots(universe)).length)
    }
    expect(counts).toEqual([0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4])
  })

  it('are written while an import goes on, from a megabyte of delta on', async () => {
    await using universe = await openUniverseOn(dialect)
    const ids = Array.from({ length: 100 }, (_, at) => `e${at}`)
    const textOf = (n: number) => `${n % 10}`.repeat(200)
    const records = Array.from({ length: 70 }, (_, n): VersionRecord => {
      const version = { version: `v${n}`, parents: n ? [`v${n - 1}`] : [], timestamp: n }
      if (n === 0) {
        const metadata = { text: textOf(0) }
        return { ...version, operations: ids.map((id) => ({ op: 'createEntity', id, entityType: 'T', metadata })) }
      }
      const changes = [{ op: 'set', path: '/text', value: textOf(n) } as const]
      return { ...version, operations: ids.map((id) => ({ op: 'updateEntity', id, changes })) }
    })
    await universe.import(records)
    // A batch is 40 of these versions, and 40 of them are a megabyte.
    expect((await storedSnapshots(universe)).map(({ sequence }) => sequence)).toEqual([40])
  })

  it.each(['lines', 'anywhere'] as const)(
    'of a tree of merges and roots, grown %s, lead to its states',
    async (habit) => {
      const { model, records } = makeTree(new Dice(11), 160, habit)
      await using universe = await openUniverseOn(dialect)
      snapshotOften(universe)
      for (let from = 0; from < records.length; from += 8) await universe.import(records.slice(from, from + 8))
      const stored = await storedSnapshots(universe)
      expect(stored.length).toBeGreaterThan(10)
      const expectStates = async () => {
        for (const { versionId, state } of model.versions) {
          const found = await universe.materialise(versionId, { from: 'deltas' })
          expect([...found.entities], versionId).toEqual(byId(state.entities.values()))
          expect([...found.relations], versionId).toEqual(byId(state.relations.values()))
        }
        expect(await universe.verify()).toEqual({ ok: true, versions: 160, findings: [], count: 0 })
        expect(await universe.verify({ quick: true })).toMatchObject({ ok: true, versions: 160, findings: [] })
      }
      await expectStates()
      await universe.rebuild()
      await expectStates()
    },
  )

  it('that cannot be read are passed over, for an older one or the root', async () => {
    const { universe, model } = await makeForks(dialect, 8, 60, undefined, snapshotOften)
    await using _closed = universe
    for (const { version_id } of await storedSnapshots(universe)) await damageSnapshot(universe, version_id)
    for (const { versionId, state } of model.versions) {
      const found = await universe.materialise(versionId, { from: 'deltas' })
      expect([...found.entities]).toEqual(byId(state.entities.values()))
      expect([...found.relations]).toEqual(byId(state.relations.values()))
    }
  })
})

async function laneOfVersion(universe: Universe, id: string): Promise<number | undefined> {
  return databaseOf(universe).read(function* () {
    return (yield* first(versionById, { id }))?.lane_id
  })
}
