import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Draft, DraftEntity } from '../../src/index.js'
import { entity, relation } from '../given/diverged.js'
import { expectAllRefused, expectRefused, refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn } from '../model/open.js'

describe.each(dialects)('a draft on %s', (dialect) => {
  it('records what each write means, and gives creations back', async () => {
    await using universe = await openUniverseOn(dialect)
    const version = await universe.commit('All kinds', (draft) => {
      const ada = draft.createEntity('Person', { name: 'Ada' }, { id: 'ada', validFrom: new Date(5), validTo: 9 })
      expect(ada).toEqual({ id: 'ada', entityType: 'Person', metadata: { name: 'Ada' }, validFrom: 5, validTo: 9 })
      const [acme] = draft.createEntities([{ entityType: 'Company', id: 'acme' }]) as [DraftEntity]
      const works = draft.createRelation('WORKS_AT', ada, acme, { since: 1 }, { id: 'w', validTo: 3 })
      const shown = { id: 'w', relationType: 'WORKS_AT', from: 'ada', to: 'acme', metadata: { since: 1 }, validTo: 3 }
      expect(works).toEqual(shown)
      draft.createRelations([{ relationType: 'KNOWS', from: 'ada', to: ada, id: 'k' }])
      expect(draft.updateEntity(ada, { name: null, age: 36 }, { validFrom: null })).toBeUndefined()
      draft.changeEntity('acme', [{ op: 'set', path: '/size', value: 1 }], { validTo: new Date(7) })
      draft.replaceEntity('acme', { size: 2 })
      draft.updateRelation(works, { since: 2 })
      draft.changeRelation('w', [{ op: 'delete', path: '/since' }])
      draft.replaceRelation('w', { x: null })
      draft.deleteRelation('k')
      draft.apply([{ op: 'deleteRelation', id: 'w' }])
      draft.deleteEntity(acme)
    })

    expect(await universe.versions.operations(version.versionId)).toEqual([
      { op: 'createEntity', id: 'ada', entityType: 'Person', metadata: { name: 'Ada' }, validFrom: 5, validTo: 9 },
      { op: 'createEntity', id: 'acme', entityType: 'Company', metadata: {} },
      {
        ...{ op: 'createRelation', id: 'w', relationType: 'WORKS_AT', from: 'ada', to: 'acme' },
        ...{ metadata: { since: 1 }, validTo: 3 },
      },
      { op: 'createRelation', id: 'k', relationType: 'KNOWS', from: 'ada', to: 'ada', metadata: {} },
      {
        ...{ op: 'updateEntity', id: 'ada', validFrom: null },
        changes: [{ op: 'patch', path: '', patch: { name: null, age: 36 } }],
      },
      { op: 'updateEntity', id: 'acme', changes: [{ op: 'set', path: '/size', value: 1 }], validTo: 7 },
      { op: 'updateEntity', id: 'acme', changes: [{ op: 'set', path: '', value: { size: 2 } }] },
      { op: 'updateRelation', id: 'w', changes: [{ op: 'patch', path: '', patch: { since: 2 } }] },
      { op: 'updateRelation', id: 'w', changes: [{ op: 'delete', path: '/since' }] },
      { op: 'updateRelation', id: 'w', changes: [{ op: 'set', path: '', value: { x: null } }] },
      { op: 'deleteRelation', id: 'k' },
      { op: 'deleteRelation', id: 'w' },
      { op: 'deleteEntity', id: 'acme' },
    ])
    const ada = { id: 'ada', entityType: 'Person', metadata: { age: 36 }, validTo: 9 }
    const times = { createdAt: version.timestamp, updatedAt: version.timestamp }
    expect(await universe.head.entity('ada')).toEqual({ ...ada, ...times })
  })

  it('gives new elements ids of their own', async () => {
    await using universe = await openUniverseOn(dialect)
    let made: string[] = []
    await universe.commit('Three', (draft) => {
      const people = draft.createEntities([{ entityType: 'P' }, { entityType: 'P' }]) as [DraftEntity, DraftEntity]
      made = [...people.map(({ id }) => id), draft.createRelation('R', ...people).id]
    })

    expect(new Set(made).size).toBe(3)
    expect(await universe.head.count()).toEqual({ entities: 2, relations: 1 })
    expect((await universe.head.neighbours(made[0] as string)).items).toMatchObject([
      { entity: { id: made[1] }, relation: { id: made[2] } },
    ])
  })

  it('takes elements as they were read elsewhere, and gives them times of their own', async () => {
    await using source = await openUniverseOn(dialect)
    await source.commit('Two', [entity('a', { n: 1 }), entity('b'), relation('r', 'a', 'b')], { timestamp: 5 })
    await using universe = await openUniverseOn(dialect)
    const [{ items: entities }, { items: relations }] = [await source.head.entities(), await source.head.relations()]
    const copy = (draft: Draft) => {
      draft.createEntities(entities)
      draft.createRelations(relations)
    }
    const { dataHash } = await universe.commit('Copied', copy, { timestamp: 7 })
    expect(dataHash).toBe((await source.versions.latest())?.dataHash)
    expect(await universe.head.entity('a')).toMatchObject({ metadata: { n: 1 }, createdAt: 7, updatedAt: 7 })
  })

  it('shows its own writes on top of what stands, and beside them the base', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Start', (draft) => {
      draft.createEntities(['a', 'b', 'c'].map((id) => ({ entityType: 'T', id, metadata: { n: 1 } })))
      draft.createRelations([
        { relationType: 'R', from: 'a', to: 'b', id: 'ab' },
        { relationType: 'R', from: 'b', to: 'c', id: 'bc' },
      ])
    })
    await universe.commit('Look', async (draft) => {
      draft.updateEntity('a', { m: 2 }, { validFrom: 4 })
      expect(await draft.entity('a')).toMatchObject({ metadata: { n: 1, m: 2 }, validFrom: 4 })
      draft.updateEntity('a', {}, { validFrom: null })
      expect(await draft.entity('a')).not.toHaveProperty('validFrom')
      draft.deleteEntity('b', { cascade: true })
      expect(await draft.entity('b')).toBeUndefined()
      expect([await draft.relation('ab'), await draft.relation('bc')]).toEqual([undefined, undefined])
      expect(await refusalOf(() => draft.requireEntity('b'))).toMatchObject({ code: 'NOT_FOUND', id: 'b' })
      draft.createEntity('U', {}, { id: 'b' })
      expect(await draft.requireEntity('b')).toEqual({ id: 'b', entityType: 'U', metadata: {} })
      draft.createRelation('S', 'a', 'b', {}, { id: 'ab' })
      draft.updateRelation('ab', { w: 1 })
      expect(await draft.relation('ab')).toMatchObject({ relationType: 'S', metadata: { w: 1 } })
      expect(await draft.entity('nobody')).toBeUndefined()

      expect(await draft.base.entity('b')).toMatchObject({ entityType: 'T' })
      expect(await draft.base.count()).toEqual({ entities: 3, relations: 2 })
    })
  })

  it('is not changed by what a caller does to a result, or to what was handed in', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Start', (draft) => draft.createEntity('T', {}, { id: 'old' }))
    await universe.commit('Meddle', async (draft) => {
      const given = { deep: { n: 1 } }
      const made = draft.createEntity('T', given, { id: 'new' })
      given.deep.n = 2
      draft.replaceEntity('old', { deep: { n: 1 } })
      draft.changeEntity('old', [{ op: 'set', path: '/list', value: [{ n: 1 }] }])
      for (const seen of [made, await draft.requireEntity('new'), await draft.requireEntity('old')]) {
        meddle(seen)
      }
    })

    expect((await universe.head.entity('new'))?.metadata).toEqual({ deep: { n: 1 } })
    expect((await universe.head.entity('old'))?.metadata).toEqual({ deep: { n: 1 }, list: [{ n: 1 }] })
  })

  it('throws at once what no state could make valid, and goes on without it', async () => {
    await using universe = await openUniverseOn(dialect)
    const version = await universe.commit('Careful', (draft) => {
      for (const write of refusedWrites(draft)) {
        expect(write, String(write)).toThrow(expect.objectContaining({ code: 'VALIDATION' }))
      }
      draft.createEntity('T', {}, { id: 'a' })
    })

    expect(await universe.versions.operations(version.versionId)).toHaveLength(1)
  })

  it('records nothing of a list of which one is not valid', async () => {
    await using universe = await openUniverseOn(dialect)
    const version = await universe.commit('List', (draft) => {
      const list = [{ op: 'createEntity', id: 'a', entityType: 'T', metadata: {} }, { op: 'x' }]
      expect(() => draft.apply(list as never)).toThrow(expect.objectContaining({ operation: 1 }))
    })

    expect(await universe.versions.operations(version.versionId)).toEqual([])
  })

  it('refuses every write after its end, well or badly', async () => {
    await using universe = await openUniverseOn(dialect)
    const drafts: Draft[] = []
    await universe.commit('Well', (draft) => drafts.push(draft))
    await universe
      .commit('Badly', (draft) => {
        drafts.push(draft)
        throw new Error('stop')
      })
      .catch(() => undefined)

    for (const draft of drafts) {
      await expectAllRefused(universe, [
        () => draft.createEntity('T'),
        () => draft.createRelation('R', 'a', 'b'),
        () => draft.updateEntity('a', {}),
        () => draft.deleteEntity('a'),
        () => draft.deleteRelation('a'),
        () => draft.apply([]),
      ])
    }
  })

  it('names the operation that cannot be applied, a cascade counting as the one call', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Start', (draft) => {
      draft.createEntities([
        { entityType: 'T', id: 'a' },
        { entityType: 'T', id: 'b' },
      ])
      draft.createRelation('R', 'a', 'b', {}, { id: 'r' })
    })
    const commit = () =>
      universe.commit('x', (draft) => {
        draft.deleteEntity('a', { cascade: true })
        draft.updateEntity('nobody', {})
      })

    await expectRefused(universe, commit, { code: 'NOT_FOUND', id: 'nobody', operation: 1 })
    await expectRefused(universe, () => universe.commit('x', (draft) => draft.deleteEntity('a')), {
      code: 'ENTITY_IN_USE',
      id: 'a',
      relations: 1,
      operation: 0,
    })
  })

  it('records a cascade as deletions by id before the entity, own new relations among them', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Start', (draft) => {
      draft.createEntities(['a', 'b'].map((id) => ({ entityType: 'T', id })))
      for (const id of ['\u{1f600}', '\uffee', 'loop'])
        draft.createRelation('R', 'a', id === 'loop' ? 'a' : 'b', {}, { id })
    })
    const version = await universe.commit('Cascade', (draft) => {
      draft.createRelation('R', 'b', 'a', {}, { id: 'new' })
      draft.deleteRelation('loop')
      draft.deleteEntity('a', { cascade: true })
    })

    const recorded = await universe.versions.operations(version.versionId)
    expect(recorded.slice(2)).toEqual([
      { op: 'deleteRelation', id: 'new' },
      { op: 'deleteRelation', id: '\uffee' },
      { op: 'deleteRelation', id: '\u{1f600}' },
      { op: 'deleteEntity', id: 'a' },
    ])
  })
})

