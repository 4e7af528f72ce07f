import { describe, expect, it } from 'vitest'
import type { Command } from './command.js'
import { diff, netOperations } from './diff.js'
import { eventsOf } from './events.js'
import { historyOf, mergeBases, versionAt } from './history.js'
import type { JsonObject } from './json.js'
import type { Change, Operation } from './operation.js'
import { attempt, Refusal } from './refusal.js'
import { type CommitOptions, ModelUniverse, type ModelVersion } from './universe.js'

function commit(universe: ModelUniverse, commands: Command[], options: CommitOptions = {}): ModelVersion {
  const name = `v${universe.versions.length + 1}`
  return universe.commit({ description: '', commands, isList: false, options }, 1_000, name)
}

function entity(id: string, entityType = 'Person', metadata: JsonObject = {}): Command {
  return { call: 'createEntity', entityType, metadata, options: { id } }
}

function relation(id: string, from: string, to: string, relationType = 'KNOWS'): Command {
  return { call: 'createRelation', relationType, from, to, metadata: {}, options: { id } }
}

function remove(id: string, cascade = false): Command {
  return { call: 'deleteEntity', id, cascade }
}

function change(id: string, ...changes: Change[]): Command {
  return { call: 'changeEntity', id, changes }
}

function codesOf(universe: ModelUniverse, commands: Command[], options?: CommitOptions) {
  const before = universe.versions.length
  const refusal = attempt(() => commit(universe, commands, options))
  expect(universe.versions).toHaveLength(before)
  return refusal instanceof Refusal ? refusal.codes : []
}

