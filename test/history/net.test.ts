import { describe, expect, it } from 'vitest'
import type { Draft } from '../../src/index.js'
import { dialects, openUniverseOn } from '../model/open.js'

describe.each(dialects)('net operations on %s', (dialect) => {
  const net = async (start: (draft: Draft) => void, end: (draft: Draft) => void) => {
    await using universe = await openUniverseOn(dialect)
    const a = await universe.commit('a', start)
    const b = await universe.commit('b', end)
    const operations = await universe.diff(a.versionId, b.versionId, { operations: true })
    await using other = await openUniverseOn(dialect)
    await other.commit('a', start)
    expect((await other.commit('net', operations)).dataHash).toBe(b.dataHash)
    const back = await universe.diff(b.versionId, a.versionId, { operations: true })
    expect((await other.commit('back', back)).dataHash).toBe(a.dataHash)
    return operations.map(({ op, id }) => `${op} ${id}`)
  }

  it('come in one order, each kind by id', async () => {
    const operations = await net(
      (draft) => {
        draft.createEntities(['a', 'b', 'c', 'd', 'e'].map((id) => ({ entityType: 'T', id })))
        draft.createRelation('R', 'a', 'b', {}, { id: 'r2' })
        draft.createRelation('R', 'a', 'c', {}, { id: 'r1' })
        draft.createRelation('R', 'a', 'a', {}, { id: 'r3' })
      },
      (draft) => {
        draft.updateRelation('r3', { n: 1 })
        draft.createEntity('T', {}, { id: 'new2' })
        draft.createRelation('R', 'new2', 'b', {}, { id: 's' })
        draft.updateEntity('b', { n: 1 })
        draft.createEntity('T', {}, { id: 'new1' })
        draft.updateEntity('a', {}, { validFrom: 1 })
        draft.deleteRelation('r2')
        draft.deleteEntity('e')
        draft.deleteEntity('c', { cascade: true })
      },
    )

    expect(operations).toEqual([
      ...['deleteRelation r1', 'deleteRelation r2', 'deleteEntity c', 'deleteEntity e'],
      ...['createEntity new1', 'createEntity new2', 'updateEntity a', 'updateEntity b'],
      ...['createRelation s', 'updateRelation r3'],
    ])
  })

  it('delete and create an id of another type or other ends, and take the relations of an entity along', async () => {
    const operations = await net(
      (draft) => {
        draft.createEntities(['a', 'b', 'c'].map((id) => ({ entityType: 'T', id })))
        draft.createRelation('R', 'a', 'b', { same: true }, { id: 'same' })
        draft.createRelation('R', 'b', 'a', {}, { id: 'changed' })
        draft.createRelation('R', 'a', 'a', {}, { id: 'leaves' })
        draft.createRelation('R', 'b', 'c', {}, { id: 'turns' })
        draft.createRelation('R', 'b', 'c', {}, { id: 'stays' })
      },
      (draft) => {
        draft.deleteEntity('a', { cascade: true })
        draft.createEntity('U', {}, { id: 'a' })
        draft.createRelation('R', 'a', 'b', { same: true }, { id: 'same' })
        draft.createRelation('R', 'b', 'a', { n: 1 }, { id: 'changed' })
        draft.createRelation('R', 'c', 'c', {}, { id: 'leaves' })
        draft.deleteRelation('turns')
        draft.createRelation('R', 'c', 'b', {}, { id: 'turns' })
      },
    )

    expect(operations).toEqual([
      ...['deleteRelation changed', 'deleteRelation leaves', 'deleteRelation same', 'deleteRelation turns'],
      ...['deleteEntity a', 'createEntity a'],
      ...['createRelation changed', 'createRelation leaves', 'createRelation same', 'createRelation turns'],
    ])
  })

  it('lead over an id that is an entity before and a relation after, and back', async () => {
    const operations = await net(
      (draft) => {
        draft.createEntities(['a', 'x'].map((id) => ({ entityType: 'T', id })))
        draft.createRelation('R', 'x', 'a', {}, { id: 'r' })
      },
      (draft) => {
        draft.deleteEntity('x', { cascade: true })
        draft.createRelation('R', 'a', 'a', {}, { id: 'x' })
        draft.createEntity('T', {}, { id: 'r' })
      },
    )

    expect(operations).toEqual(['deleteRelation r', 'deleteEntity x', 'createEntity r', 'createRelation x'])
  })

  it('set, remove and leave bounds as they differ', async () => {
    await using universe = await openUniverseOn(dialect)
    const a = await universe.commit('a', (draft) => {
      draft.createEntity('T', {}, { id: 'x', validFrom: 1, validTo: 9 })
      draft.createEntity('T', {}, { id: 'y' })
    })
    await universe.commit('b', (draft) => {
      draft.updateEntity('x', {}, { validTo: null })
      draft.updateEntity('y', { n: null }, { validFrom: 0 })
      draft.createEntity('T', {}, { id: 'z', validFrom: 3, validTo: 3 })
    })

    expect(await universe.diff(a.versionId, 'main', { operations: true })).toEqual([
      { op: 'createEntity', id: 'z', entityType: 'T', metadata: {}, validFrom: 3, validTo: 3 },
      { op: 'updateEntity', id: 'x', changes: [], validTo: null },
      { op: 'updateEntity', id: 'y', changes: [], validFrom: 0 },
    ])
  })
})
