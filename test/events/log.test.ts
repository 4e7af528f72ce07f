import { beforeEach, describe, expect, it } from 'vitest'
import { recentEvents } from '../../queries/event.js'
import { all } from '../../src/database/work.js'
import type { EventFilter, UniverseEvent } from '../../src/index.js'
import { canonicalJson } from '../../src/model/json.js'
import { eventHash } from '../../src/state/hash.js'
import { collect, pagesOf } from '../given/collect.js'
import { damage } from '../given/damage.js'
import { databaseOf } from '../given/fork.js'
import { expectRefused, refusalOf } from '../given/refused.js'
import { refusedIds, refusedValues } from '../given/values.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'

describe.each(dialects)('events on %s', (dialect) => {
  it('tell of every operation, of the version and of its delta, newest first', async () => {
    await using universe = await openUniverseOn(dialect, { owner: 'ada' })
    const version = await universe.commit(
      'All',
      (draft) => {
        draft.createEntity('T', { n: 1 }, { id: 'a' })
        draft.createRelation('R', 'a', 'a', {}, { id: 'r' })
        draft.updateRelation('r', { x: 1 })
        draft.updateEntity('a', { n: 2 })
        draft.deleteEntity('a', { cascade: true })
      },
      { owner: 'bob', timestamp: 77 },
    )
    const { items } = await universe.events.list()
    const { versionId } = version
    const operations = await universe.versions.operations(versionId)
    const told = { sequence: 1, versionId, parents: [], description: 'All' }

    expect(items.map(({ seq }) => seq)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1])
    expect(new Set(items.map(({ eventId }) => eventId)).size).toBe(9)
    expect(items.toReversed()).toMatchObject([
      { type: 'SYSTEM_INITIALIZED', actor: 'ada', versionId: null, source: (await universe.stats()).universeId },
      { type: 'ENTITY_CREATED', source: 'a', data: operations[0], position: 0 },
      { type: 'RELATION_CREATED', source: 'r', data: operations[1], position: 1 },
      { type: 'RELATION_UPDATED', source: 'r', data: operations[2], position: 2 },
      { type: 'ENTITY_UPDATED', source: 'a', data: operations[3], position: 3 },
      { type: 'RELATION_DELETED', source: 'r', data: { op: 'deleteRelation', id: 'r' }, position: 4 },
      { type: 'ENTITY_DELETED', source: 'a', data: { op: 'deleteEntity', id: 'a' }, position: 5 },
      { type: 'STATE_VERSION_COMMITTED', source: versionId, data: told, position: null },
      { type: 'DELTA_RECORDED', source: versionId, data: told, position: null },
    ])
    for (const event of items.slice(0, 8)) expect(event).toMatchObject({ actor: 'bob', timestamp: 77, versionId })
  })

  it('have their keys in canonical order, at every depth', async () => {
    await using universe = await openUniverseOn(dialect)
    const metadata = { long: { zz: 1, b: [{ long: 2, a: 1e21 }] }, b: 1 }
    await universe.commit('Keys', (draft) => {
      draft.createEntity('T', metadata, { id: 'a' })
      draft.createRelation('R', 'a', 'a', metadata, { id: 'r' })
      draft.replaceEntity('a', { ...metadata, aa: metadata })
    })
    await universe.events.publish('SEEN', metadata)
    const { items } = await universe.events.list()

    for (const { data } of items) expect(JSON.stringify(data)).toBe(canonicalJson(data))
  })

  it('of a large version are read from every row of its delta', async () => {
    await using universe = await openUniverseOn(dialect)
    const text = 'x'.repeat(900_000)
    await universe.commit('Large', (draft) => {
      for (let n = 0; n < 12; n++) draft.createEntity('T', { n, text }, { id: `e${n}` })
    })
    const { items } = await universe.events.list({ type: 'ENTITY_CREATED' })

    expect(items.map(({ data, source }) => [(data as { id: string }).id, source])).toEqual(
      Array.from({ length: 12 }, (_, n) => [`e${11 - n}`, `e${11 - n}`]),
    )
    expect(items).toEqual(await pagesOf((next) => universe.events.list({ type: 'ENTITY_CREATED', limit: 5, ...next })))
  })

  it('are published with any type, source and data', async () => {
    await using universe = await openUniverseOn(dialect, { owner: 'ada' })
    const published = []
    for (const data of [null, 0, false, '', 'x', [], [null], {}, { b: 1, a: { c: [1.5] } }]) {
      published.unshift(await universe.events.publish('SEEN', data, { source: 'a' }))
    }
    const bare = await universe.events.publish('ANY name')
    const { items } = await universe.events.list()

    expect(bare).toMatchObject({
      type: 'ANY name',
      data: null,
      source: null,
      actor: 'ada',
      versionId: null,
      position: null,
    })
    expect(items.slice(0, -1)).toEqual([bare, ...published])
    expect((await universe.stats()).versions).toBe(0)
  })

  it('that no delta yields are chained by their hashes, past those of commits', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.events.publish('A', { n: 1 })
    await universe.commit('Between', (draft) => draft.createEntity('T'))
    await universe.events.publish('B', [1], { source: 'x' })
    const newest = await databaseOf(universe).read(() => all(recentEvents, { limit: 100 } as never))
    const rows = newest.toReversed()

    expect(rows.map(({ hash }) => hash !== null)).toEqual([true, true, false, false, false, true])
    let previous: string | null = null
    for (const row of rows.filter(({ hash }) => hash !== null)) {
      const { actor, event_id, source, timestamp, event_type } = row
      const data = row.data === null ? null : JSON.parse(row.data)
      previous = eventHash(previous, { actor, data, eventId: event_id, source, timestamp, type: event_type })
      expect(row.hash).toBe(previous)
    }
  })

  it('are left out where the universe keeps no audit log, versions whole or not at all', async () => {
    await using universe = await openUniverseOn(dialect, { auditLog: false })
    await universe.commit('Silent', (draft) => draft.createEntity('T'))
    expect((await universe.events.list()).items).toEqual([])
    await universe.events.publish('LOUD')
    expect((await universe.events.list()).items).toMatchObject([{ type: 'LOUD', seq: 1 }])
    expect(await collect(universe.export())).toHaveLength(1)
  })
})