describe('the model', () => {
  it('has the empty graph before the first version', () => {
    const universe = new ModelUniverse()

    expect(universe.head).toBeUndefined()
    expect(versionAt(universe, 0)).toBeUndefined()
    expect(commit(universe, [])).toMatchObject({ sequence: 1, parents: [], dataHash: '0'.repeat(64) })
  })

  it('keeps createdAt of a life, and updatedAt of what a write left as it was', () => {
    const universe = new ModelUniverse()
    commit(universe, [entity('a'), entity('b'), entity('c')], { timestamp: 1 })
    commit(universe, [change('a', { op: 'set', path: '/x', value: 1 }), change('b')], {
      timestamp: 2,
    })
    commit(universe, [remove('b'), entity('b'), remove('c'), entity('c', 'Company')], {
      timestamp: 3,
    })

    const { entities } = universe.get('v3').state
    expect(entities.get('a')).toMatchObject({ createdAt: 1, updatedAt: 2 })
    expect(entities.get('b')).toMatchObject({ createdAt: 1, updatedAt: 1 })
    expect(entities.get('c')).toMatchObject({ createdAt: 3, updatedAt: 3, entityType: 'Company' })
  })

  it('begins a new life with every version that finds the id dead', () => {
    const universe = new ModelUniverse()
    commit(universe, [entity('a')], { timestamp: 1 })
    commit(universe, [remove('a')], { timestamp: 2 })
    commit(universe, [entity('a')], { timestamp: 3 })

    expect(universe.head?.state.entities.get('a')).toMatchObject({ createdAt: 3, updatedAt: 3 })
    expect(diff(universe.get('v1').state, universe.get('v3').state).entities.updated).toEqual([])
    expect(historyOf(universe, 'a').map(({ kind }) => kind)).toEqual(['created', 'deleted', 'created'])
  })

  it('records the deletions of a cascade by id, before the entity', () => {
    const universe = new ModelUniverse()
    commit(universe, [
      entity('a'),
      entity('b'),
      relation('\u{1f600}', 'a', 'b'),
      relation('\u{ffee}', 'b', 'a'),
      relation('loop', 'a', 'a'),
      relation('other', 'b', 'b'),
    ])
    const version = commit(universe, [remove('a', true)])

    expect(version.operations.map(({ op, id }) => `${op} ${id}`)).toEqual([
      'deleteRelation loop',
      'deleteRelation \u{ffee}',
      'deleteRelation \u{1f600}',
      'deleteEntity a',
    ])
    expect(eventsOf(version).map(({ type }) => type)).toEqual([
      ...['RELATION_DELETED', 'RELATION_DELETED', 'RELATION_DELETED', 'ENTITY_DELETED'],
      ...['STATE_VERSION_COMMITTED', 'DELTA_RECORDED'],
    ])
  })

  it('records a merge patch and a replacement as one change at the root', () => {
    const universe = new ModelUniverse()
    commit(universe, [entity('a', 'Person', { x: null, y: { z: 1 } })])
    const version = commit(universe, [
      {
        call: 'updateEntity',
        id: 'a',
        patch: { x: null, y: { n: null, z: 2 } },
        options: { validTo: 5 },
      },
      { call: 'replaceEntity', id: 'a', metadata: { n: null, zero: -0 } },
    ])

    expect(version.operations).toEqual<Operation[]>([
      {
        op: 'updateEntity',
        id: 'a',
        changes: [{ op: 'patch', path: '', patch: { x: null, y: { n: null, z: 2 } } }],
        validTo: 5,
      },
      {
        op: 'updateEntity',
        id: 'a',
        changes: [{ op: 'set', path: '', value: { n: null, zero: 0 } }],
      },
    ])
    expect(version.state.entities.get('a')?.metadata).toEqual({ n: null, zero: 0 })
  })

  it('applies every kind of change in order', () => {
    const universe = new ModelUniverse()
    commit(universe, [entity('a', 'Person', { list: [1, 2], o: { k: null } })])
    commit(universe, [
      change(
        'a',
        { op: 'insert', path: '/list', index: 2, value: 3 },
        { op: 'insert', path: '/list', index: 0, value: 0 },
        { op: 'insert', path: '/list', value: 4 },
        { op: 'remove', path: '/list', index: 1 },
        { op: 'set', path: '/list/0', value: { deep: [] } },
        { op: 'delete', path: '/list/1' },
        { op: 'patch', path: '/o', patch: { k: null, n: { gone: null, kept: [null] } } },
        { op: 'set', path: '/a~1b', value: 1 },
      ),
    ])

    expect(universe.head?.state.entities.get('a')?.metadata).toEqual({
      list: [{ deep: [] }, 3, 4],
      o: { n: { kept: [null] } },
      'a/b': 1,
    })
  })

  it('refuses with the code of the rule that is broken, and changes nothing', () => {
    const universe = new ModelUniverse()
    commit(universe, [entity('a'), entity('b'), relation('r', 'a', 'b')], { timestamp: 10 })

    expect(codesOf(universe, [entity('a')])).toEqual(['ALREADY_EXISTS'])
    expect(codesOf(universe, [entity('r')])).toEqual(['ALREADY_EXISTS'])
    expect(codesOf(universe, [relation('b', 'a', 'a')])).toEqual(['ALREADY_EXISTS'])
    expect(codesOf(universe, [relation('s', 'a', 'r')])).toEqual(['NOT_FOUND'])
    expect(codesOf(universe, [relation('r', 'a', 'x')])).toEqual(['ALREADY_EXISTS', 'NOT_FOUND'])
    expect(codesOf(universe, [change('r')])).toEqual(['NOT_FOUND'])
    expect(codesOf(universe, [remove('b')])).toEqual(['ENTITY_IN_USE'])
    expect(codesOf(universe, [remove('x'), change('a', { op: 'delete', path: '' })])).toEqual(['VALIDATION'])
    expect(codesOf(universe, [change('a', { op: 'delete', path: '/x' })])).toEqual(['VALIDATION'])
    expect(codesOf(universe, [], { timestamp: 9 })).toEqual(['VALIDATION'])
    expect(codesOf(universe, [], { expectedVersion: null })).toEqual(['VERSION_CONFLICT'])
    expect(codesOf(universe, [], { versionId: 'v1', owner: 'b' })).toEqual(['ALREADY_EXISTS'])
  })

  it('keeps, removes and orders the bounds of validity', () => {
    const universe = new ModelUniverse()
    commit(universe, [
      {
        call: 'createEntity',
        entityType: 'P',
        metadata: {},
        options: { id: 'a', validFrom: 5, validTo: 5 },
      },
    ])
    const update = (options: { validFrom?: number | null; validTo?: number | null }): Command[] => [
      { call: 'updateEntity', id: 'a', patch: {}, options },
    ]

    expect(codesOf(universe, update({ validTo: 4 }))).toEqual(['VALIDATION'])
    commit(universe, update({ validFrom: null }))
    expect(universe.head?.state.entities.get('a')).not.toHaveProperty('validFrom')
    expect(universe.head?.state.entities.get('a')).toHaveProperty('validTo', 5)
  })

  it('calls an id that became the other element updated, under what it is now', () => {
    const universe = new ModelUniverse()
    commit(universe, [entity('a'), entity('x')])
    commit(universe, [remove('x'), relation('x', 'a', 'a')])
    commit(universe, [{ call: 'deleteRelation', id: 'x' }])

    expect(historyOf(universe, 'x').map(({ element, kind }) => [element, kind])).toEqual([
      ['entity', 'created'],
      ['relation', 'updated'],
      ['relation', 'deleted'],
    ])
    const between = diff(universe.get('v1').state, universe.get('v2').state)
    expect(between.entities.deleted.map(({ id }) => id)).toEqual(['x'])
    expect(between.relations.created.map(({ id }) => id)).toEqual(['x'])
  })

  it('takes the relations of a replaced entity along in net operations', () => {
    const universe = new ModelUniverse()
    commit(universe, [entity('a'), entity('b', 'Person', { x: 1 }), relation('r', 'a', 'b')])
    commit(universe, [
      remove('a', true),
      entity('a', 'Company'),
      relation('r', 'a', 'b'),
      change('b', { op: 'set', path: '/y', value: 2 }, { op: 'delete', path: '/x' }),
    ])
    const before = universe.get('v1').state
    const after = universe.get('v2').state

    expect(diff(before, after).relations).toEqual({ created: [], updated: [], deleted: [] })
    expect(netOperations(before, after)).toEqual<Operation[]>([
      { op: 'deleteRelation', id: 'r' },
      { op: 'deleteEntity', id: 'a' },
      { op: 'createEntity', id: 'a', entityType: 'Company', metadata: {} },
      {
        op: 'updateEntity',
        id: 'b',
        changes: [
          { op: 'delete', path: '/x' },
          { op: 'set', path: '/y', value: 2 },
        ],
      },
      { op: 'createRelation', id: 'r', relationType: 'KNOWS', from: 'a', to: 'b', metadata: {} },
    ])
  })

  it('hashes as STORAGE says, byte for byte', () => {
    const universe = new ModelUniverse()
    const options = { versionId: 'one', timestamp: 5, owner: 'ada' }
    const version = commit(universe, [entity('b', 'T', { b: 1, a: 1e21 })], options)

    // printf '%s' '["entity","b","T",{"a":1e+21,"b":1},null,null]' | sha256sum, and so on
    expect(version.dataHash).toBe('b2f9f516ba8ec7609b93d45cf022e9b996dded7e79898393bfcbc2aad8e5f440')
    expect(version.versionHash).toBe('efc9b4f88f10f21cec8ccc16eb8a6a37db871f2f5b01a3b1af575e1484dbea03')
  })

  it('resolves a moment to the greatest sequence, not to the greatest timestamp', () => {
    const universe = new ModelUniverse()
    const parents: string[] = []
    for (const [index, timestamp] of [1_000, 3_000, 2_000, 4_000].entries()) {
      const version = `v${index + 1}`
      universe.append({ version, parents: parents.slice(-1), timestamp, operations: [] })
      parents.push(version)
    }

    expect(versionAt(universe, 999)).toBeUndefined()
    expect(versionAt(universe, 1_999)?.versionId).toBe('v1')
    expect(versionAt(universe, 3_500)?.versionId).toBe('v3')
  })

  it('finds both merge bases of a criss-cross', () => {
    const universe = new ModelUniverse()
    const append = (version: string, ...parents: string[]) =>
      universe.append({ version, parents, timestamp: 0, operations: [] })
    append('root')
    append('a', 'root')
    append('b', 'root')
    append('ab', 'a', 'b')
    append('ba', 'b', 'a')

    expect(mergeBases(universe, 'ab', 'ba').map(({ versionId }) => versionId)).toEqual(['b', 'a'])
    expect(mergeBases(universe, 'ab', 'a').map(({ versionId }) => versionId)).toEqual(['a'])
  })
})
