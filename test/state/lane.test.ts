import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collect, idsOf } from '../given/collect.js'
import { fork, laneOf } from '../given/fork.js'
import { type Forks, makeForks } from '../given/forks.js'
import { randomMetadata } from '../laws/conditions.js'
import { Dice } from '../laws/dice.js'
import { runs } from '../laws/law.js'
import { randomMoment } from '../laws/moments.js'
import { versionOf } from '../laws/play.js'
import { askAll, askSeen } from '../laws/questions.js'
import { diff, netOperations } from '../model/diff.js'
import { listEntities, listRelations } from '../model/filter.js'
import { ancestors, children, firstParents, historyOf, mergeBases, versionAt } from '../model/history.js'
import { dialects, openUniverseOn } from '../model/open.js'
import { byId } from '../model/state.js'
import { ids } from '../model/values.js'
import { validAt } from '../model/walk.js'

describe.each(dialects)('lanes on %s', (dialect) => {
  let forks: Forks
  beforeAll(async () => {
    forks = await makeForks(dialect, 7, 90)
  })
  afterAll(() => forks.universe.close())

  it('are as deep as the divergences, and branches at the end of a lane share nothing', async () => {
    const { universe, heads } = forks
    const lanes = await Promise.all([...heads.keys()].map((name) => laneOf(universe, name)))

    expect(new Set(lanes).size).toBe(heads.size)
    expect((await universe.stats()).lanes).toBe(heads.size)
    expect((await universe.stats()).versions).toBe(90)
  })

  it('show every version as a replay of its first parents does, whatever is asked', async () => {
    const { universe, model } = forks
    const dice = new Dice(3)
    for (const { versionId, state } of dice.some(model.versions, runs(model.versions.length))) {
      await askAll(universe.at({ version: versionId }), state, dice, 3)
    }
  })

  it('show what is valid at a moment, and what of it has such metadata, at every version', async () => {
    const { universe, model } = forks
    const dice = new Dice(8)
    let [hidden, kept] = [0, 0]
    for (const { versionId, state } of model.versions) {
      const moment = randomMoment(state, dice)
      const valid = validAt(state, moment)
      const view = universe.at({ version: versionId }).validAt(moment)
      await askSeen(view, valid, dice, 1)
      hidden += state.entities.size - valid.entities.size
      for (let round = 0; round < 4; round++) {
        const metadata = randomMetadata(dice, [...state.entities.values(), ...state.relations.values()])
        const found = await collect(view.eachEntity({ metadata }))
        expect(found, JSON.stringify(metadata)).toEqual(listEntities(valid, { metadata }))
        expect(await collect(view.eachRelation({ metadata }))).toEqual(listRelations(valid, { metadata }))
        kept += found.length
      }
    }
    expect(hidden).toBeGreaterThan(15)
    expect(kept).toBeGreaterThan(100)
  })

  it('show the newest version of each branch by its name', async () => {
    const { universe, heads } = forks
    const dice = new Dice(4)
    for (const [name, { state, versionId }] of heads) {
      await askAll(universe.at({ branch: name }), state, dice, 8)
      await askAll(universe.at(name), state, dice, 2)
      expect((await universe.versions.latest(name))?.versionId).toBe(versionId)
    }
    await askAll(universe.head, heads.get('main')?.state as never, dice, 8)
  })

  it('replay their deltas to what the indexes show, with the hash that was given', async () => {
    const { universe, model } = forks
    for (const version of model.versions) {
      for (const from of ['index', 'deltas'] as const) {
        const state = await universe.materialise(version.versionId, { from })
        expect([...state.entities]).toEqual(byId(version.state.entities.values()))
        expect([...state.relations]).toEqual(byId(version.state.relations.values()))
        expect(state.version).toEqual(versionOf(version))
      }
    }
  })

  it('tell the history of an id along first parents, over every fork', async () => {
    const { universe, model, heads } = forks
    for (const until of [...heads.values(), ...model.versions.filter(({ sequence }) => sequence % 9 === 0)]) {
      for (const id of ids) {
        const told = historyOf(model, id, until).map((entry) => ({ ...entry, version: versionOf(entry.version) }))
        expect(await universe.history(id, { until: until.versionId }), `${id} ${until.versionId}`).toEqual(told)
      }
    }
    expect(await universe.history('a')).toEqual(await universe.history('a', { until: 'main' }))
  })

  it('differ from each other as their states do', async () => {
    const { universe, model } = forks
    const dice = new Dice(5)
    for (let round = 0; round < 150; round++) {
      const [a, b] = [dice.pick(model.versions), dice.pick(model.versions)]
      const between = `${a.versionId} ${b.versionId}`
      expect(await universe.diff(a.versionId, b.versionId), between).toEqual(diff(a.state, b.state))
      const operations = await universe.diff(a.versionId, b.versionId, { operations: true })
      expect(operations, between).toEqual(netOperations(a.state, b.state))
    }
  })

  it('resolve a moment along the lineage of each branch', async () => {
    const { universe, model, heads } = forks
    const moments = new Set(model.versions.flatMap(({ timestamp }) => [timestamp - 1, timestamp, timestamp + 1]))
    for (const [branch, head] of heads) {
      for (const time of moments) {
        const expected = versionAt(model, time, head)
        const message = `${branch} at ${time}`
        expect((await universe.versions.at(time, branch))?.versionId, message).toBe(expected?.versionId)
        const count = { entities: expected?.state.entities.size ?? 0, relations: expected?.state.relations.size ?? 0 }
        expect(await universe.at({ time, branch }).count(), message).toEqual(count)
      }
    }
  })

  it('know their versions’ chains, ancestors, children and common ancestors', async () => {
    const { universe, model } = forks
    const dice = new Dice(6)
    const named = (versions: { versionId: string }[]) => versions.map(({ versionId }) => versionId)
    for (const version of model.versions) {
      const { versionId } = version
      expect(await universe.versions.history(versionId)).toEqual(firstParents(model, version).map(versionOf))
      expect(named(await collect(universe.versions.ancestors(versionId)))).toEqual(named(ancestors(model, versionId)))
      expect(named(await universe.versions.children(versionId))).toEqual(named(children(model, versionId)))
    }
    for (let round = 0; round < 60; round++) {
      const [a, b] = [dice.pick(model.versions).versionId, dice.pick(model.versions).versionId]
      expect(named(await universe.versions.mergeBases(a, b))).toEqual(named(mergeBases(model, a, b)))
    }
  })

  it('hide an id by what they wrote of it, before any filter', async () => {
    await using universe = await openUniverseOn(dialect)
    const start = await universe.commit('Start', (draft) => {
      draft.createEntities(['a', 'b', 'c'].map((id) => ({ entityType: 'T', id, metadata: { tags: ['x'] } })))
      draft.createRelation('R', 'a', 'b', {}, { id: 'r' })
      draft.createRelation('R', 'a', 'c', {}, { id: 's' })
    })
    await fork(universe, 'x', start.versionId)
    const onX = { branch: 'x' }
    await universe.commit(
      'Other type, other ends',
      (draft) => {
        draft.deleteRelation('r')
        draft.createRelation('S', 'b', 'a', {}, { id: 'r' })
        draft.deleteEntity('c', { cascade: true })
        draft.createEntity('U', {}, { id: 'c' })
      },
      onX,
    )
    await universe.commit('Meanwhile', (draft) => draft.updateEntity('b', { tags: ['y'] }))
    const x = universe.at(onX)

    expect(idsOf((await x.entities({ type: 'T' })).items)).toEqual(['a', 'b'])
    expect(idsOf((await x.entities({ tag: 'x' })).items)).toEqual(['a', 'b'])
    expect(idsOf((await x.entities({ tag: 'y' })).items)).toEqual([])
    expect((await x.relations({ type: 'R' })).items).toEqual([])
    expect((await x.neighbours('a')).items).toEqual([])
    expect((await x.neighbours('a', { direction: 'in' })).items).toMatchObject([{ entity: { id: 'b' } }])
    expect(await x.count()).toEqual({ entities: 3, relations: 1 })
    await universe.commit('Gone', (draft) => draft.deleteEntity('b', { cascade: true }), onX)
    expect(await x.degree('a', { direction: 'both' })).toBe(0)
    expect(await x.relation('r')).toBeUndefined()
    expect(await universe.head.degree('a')).toBe(2)
  })

  it('continue the lane of their head only while it is the lane’s last version', async () => {
    await using universe = await openUniverseOn(dialect)
    const first = await universe.commit('1', [])
    await fork(universe, 'x', first.versionId)
    await universe.commit('2', [], { branch: 'x' })
    const third = await universe.commit('3', [], { branch: 'x' })
    await fork(universe, 'y', third.versionId)
    const lane = await laneOf(universe, 'x')
    await universe.commit('4', [], { branch: 'y' })
    expect(await laneOf(universe, 'y')).toBe(lane)
    await universe.commit('5', [], { branch: 'x' })
    await universe.commit('6', [], { branch: 'x' })

    expect(await laneOf(universe, 'y')).toBe(lane)
    expect(await laneOf(universe, 'x')).not.toBe(lane)
    expect((await universe.stats()).lanes).toBe(3)
  })
})