describe.each(dialects)('a closure on %s', (dialect) => {
  it('runs again if it has read and the head moved, until what it read is what it writes on', async () => {
    await using universe = await openUniverseOn(dialect)
    await using outside = await intruder(universe)
    await universe.commit('Start', (draft) => draft.createEntity('Counter', { n: 0 }, { id: 'c' }))
    let runs = 0
    await universe.commit('Count', async (draft) => {
      runs++
      const { n } = (await draft.requireEntity('c')).metadata as { n: number }
      if (runs <= 3) await outside.commit((inner) => inner.updateEntity('c', { n: n + 10 }))
      draft.updateEntity('c', { n: n + 1 })
    })

    expect(runs).toBe(4)
    expect((await universe.head.entity('c'))?.metadata).toEqual({ n: 31 })
  })

  it('runs once if it has only written, wherever the head went', async () => {
    await using universe = await openUniverseOn(dialect)
    await using outside = await intruder(universe)
    await universe.commit('Start', (draft) => {
      draft.createEntity('T', {}, { id: 'a' })
      draft.createRelation('R', 'a', 'a')
    })
    let runs = 0
    await universe.commit('Write', async (draft) => {
      runs++
      await outside.commit((inner) => inner.createRelation('R', 'a', 'a'))
      await sleep(2)
      draft.updateEntity('a', { x: null, y: 1 })
      draft.deleteEntity('a', { cascade: true })
    })

    expect(runs).toBe(1)
    expect(await universe.head.count()).toEqual({ entities: 0, relations: 0 })
  })

  it('gives up after ten runs, with nothing written', async () => {
    await using universe = await openUniverseOn(dialect)
    await using outside = await intruder(universe)
    let runs = 0
    const error = await refusalOf(() =>
      universe.commit('Never', async (draft) => {
        runs++
        await draft.entity('a')
        await outside.commit((inner) => inner.createEntity('T'))
        draft.createEntity('T', {}, { id: 'a' })
      }),
    )

    expect(error).toMatchObject({ code: 'BUSY' })
    expect(runs).toBe(10)
    expect(await universe.head.entity('a')).toBeUndefined()
    expect((await universe.stats()).versions).toBe(10)
  })

  it('meets a conflict instead where it expects a version, and sees one state while it runs', async () => {
    await using universe = await openUniverseOn(dialect)
    await using outside = await intruder(universe)
    const start = await universe.commit('Start', (draft) => draft.createEntity('T', { n: 1 }, { id: 'a' }))
    const moved = universe.commit(
      'Conflict',
      async (draft) => {
        expect((await draft.entity('a'))?.metadata).toEqual({ n: 1 })
        await outside.commit((inner) => inner.updateEntity('a', { n: 2 }))
        expect((await draft.entity('a'))?.metadata).toEqual({ n: 1 })
        expect((await draft.base.entities()).items[0]?.metadata).toEqual({ n: 1 })
      },
      { expectedVersion: start.versionId },
    )

    expect(await refusalOf(() => moved)).toMatchObject({ code: 'VERSION_CONFLICT', expected: start.versionId })
  })
})