describe.each(dialects)('a list of events on %s', (dialect) => {
  let universe: Universe
  let every: UniverseEvent[]
  beforeEach(async () => {
    universe = await openUniverseOn(dialect)
    for (const [n, timestamp] of [10, 20, 20, 30].entries()) {
      await universe.commit(`${n}`, (draft) => draft.createEntity('T', {}, { id: `e${n}` }), { timestamp })
    }
    await universe.events.publish('SEEN', 1, { source: 'e0' })
    every = (await universe.events.list({ limit: 1_000 })).items
    return () => universe.close()
  })

  it('keeps what it is asked for: type, source, moments with both ends, and all of them together', async () => {
    const options = [
      [{}, { type: 'ENTITY_CREATED' }, { type: 'SEEN' }, { type: 'nothing' }],
      [{}, { source: 'e0' }, { source: 'e2' }],
      [{}, { from: 20 }, { from: 20.5 }, { from: new Date(31) }],
      [{}, { to: 20 }, { to: new Date(9) }, { to: Number.MAX_SAFE_INTEGER }],
    ] as [EventFilter[], EventFilter[], EventFilter[], EventFilter[]]
    const filters = options.reduce<EventFilter[]>(
      (sofar, more) => sofar.flatMap((one) => more.map((other) => ({ ...one, ...other }))),
      [{}],
    )
    for (const filter of filters) {
      const { type, source, from = -Infinity, to = Infinity } = filter
      const expected = every.filter(
        (event) =>
          (type === undefined || event.type === type) &&
          (source === undefined || event.source === source) &&
          event.timestamp >= Number(from) &&
          event.timestamp <= Number(to),
      )
      expect((await universe.events.list(filter)).items, JSON.stringify(filter)).toEqual(expected)
      expect(await pagesOf((next) => universe.events.list({ limit: 2, ...filter, ...next }))).toEqual(expected)
    }
  })

  it('is read page by page without a gap or a repeat, whatever is added meanwhile', async () => {
    const read = await pagesOf(async (next) => {
      const page = await universe.events.list({ limit: 3, ...next })
      await universe.events.publish('MORE')
      return page
    })

    expect(read).toEqual(every)
  })

  it('refuses what it does not know', async () => {
    const bad = [
      { tpye: 'x' },
      { type: 5 },
      { type: '\ud800' },
      { source: null },
      { from: 'x' },
      { from: Number.NaN },
      { to: new Date(Number.NaN) },
      { from: 1e300 },
      { from: -1e19 },
      { to: 2 ** 53 },
      { to: Number.POSITIVE_INFINITY },
      { limit: 0 },
      { limit: 1_001 },
      { limit: '5' },
      { limit: null },
      { cursor: 'x' },
      { cursor: '-1' },
      { cursor: {} },
      { cursor: null },
      { deadline: -1 },
    ]
    for (const filter of [null, 5, ...bad]) {
      const refused = await refusalOf(() => universe.events.list(filter as never))
      expect(refused, JSON.stringify(filter)).toMatchObject({ code: 'VALIDATION' })
    }
    expect(await refusalOf(() => universe.events.list({ signal: AbortSignal.abort() }))).toMatchObject({
      code: 'ABORT',
    })
  })

  it('gets nothing of an event that is refused', async () => {
    const { events } = universe
    const refused = { code: 'VALIDATION' }
    for (const [, id] of refusedIds) {
      await expectRefused(universe, () => events.publish(id as string), refused)
      await expectRefused(universe, () => events.publish('X', null, { source: id as string }), refused)
    }
    for (const [, make] of refusedValues) {
      await expectRefused(universe, () => events.publish('X', [make()] as never), refused)
    }
    await expectRefused(universe, () => events.publish('X', null, null as never), refused)
    await expectRefused(universe, () => events.publish('X', null, { signal: AbortSignal.abort() }), { code: 'ABORT' })
  })

  it('say which of them has data that is damaged', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.events.publish('X', { a: 1 })
    const [event] = (await universe.events.list({ type: 'X' })).items
    await damage(universe, "update event_log set data = '{' where event_type = 'X'")
    const error = await refusalOf(() => universe.events.list())
    expect(error).toMatchObject({ code: 'INTEGRITY', message: expect.stringContaining(event?.eventId as string) })
  })
})
