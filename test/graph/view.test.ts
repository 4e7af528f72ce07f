import { beforeEach, describe, expect, it } from 'vitest'
import { collect, idsOf, pagesOf } from '../given/collect.js'
import { fork } from '../given/fork.js'
import { refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn, type Universe, type View } from '../model/open.js'

describe.each(dialects)('views on %s', (dialect) => {
  it('are named by version, branch, moment, Date or text', async () => {
    await using universe = await openUniverseOn(dialect)
    const first = await commit(universe, 'a', 10)
    const second = await commit(universe, 'b', 20)
    await fork(universe, 'old', first.versionId)
    const count = async (reference: Parameters<Universe['at']>[0]) => (await universe.at(reference).count()).entities

    expect(await count({ version: first.versionId })).toBe(1)
    expect(await count(second.versionId)).toBe(2)
    expect(await count({ branch: 'main' })).toBe(2)
    expect(await count('main')).toBe(2)
    expect([await count('old'), await count({ branch: 'old' })]).toEqual([1, 1])
    expect([await count({ time: 10 }), await count({ time: new Date(19) }), await count({ time: 9 })]).toEqual([
      1, 1, 0,
    ])
    expect([await count(new Date(20)), await count({ time: 99, branch: 'old' })]).toEqual([2, 1])
    expect((await universe.versions.get({ time: 12 }))?.versionId).toBe(first.versionId)
  })

  it('refuse at once what is no reference, and at the first read what is not there', async () => {
    await using universe = await openUniverseOn(dialect)
    await commit(universe, 'a', 10)
    const bad = [undefined, null, 5, true, {}, [], { version: 5 }, { branch: null }, { branch: {} }, { time: 'x' }]
    for (const reference of [...bad, { time: Number.NaN }, new Date(Number.NaN), { vresion: 'x' }, () => 'main']) {
      expect(() => universe.at(reference as never)).toThrow(expect.objectContaining({ code: 'VALIDATION' }))
    }
    for (const reference of ['nowhere', '', { version: 'nowhere' }, { branch: 'nowhere' }, { version: 'main' }]) {
      const view = universe.at(reference)
      const missing = { code: 'NOT_FOUND' }
      expect(await refusalOf(() => view.entity('a'))).toMatchObject(missing)
      expect(await refusalOf(() => view.count())).toMatchObject(missing)
      expect(await refusalOf(() => view.entities())).toMatchObject(missing)
      expect(await refusalOf(() => view.neighbours('a'))).toMatchObject(missing)
      expect(await refusalOf(() => collect(view.eachEntity()))).toMatchObject(missing)
    }
    expect(await refusalOf(() => universe.at({ time: 5, branch: 'nowhere' }).count())).toMatchObject({ id: 'nowhere' })
  })

  it('do not take a lone surrogate for the character that stands in for it', async () => {
    await using universe = await openUniverseOn(dialect)
    await commit(universe, '\ufffd', 10, { versionId: '\ufffd' })
    await fork(universe, 'x\ufffd', '\ufffd')
    const { head } = universe

    expect([await head.entity('\ud800'), await head.relation('\ud800'), await head.degree('\ud800')]).toEqual([
      undefined,
      undefined,
      0,
    ])
    expect(await head.neighbours('\ud800')).toEqual({ items: [] })
    expect(await universe.history('\ud800')).toEqual([])
    expect(await universe.versions.get('\ud800')).toBeUndefined()
    expect(await refusalOf(() => universe.at({ version: '\ud800' }).count())).toMatchObject({ code: 'NOT_FOUND' })
    expect(await refusalOf(() => universe.at('x\ud800').count())).toMatchObject({ code: 'NOT_FOUND' })
    expect(await refusalOf(() => universe.at({ branch: 'x\ud800' }).count())).toMatchObject({ code: 'NOT_FOUND' })
    expect(await refusalOf(() => universe.at('nowhere').entity('\ud800'))).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('by version or moment stay as they are; one by branch is the newest at each call', async () => {
    await using universe = await openUniverseOn(dialect)
    const first = await commit(universe, 'a', 10)
    const fixed = [universe.at({ version: first.versionId }), universe.at(first.versionId), universe.at({ time: 10 })]
    const moving = [universe.head, universe.at('main'), universe.at({ branch: 'main' })]
    for (const view of [...fixed, ...moving]) expect(await view.count()).toMatchObject({ entities: 1 })
    await universe.commit('Change all', (draft) => {
      draft.updateEntity('a', { n: 2 })
      draft.createEntity('T', {}, { id: 'b' })
      draft.createRelation('R', 'a', 'b', {}, { id: 'r' })
    })

    for (const view of fixed) {
      expect(await view.entity('a')).toMatchObject({ metadata: { n: 1 }, updatedAt: 10 })
      expect(await view.entity('b')).toBeUndefined()
      expect(await view.relation('r')).toBeUndefined()
      expect(await view.degree('a')).toBe(0)
      expect(idsOf((await view.entities()).items)).toEqual(['a'])
    }
    for (const view of moving) {
      expect((await view.entity('a'))?.metadata).toEqual({ n: 2 })
      expect(await view.relation('r')).toMatchObject({ from: 'a', to: 'b' })
      expect(idsOf(await collect(view.eachEntity()))).toEqual(['a', 'b'])
    }
  })

  it('of a branch that does not exist yet begin to answer when it does', async () => {
    await using universe = await openUniverseOn(dialect)
    const first = await commit(universe, 'a', 10)
    const later = universe.at('later')
    expect(await refusalOf(() => later.count())).toMatchObject({ code: 'NOT_FOUND' })
    await fork(universe, 'later', first.versionId)
    expect(await later.count()).toEqual({ entities: 1, relations: 0 })
  })

  it('of the empty universe are the empty graph', async () => {
    await using universe = await openUniverseOn(dialect)
    for (const view of [universe.head, universe.at('main'), universe.at({ branch: 'main' }), universe.at(new Date())]) {
      expect(await view.count()).toEqual({ entities: 0, relations: 0 })
      expect(await view.entities()).toEqual({ items: [] })
      expect(await view.neighbours('a')).toEqual({ items: [] })
      expect(await view.entity('a')).toBeUndefined()
      expect(await collect(view.eachRelation())).toEqual([])
    }
  })

  it('require an entity by name, and take ids of any kind without harm', async () => {
    await using universe = await openUniverseOn(dialect)
    await commit(universe, '__proto__', 10)
    await commit(universe, "'; drop table entity; --", 11)
    const { head } = universe

    expect((await head.requireEntity('__proto__')).id).toBe('__proto__')
    expect((await head.requireEntity("'; drop table entity; --")).updatedAt).toBe(11)
    expect(await refusalOf(() => head.requireEntity('x'))).toMatchObject({ code: 'NOT_FOUND', what: 'Entity', id: 'x' })
    for (const id of ['', '\u0000', '%', 'x'.repeat(10_000), '\n']) expect(await head.entity(id)).toBeUndefined()
    for (const id of [undefined, null, 5, {}, [], Symbol('x'), () => 'a']) {
      for (const ask of ['entity', 'relation', 'requireEntity', 'neighbours', 'degree'] as const) {
        expect(await refusalOf(() => head[ask](id as string))).toMatchObject({ code: 'VALIDATION' })
      }
    }
  })
})

describe.each(dialects)('pages on %s', (dialect) => {
  let universe: Universe
  beforeEach(async () => {
    universe = await openUniverseOn(dialect)
    await universe.commit('Ten', (draft) => {
      draft.createEntities(Array.from({ length: 10 }, (_, n) => ({ entityType: 'T', id: `e${n}`, metadata: { n } })))
      for (let n = 0; n < 10; n++) draft.createRelation('R', 'e0', `e${n}`, {}, { id: `r${n}` })
    })
    return () => universe.close()
  })

  it('of one list are one state, whatever is committed between them', async () => {
    const views = [universe.head, universe.at('main'), universe.at({ branch: 'main' })]
    for (const [round, view] of views.entries()) {
      const expected = await collect(view.eachEntity())
      const neighbours = await pagesOf((next) => view.neighbours('e0', { limit: 1_000, ...next }))
      const disturb = (n: number) =>
        universe.commit('Disturb', (draft) => {
          draft.createEntity('T', {}, { id: `e${n}${round}` })
          draft.createRelation('R', 'e0', `e${n}`, {}, { id: `r${n}${round}` })
          draft.updateEntity(`e${9 - n}`, { n: -n })
        })
      let n = 0
      const read = await pagesOf(async (next) => {
        const page = await view.entities({ limit: 3, ...next })
        await disturb(n++)
        return page
      })
      expect(read).toEqual(expected)
      const now = await collect(view.eachRelation())
      const each: unknown[] = []
      for await (const relation of view.eachRelation()) {
        each.push(relation)
        if (each.length === 2) await disturb(7)
      }
      expect(each).toEqual(now)
      expect(neighbours.length).toBeLessThan((await view.neighbours('e0', { limit: 1_000 })).items.length)
    }
  })

  it('of neighbours are one state too', async () => {
    const expected = await pagesOf((next) => universe.head.neighbours('e0', { limit: 1_000, ...next }))
    const read = await pagesOf(async (next) => {
      const page = await universe.head.neighbours('e0', { limit: 4, ...next })
      await universe.commit('Disturb', (draft) => {
        for (const { relation } of page.items) draft.deleteRelation(relation.id)
        draft.updateEntity('e9', { n: -1 })
      })
      return page
    })

    expect(read).toEqual(expected)
    expect(await universe.head.neighbours('e0')).toEqual({ items: [] })
  })

  it('end where the list ends, without an empty page after it', async () => {
    for (const limit of [1, 5, 10, 11, 1_000]) {
      const sizes: number[] = []
      await pagesOf(async (next) => {
        const page = await universe.head.entities({ limit, ...next })
        sizes.push(page.items.length)
        return page
      })
      expect(sizes.every((size) => size > 0)).toBe(true)
      expect(sizes).toHaveLength(Math.ceil(10 / limit))
    }
  })

  it('refuse a cursor of another question, another version or another universe', async () => {
    const start = (await universe.versions.latest())?.versionId as string
    const { cursor } = await universe.head.entities({ limit: 2 })
    const near = (await universe.head.neighbours('e0', { limit: 2 })).cursor
    const later = await universe.commit('Later', [])
    await using other = await openUniverseOn(dialect)
    const refuse = async (call: () => unknown) => expect(await refusalOf(call)).toMatchObject({ code: 'VALIDATION' })

    await refuse(() => universe.head.entities({ cursor, type: 'T' }))
    await refuse(() => universe.head.entities({ cursor, order: 'desc' }))
    await refuse(() => universe.head.entities({ cursor, orderBy: 'createdAt' }))
    await refuse(() => universe.head.relations({ cursor }))
    await refuse(() => universe.head.neighbours('e0', { cursor }))
    await refuse(() => universe.head.neighbours('e1', { cursor: near }))
    await refuse(() => universe.head.neighbours('e0', { cursor: near, direction: 'both' }))
    await refuse(() => universe.head.neighbours('e0', { cursor: near, relationType: 'R' }))
    await refuse(() => universe.head.entities({ cursor: near }))
    await refuse(() => universe.at(later.versionId).entities({ cursor }))
    await refuse(() => other.head.entities({ cursor }))
    const rest = await universe.at(start).entities({ cursor, limit: 1_000 })
    expect(idsOf(rest.items)).toEqual(Array.from({ length: 8 }, (_, n) => `e${n + 2}`))
    expect((await universe.head.entities({ cursor, limit: 3 })).items).toHaveLength(3)
  })

  it('of a branch are of no other, and outlive whatever the branch goes through', async () => {
    const both = (await universe.head.entities({ limit: 2 })).cursor as string
    await universe.createBranch('side')
    const move = (branch: string) => universe.commit('On', (draft) => draft.createEntity('T'), { branch })
    await move('main')
    await move('side')
    const [main, side] = [universe.at('main'), universe.at({ branch: 'side' })]
    const [ofMain, ofSide] = [await cursorsOf(main), await cursorsOf(side)]
    const accepted = async () => {
      for (const [view, cursors] of [
        [main, ofMain],
        [side, ofSide],
      ] as const) {
        expect((await view.entities({ cursor: both, limit: 1_000 })).items).toHaveLength(8)
        for (const read of readsWith(view, cursors)) expect(await read()).toHaveLength(9)
      }
      for (const read of [
        ...readsWith(main, ofSide),
        ...readsWith(universe.head, ofSide),
        ...readsWith(side, ofMain),
      ]) {
        expect(await refusalOf(read)).toMatchObject({
          code: 'VALIDATION',
          message: expect.stringContaining('another version'),
        })
      }
    }

    await accepted()
    await move('main')
    await move('side')
    await accepted()
    await universe.createBranch('ahead', { from: 'side' })
    await move('ahead')
    const merged = await universe.merge('ahead', { into: 'side' })
    await accepted()
    await universe.rebuild()
    await accepted()
    const record = { parents: [merged.versionId], timestamp: Date.now(), operations: [], branch: 'side' }
    await universe.import([{ ...record, version: 'imported' }])
    await accepted()
    await universe.deleteBranch('side')
    for (const read of readsWith(side, ofSide)) expect(await refusalOf(read)).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('count the offset once, wherever it is given again', async () => {
    for (const offset of [undefined, 3, 5]) {
      const { cursor } = await universe.head.entities({ limit: 2, offset: 3 })
      const rest = idsOf((await universe.head.entities({ cursor, offset })).items)
      expect(rest).toEqual(['e5', 'e6', 'e7', 'e8', 'e9'])
      expect(idsOf(await collect(universe.head.eachEntity({ cursor, offset })))).toEqual(rest)
    }
    const { cursor } = await universe.head.entities({ limit: 2 })
    const stream = () => collect(universe.head.eachEntity({ cursor, offset: -1 }))
    expect(await refusalOf(stream)).toMatchObject({ code: 'VALIDATION' })
  })

  it('refuse what is no cursor, no limit and no offset', async () => {
    const { head } = universe
    const refuse = async (call: () => unknown) => expect(await refusalOf(call)).toMatchObject({ code: 'VALIDATION' })
    const cursor = (await head.entities({ limit: 1 })).cursor as string
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const [question, sequence] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string, number]
    for (const bad of [
      null,
      5,
      {},
      '',
      'x',
      cursor.slice(1),
      encode([]),
      encode(null),
      encode({}),
      encode([1, 2, 3, 4]),
      encode([question, sequence, 1e300, 'e0']),
      encode([question, sequence, 'e0', '\u0000']),
    ]) {
      await refuse(() => head.entities({ cursor: bad as string }))
      await refuse(() => head.neighbours('e0', { cursor: bad as string }))
      await refuse(() => collect(head.eachEntity({ cursor: bad as string })))
    }
    for (const limit of [0, -1, 1.5, 1_001, '5', null, Number.NaN, Number.POSITIVE_INFINITY, {}]) {
      await refuse(() => head.entities({ limit: limit as number }))
      await refuse(() => head.relations({ limit: limit as number }))
      await refuse(() => head.neighbours('e0', { limit: limit as number }))
    }
    for (const offset of [-1, 1.5, '1', null, Number.NaN, 2 ** 53]) {
      await refuse(() => head.entities({ offset: offset as number }))
    }
  })
})

describe.each(dialects)('streams on %s', (dialect) => {
  it('go on though their branch is deleted meanwhile, or made again elsewhere', async () => {
    await using universe = await openUniverseOn(dialect)
    await commit(universe, 'a', 10)
    await universe.createBranch('side')
    const ids = Array.from({ length: 2_000 }, (_, n) => `e${n}`)
    await universe.commit('Many', (draft) => draft.createEntities(ids.map((id) => ({ entityType: 'T', id }))), {
      branch: 'side',
    })
    const view = universe.at({ branch: 'side' })
    const [one, other] = [view.eachEntity(), view.eachEntity()]
    for (const stream of [one, other]) await stream.next()
    await universe.deleteBranch('side')
    expect(await collect(one)).toHaveLength(2_000)
    await universe.createBranch('side')
    expect(await collect(other)).toHaveLength(2_000)
  })

  it('pass over thousands, in order, and may be left at any time', async () => {
    await using universe = await openUniverseOn(dialect)
    const ids = Array.from({ length: 2_345 }, (_, n) => `e${`${n}`.padStart(5, '0')}`)
    const first = await universe.commit('Many', (draft) => {
      draft.createEntities(ids.map((id) => ({ entityType: 'T', id })))
    })
    await universe.commit('Fewer', (draft) => {
      for (const id of ids.slice(0, 2_000)) draft.deleteEntity(id)
    })

    expect(idsOf(await collect(universe.at(first.versionId).eachEntity()))).toEqual(ids)
    expect(idsOf(await collect(universe.at(first.versionId).eachEntity({ order: 'desc', offset: 5 })))).toEqual(
      ids.toReversed().slice(5),
    )
    expect(idsOf(await collect(universe.at(first.versionId).eachEntity({ limit: 1_500 })))).toEqual(ids.slice(0, 1_500))
    expect(idsOf(await collect(universe.head.eachEntity()))).toEqual(ids.slice(2_000))
    for await (const entity of universe.head.eachEntity()) {
      expect(entity.id).toBe(ids[2_000])
      break
    }
    await universe.commit('Nothing is held open', (draft) => draft.createEntity('T'))
  })

  it('stop between pages when they are told to', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Many', (draft) => {
      draft.createEntities(Array.from({ length: 3_000 }, () => ({ entityType: 'T' })))
    })
    const controller = new AbortController()
    let seen = 0
    const error = await refusalOf(async () => {
      for await (const _ of universe.head.eachEntity({ signal: controller.signal })) {
        if (++seen === 10) controller.abort()
      }
    })

    expect(error).toMatchObject({ code: 'ABORT' })
    expect(seen).toBeLessThan(3_000)
    expect(await refusalOf(() => collect(universe.head.eachEntity({ deadline: 0 })))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
    })
  })
})

/** Where first pages of a view ended. */
async function cursorsOf(view: View) {
  return {
    entities: (await view.entities({ limit: 2 })).cursor as string,
    neighbours: (await view.neighbours('e0', { limit: 1 })).cursor as string,
    valid: (await view.validAt(0).entities({ limit: 2 })).cursor as string,
  }
}

/** All ways to read on at a view from where first pages ended. */
function readsWith(view: View, { entities, neighbours, valid }: Awaited<ReturnType<typeof cursorsOf>>) {
  return [
    async () => (await view.entities({ cursor: entities })).items,
    () => collect(view.eachEntity({ cursor: entities })),
    async () => (await view.neighbours('e0', { cursor: neighbours })).items,
    async () => (await view.validAt(0).entities({ cursor: valid })).items,
  ]
}

function commit(universe: Universe, id: string, timestamp: number, options: { versionId?: string } = {}) {
  return universe.commit(id, (draft) => draft.createEntity('T', { n: 1 }, { id }), { timestamp, ...options })
}
