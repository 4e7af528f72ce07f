import { describe, expect, it } from 'vitest'
import { diffElements } from '../../src/history/diff.js'
import { changesBetween } from '../../src/state/change.js'
import { refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn } from '../model/open.js'

const entity = (id: string, metadata = {}, more = {}) => ({
  ...{ id, entityType: 'T', metadata, createdAt: 1, updatedAt: 1 },
  ...more,
})

describe('the changes between two metadata', () => {
  it('stand at the deepest member that differs, arrays as a whole, deletions first, by key', () => {
    const before = { z: 1, gone: 1, also: null, list: [1, 2], o: { b: 1, a: 1, same: {} }, kind: {}, '': 0 }
    const after = {
      z: 1,
      list: [2, 1],
      o: { b: 2, c: null, same: {} },
      kind: [],
      'a/b': 1,
      '\u{1f600}': 1,
      '\uffee': 1,
    }

    expect([...changesBetween(before, after as never)]).toEqual([
      { op: 'delete', path: '/' },
      { op: 'delete', path: '/also' },
      { op: 'delete', path: '/gone' },
      { op: 'set', path: '/a~1b', value: 1 },
      { op: 'set', path: '/kind', value: [] },
      { op: 'set', path: '/list', value: [2, 1] },
      { op: 'delete', path: '/o/a' },
      { op: 'set', path: '/o/b', value: 2 },
      { op: 'set', path: '/o/c', value: null },
      { op: 'set', path: '/\u{1f600}', value: 1 },
      { op: 'set', path: '/\uffee', value: 1 },
    ])
  })

  it('are none where the JSON is the same, and tell null from absent and 1 from true', () => {
    expect([...changesBetween({ a: { x: 1, y: [] } }, { a: { y: [], x: 1 } })]).toEqual([])
    expect([...changesBetween({ a: null }, {})]).toEqual([{ op: 'delete', path: '/a' }])
    expect([...changesBetween({}, { a: null })]).toEqual([{ op: 'set', path: '/a', value: null }])
    expect([...changesBetween({ a: 1 }, { a: true })]).toEqual([{ op: 'set', path: '/a', value: true }])
    expect([...changesBetween({}, { constructor: 1 } as never)]).toEqual([
      { op: 'set', path: '/constructor', value: 1 },
    ])
  })

  it('of elements sort by the bytes of the id', () => {
    const ids = ['\u{1f600}', 'b', '\uffee', 'B']
    const sorted = ['B', 'b', '\uffee', '\u{1f600}']
    const all = ids.map((id) => entity(id))
    const named = (elements: { id: string }[]) => elements.map(({ id }) => id)

    expect(named(diffElements([], all).created)).toEqual(sorted)
    expect(named(diffElements(all, []).deleted)).toEqual(sorted)
    const updated = diffElements(
      all,
      ids.map((id) => entity(id, { n: 1 })),
    ).updated
    expect(named(updated.map(({ after }) => after))).toEqual(sorted)
  })

  it('do not tell of timestamps', () => {
    const diff = diffElements([entity('a')], [entity('a', {}, { createdAt: 5, updatedAt: 9 })])
    expect(diff).toEqual({ created: [], updated: [], deleted: [] })
  })
})

