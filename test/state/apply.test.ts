import { describe, expect, it } from 'vitest'
import type { Operation } from '../../src/index.js'
import { expectRefused } from '../given/refused.js'
import { nested } from '../given/values.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'

const entity = (id: string, entityType = 'T', metadata = {}): Operation => ({
  op: 'createEntity',
  id,
  entityType,
  metadata,
})
const relation = (id: string, from: string, to: string, relationType = 'R'): Operation => ({
  op: 'createRelation',
  id,
  relationType,
  from,
  to,
  metadata: {},
})
const remove = (id: string): Operation => ({ op: 'deleteEntity', id })
const unlink = (id: string): Operation => ({ op: 'deleteRelation', id })

describe.each(dialects)('operations on %s', (dialect) => {
  it('see the ones before them in the same list', async () => {
    await using universe = await openUniverseOn(dialect)
    await at(universe, 1, [
      entity('a'),
      relation('r', 'a', 'a'),
      { op: 'updateEntity', id: 'a', changes: [{ op: 'set', path: '/x', value: [1] }] },
      { op: 'updateEntity', id: 'a', changes: [{ op: 'insert', path: '/x', value: 2 }] },
      unlink('r'),
      remove('a'),
      entity('r'),
      entity('a', 'U'),
    ])

    expect((await universe.head.entities()).items).toMatchObject([{ id: 'a', entityType: 'U' }, { id: 'r' }])
    expect((await universe.head.relations()).items).toEqual([])
  })

  it('keep createdAt through a life that is deleted and created again within one version', async () => {
    await using universe = await openUniverseOn(dialect)
    await at(universe, 1, [entity('a', 'T', { n: 1 }), entity('b'), relation('r', 'a', 'b')])
    await at(universe, 2, [unlink('r'), remove('a'), entity('a', 'T', { n: 2 }), relation('r', 'a', 'b')])

    expect(await universe.head.entity('a')).toMatchObject({ createdAt: 1, updatedAt: 2, metadata: { n: 2 } })
    expect(await universe.head.relation('r')).toMatchObject({ createdAt: 1, updatedAt: 1 })
    expect(await universe.history('r')).toHaveLength(1)
    expect(await universe.history('a')).toMatchObject([{ kind: 'created' }, { kind: 'updated' }])
  })

  it('begin a new life with another type, with other ends, and between versions', async () => {
    await using universe = await openUniverseOn(dialect)
    await at(universe, 1, [entity('a'), entity('b'), relation('r', 'a', 'b'), entity('c')])
    await at(universe, 2, [unlink('r'), relation('r', 'b', 'a'), remove('c'), entity('c', 'U')])
    expect(await universe.head.relation('r')).toMatchObject({ createdAt: 2, updatedAt: 2, from: 'b' })
    expect(await universe.head.entity('c')).toMatchObject({ createdAt: 2, updatedAt: 2, entityType: 'U' })
    await at(universe, 3, [remove('c')])
    await at(universe, 4, [entity('c', 'U')])

    expect(await universe.head.entity('c')).toMatchObject({ createdAt: 4, updatedAt: 4 })
    expect((await universe.history('c')).map(({ kind }) => kind)).toEqual(['created', 'updated', 'deleted', 'created'])
  })

  it('that change nothing stay in the delta and are seen nowhere else', async () => {
    await using universe = await openUniverseOn(dialect)
    const before = await at(universe, 1, [entity('a', 'T', { x: { y: [1] } }), entity('z')])
    const nothing: Operation[] = [
      { op: 'updateEntity', id: 'a', changes: [] },
      { op: 'updateEntity', id: 'a', changes: [{ op: 'set', path: '/x', value: { y: [1] } }] },
      { op: 'updateEntity', id: 'a', changes: [{ op: 'patch', path: '', patch: { gone: null } }], validFrom: null },
      remove('z'),
      entity('z'),
      entity('brief'),
      remove('brief'),
    ]
    const after = await at(universe, 2, nothing)

    expect(await universe.versions.operations(after.versionId)).toEqual(nothing)
    expect(after.dataHash).toBe(before.dataHash)
    expect(await universe.head.entity('a')).toMatchObject({ updatedAt: 1 })
    expect(await universe.history('a')).toHaveLength(1)
    expect(await universe.history('brief')).toEqual([])
    expect(await universe.diff('main', before.versionId, { operations: true })).toEqual([])
    expect((await universe.stats()).entityHistory).toBe(0)
  })

  it('may give an id to the other kind of element, in the same list too', async () => {
    await using universe = await openUniverseOn(dialect)
    await at(universe, 1, [entity('a'), entity('x')])
    await at(universe, 2, [remove('x'), relation('x', 'a', 'a')])
    expect([await universe.head.entity('x'), await universe.head.relation('x')]).toMatchObject([undefined, { id: 'x' }])
    await at(universe, 3, [unlink('x'), entity('x')])

    expect([await universe.head.entity('x'), await universe.head.relation('x')]).toMatchObject([{ id: 'x' }, undefined])
    expect((await universe.history('x')).map((entry) => [entry.element, entry.kind])).toEqual([
      ['entity', 'created'],
      ['relation', 'updated'],
      ['entity', 'updated'],
    ])
  })

  it('keep an entity from being deleted while relations of the same list touch it', async () => {
    await using universe = await openUniverseOn(dialect)
    await at(universe, 1, [entity('a'), entity('b'), relation('r', 'a', 'b')])
    const inUse = (operations: Operation[], facts: object) =>
      expectRefused(universe, () => universe.commit('x', operations), { code: 'ENTITY_IN_USE', ...facts })

    await inUse([unlink('r'), relation('s', 'b', 'b'), remove('b')], { id: 'b', relations: 1, operation: 2 })
    await inUse([relation('s', 'a', 'b'), remove('a')], { id: 'a', relations: 2, operation: 1 })
    await inUse([unlink('r'), relation('r', 'b', 'a'), remove('a')], { id: 'a', relations: 1, operation: 2 })
    await at(universe, 2, [unlink('r'), relation('r', 'b', 'b'), remove('a')])
    expect(await universe.head.degree('b', { direction: 'both' })).toBe(1)
  })

  it('keep null in metadata at every depth; only a merge patch removes with it', async () => {
    await using universe = await openUniverseOn(dialect)
    await at(universe, 1, [entity('a', 'T', { n: null, deep: { n: null, list: [null, { n: null }] } })])
    expect((await universe.head.entity('a'))?.metadata).toEqual({
      n: null,
      deep: { n: null, list: [null, { n: null }] },
    })
    const set: Operation = {
      op: 'updateEntity',
      id: 'a',
      changes: [{ op: 'set', path: '/deep/m', value: { n: null } }],
    }
    const patch = { n: null, deep: { n: null, list: [null] } }
    await at(universe, 2, [set, { op: 'updateEntity', id: 'a', changes: [{ op: 'patch', path: '', patch }] }])

    expect((await universe.head.entity('a'))?.metadata).toEqual({ deep: { m: { n: null }, list: [null] } })
  })

  it('set, leave and remove bounds, and check them on the result', async () => {
    await using universe = await openUniverseOn(dialect)
    await at(universe, 1, [{ ...entity('a'), validFrom: 5, validTo: 5 } as Operation])
    const move = (bounds: object) => universe.commit('x', [{ op: 'updateEntity', id: 'a', changes: [], ...bounds }])
    const bounds = async () => {
      const { validFrom, validTo } = await universe.head.requireEntity('a')
      return [validFrom, validTo]
    }

    await expectRefused(universe, () => move({ validFrom: 6 }), { code: 'VALIDATION', operation: 0 })
    await expectRefused(universe, () => move({ validTo: 4 }), { code: 'VALIDATION', operation: 0 })
    await move({ validTo: 9 })
    expect(await bounds()).toEqual([5, 9])
    await move({ validFrom: 10, validTo: 11 })
    expect(await bounds()).toEqual([10, 11])
    await move({ validFrom: null })
    expect(await bounds()).toEqual([undefined, 11])
    await move({ validFrom: -(2 ** 53) + 1, validTo: null })
    expect(await bounds()).toEqual([-(2 ** 53) + 1, undefined])
    expect(await universe.head.entity('a')).not.toHaveProperty('validTo')
  })

  it('refuse a result that is too deep or too large, though each value alone is not', async () => {
    await using universe = await openUniverseOn(dialect)
    const half = 'x'.repeat(600_000)
    await at(universe, 1, [entity('a', 'T', { at: { at: {} }, text: half }), relation('r', 'a', 'a')])
    const set = (id: string, path: string, value: unknown): Operation =>
      ({ op: id === 'r' ? 'updateRelation' : 'updateEntity', id, changes: [{ op: 'set', path, value }] }) as Operation
    const refuse = (...operations: Operation[]) =>
      expectRefused(universe, () => universe.commit('x', operations), { code: 'VALIDATION', operation: 1 })

    await refuse(entity('b'), set('a', '/more', half))
    await refuse(set('r', '/text', half), set('r', '/more', half))
    await refuse(entity('b'), set('a', '/at/at/deep', nested(62)))
    await universe.commit('At the limit', [set('a', '/at/at/deep', nested(61))])
  })
})

function at(universe: Universe, timestamp: number, operations: Operation[]) {
  return universe.commit(`${timestamp}`, operations, { timestamp })
}