/** Somebody else who commits on the same database, past the queue of this universe. */
async function intruder(universe: Awaited<ReturnType<typeof openUniverseOn>>) {
  const { Universe } = await import('../../src/universe.js')
  const { Queue } = await import('../../src/history/queue.js')
  const { committer } = universe as unknown as { committer: { queue: unknown } }
  const other = new Universe({ ...committer, queue: new Queue() } as never)
  return {
    commit: (closure: (draft: Draft) => unknown) => other.commit('Meanwhile', closure),
    [Symbol.asyncDispose]: async () => {},
  }
}

/** Changes whatever lets itself be changed. */
function meddle(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const member of Object.values(value)) meddle(member)
  try {
    Object.assign(value, Array.isArray(value) ? { 0: 'meddled' } : { n: 'meddled', id: 'meddled' })
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError) // frozen
  }
}

function refusedWrites(draft: Draft): (() => unknown)[] {
  const no = undefined as never
  return [
    () => draft.createEntity(no),
    () => draft.createEntity('T', { a: undefined, b: [undefined] } as never),
    () => draft.createEntity('T', {}, { validFrom: 2, validTo: 1 }),
    () => draft.createEntity('T', {}, { validFrom: null as never }),
    () => draft.createEntity('T', {}, null as never),
    () => draft.createEntities(null as never),
    () => draft.createEntities([null as never]),
    () => draft.createRelation('R', no, 'a'),
    () => draft.createRelation('R', {} as never, 'a'),
    () => draft.createRelations([5 as never]),
    () => draft.updateEntity('a', no),
    () => draft.updateEntity('a', {}, null as never),
    () => draft.changeEntity('a', no),
    () => draft.changeEntity('a', [{ op: 'set', path: 'x', value: 1 }]),
    () => draft.replaceEntity('a', [] as never),
    () => draft.deleteEntity(no),
    () => draft.deleteEntity('a', null as never),
    () => draft.deleteEntity('a', { cascade: 'false' as never }),
    () => draft.deleteEntity('a', { cascad: true } as never),
    () => draft.createEntity('T', {}, { validform: 1 } as never),
    () => draft.createEntities([{ entityType: 'T', metdata: { a: 1 } } as never]),
    () => draft.createRelations([{ relationType: 'R', from: 'a', to: 'a', meta: {} } as never]),
    () => draft.updateEntity('a', {}, { id: 'b' } as never),
    () => draft.deleteRelation(5 as never),
    () => draft.apply(no),
    () => draft.apply(new Array(1)),
    () => draft.apply([{ op: 'deleteEntity', id: 'a', cascade: true } as never]),
  ]
}