describe.each(dialects)('diff on %s', (dialect) => {
  it('says what was created, updated and deleted, both ways', async () => {
    await using universe = await openUniverseOn(dialect)
    const a = await universe.commit('a', (draft) => {
      draft.createEntities(['gone', 'kept', 'moved', 'typed', 'both'].map((id) => ({ entityType: 'T', id })))
      draft.createRelation('R', 'kept', 'moved', {}, { id: 'r' })
    })
    const b = await universe.commit('b', (draft) => {
      draft.deleteEntity('gone')
      draft.createEntity('T', {}, { id: 'new' })
      draft.updateEntity('moved', {}, { validTo: 5 })
      draft.deleteEntity('typed')
      draft.createEntity('U', {}, { id: 'typed' })
      draft.deleteRelation('r')
      draft.createRelation('R', 'moved', 'kept', {}, { id: 'r' })
      draft.deleteEntity('both')
      draft.createRelation('R', 'new', 'new', {}, { id: 'both' })
    })
    const forth = await universe.diff(a.versionId, b.versionId)
    const back = await universe.diff(b.versionId, a.versionId)

    expect(forth).toMatchObject({
      entities: {
        created: [{ id: 'new' }],
        updated: [
          { before: { id: 'moved' }, after: { validTo: 5 }, changes: [] },
          { before: { entityType: 'T' }, after: { id: 'typed', entityType: 'U' } },
        ],
        deleted: [{ id: 'both' }, { id: 'gone' }],
      },
      relations: {
        created: [{ id: 'both' }],
        updated: [{ before: { from: 'kept' }, after: { from: 'moved' }, changes: [] }],
        deleted: [],
      },
    })
    expect(back.entities.created).toEqual(forth.entities.deleted)
    expect(back.entities.deleted).toEqual(forth.entities.created)
    expect(back.entities.updated.map(({ before, after }) => [after, before])).toEqual(
      forth.entities.updated.map(({ before, after }) => [before, after]),
    )
  })

  it('says nothing of what was changed and changed back, created and deleted, or is the same version', async () => {
    await using universe = await openUniverseOn(dialect)
    const a = await universe.commit('a', (draft) => draft.createEntity('T', { n: 1 }, { id: 'x' }))
    await universe.commit('b', (draft) => {
      draft.updateEntity('x', { n: 2 })
      draft.createEntity('T', {}, { id: 'y' })
    })
    await universe.commit('c', (draft) => {
      draft.deleteEntity('x')
      draft.deleteEntity('y')
    })
    await universe.commit('d', (draft) => draft.createEntity('T', { n: 1 }, { id: 'x' }))
    const nothing = { created: [], updated: [], deleted: [] }

    expect(await universe.diff(a.versionId, 'main')).toEqual({ entities: nothing, relations: nothing })
    expect(await universe.diff('main', { branch: 'main' })).toEqual({ entities: nothing, relations: nothing })
    expect(await universe.diff('main', 'main', { operations: true })).toEqual([])
  })

  it('takes whatever names a version, the empty graph before the first too', async () => {
    await using universe = await openUniverseOn(dialect)
    const created = async (...ends: [a: Parameters<typeof universe.diff>[0], b: Parameters<typeof universe.diff>[0]]) =>
      (await universe.diff(...ends)).entities.created.map(({ id }) => id)
    expect(await created('main', new Date())).toEqual([])
    const first = await universe.commit('1', (draft) => draft.createEntity('T', {}, { id: 'a' }), { timestamp: 10 })
    await universe.commit('2', (draft) => draft.createEntity('T', {}, { id: 'b' }), { timestamp: 20 })

    expect(await created({ time: 0 }, { branch: 'main' })).toEqual(['a', 'b'])
    expect(await created(new Date(0), new Date(15))).toEqual(['a'])
    expect(await created({ version: first.versionId }, 'main')).toEqual(['b'])
    for (const bad of ['nowhere', { version: 'nowhere' }, { branch: 'nowhere' }]) {
      expect(await refusalOf(() => universe.diff(bad, 'main'))).toMatchObject({ code: 'NOT_FOUND' })
      expect(await refusalOf(() => universe.diff('main', bad))).toMatchObject({ code: 'NOT_FOUND' })
    }
    for (const bad of [null, undefined, 5, {}]) {
      expect(await refusalOf(() => universe.diff(bad as never, 'main'))).toMatchObject({ code: 'VALIDATION' })
    }
  })

  it('is the same where more was touched than stands, by scanning both states', async () => {
    await using universe = await openUniverseOn(dialect)
    const start = await universe.commit('Start', (draft) => draft.createEntity('T', { n: 0 }, { id: 'kept' }))
    const many = Array.from({ length: 1_500 }, (_, n) => `e${n}`)
    await universe.commit('Many', (draft) => draft.createEntities(many.map((id) => ({ entityType: 'T', id }))))
    await universe.commit('Few', (draft) => {
      for (const id of many.slice(1)) draft.deleteEntity(id)
      draft.updateEntity('kept', { n: 1 })
    })
    const diff = await universe.diff(start.versionId, 'main')

    expect(diff.entities.created).toMatchObject([{ id: 'e0' }])
    expect(diff.entities.updated).toMatchObject([{ changes: [{ op: 'set', path: '/n', value: 1 }] }])
    expect(diff.entities.deleted).toEqual([])
  })
})
