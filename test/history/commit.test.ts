import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { type Operation, openUniverse, type Version } from '../../src/index.js'
import { collect } from '../given/collect.js'
import { temporaryFolder } from '../given/folder.js'
import { expectAllRefused, expectRefused, refusalOf } from '../given/refused.js'
import { refusedIds, refusedMoments, refusedValues, refusedWholes } from '../given/values.js'
import { dialects, openUniverseOn } from '../model/open.js'

const create = (id: string, entityType = 'Person'): Operation => ({ op: 'createEntity', id, entityType, metadata: {} })

describe.each(dialects)('a commit on %s', (dialect) => {
  it('makes one version that tells everything of itself', async () => {
    await using universe = await openUniverseOn(dialect, { owner: 'ada' })
    const before = Date.now()
    const first = await universe.commit('First', [create('a')])
    const second = await universe.commit('Second', [create('b')], { owner: 'bob', metadata: { ticket: null } })

    expect(first).toEqual({
      versionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      parentVersionId: null,
      parents: [],
      sequence: 1,
      timestamp: expect.any(Number),
      description: 'First',
      owner: 'ada',
      dataHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      versionHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(first.timestamp).toBeGreaterThanOrEqual(before)
    expect(second).toMatchObject({ parentVersionId: first.versionId, parents: [first.versionId], sequence: 2 })
    expect(second).toMatchObject({ owner: 'bob', description: 'Second' })
    expect(await universe.versions.get(second.versionId)).toEqual(second)
    expect(await collect(universe.export())).toMatchObject([{}, { metadata: { ticket: null } }])
  })

  it('may be empty of operations, and is a version all the same', async () => {
    await using universe = await openUniverseOn(dialect)
    const empty = await universe.commit('', [])
    const still = await universe.commit('Nothing', () => undefined)

    expect(empty).toMatchObject({ sequence: 1, dataHash: '0'.repeat(64) })
    expect(still).toMatchObject({ sequence: 2, dataHash: '0'.repeat(64), parentVersionId: empty.versionId })
    expect(await universe.versions.operations(still.versionId)).toEqual([])
  })

  it('is all or nothing: the error names the operation that cannot be applied', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Start', [create('a'), create('b')])
    const relate: Operation = { op: 'createRelation', id: 'r', relationType: 'R', from: 'a', to: 'b', metadata: {} }
    await universe.commit('Relate', [relate])
    const refused = (operations: Operation[], error: object) =>
      expectRefused(universe, () => universe.commit('Refused', operations), error)

    await refused([create('c'), create('a')], { code: 'ALREADY_EXISTS', what: 'Entity', id: 'a', operation: 1 })
    await refused([create('r')], { code: 'ALREADY_EXISTS', what: 'Relation', id: 'r', operation: 0 })
    await refused([{ ...relate, id: 'a' }], { code: 'ALREADY_EXISTS', what: 'Entity', operation: 0 })
    await refused([create('c'), { ...relate, id: 's', to: 'x' }], { code: 'NOT_FOUND', id: 'x', operation: 1 })
    await refused([{ ...relate, id: 's', from: 'r' }], { code: 'NOT_FOUND', what: 'Entity', id: 'r', operation: 0 })
    await refused([{ op: 'deleteEntity', id: 'r' }], { code: 'NOT_FOUND', what: 'Entity', operation: 0 })
    await refused([{ op: 'deleteRelation', id: 'a' }], { code: 'NOT_FOUND', what: 'Relation', operation: 0 })
    await refused([{ op: 'updateRelation', id: 'a', changes: [] }], { code: 'NOT_FOUND', operation: 0 })
    await refused([create('c'), { op: 'deleteEntity', id: 'b' }], {
      code: 'ENTITY_IN_USE',
      id: 'b',
      relations: 1,
      operation: 1,
    })
    await refused([create('c'), { op: 'updateEntity', id: 'a', changes: [{ op: 'delete', path: '/x' }] }], {
      code: 'VALIDATION',
      operation: 1,
    })
    await refused([create('c'), { op: 'nothing' } as never], { code: 'VALIDATION', operation: 1 })
    await refused(new Array(2) as Operation[], { code: 'VALIDATION', operation: 0 })
    await refused([create('c'), undefined as never], { code: 'VALIDATION', operation: 1 })
  })

  it.each(refusedValues)('writes nothing of metadata that holds %s', async (_name, make) => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Start', [create('a')])
    const metadata = () => ({ a: make() }) as never
    const value = () => make() as never

    await expectAllRefused(universe, [
      () => universe.commit('x', [{ ...create('b'), metadata: metadata() } as Operation]),
      () => universe.commit('x', [], { metadata: metadata() }),
      () => universe.commit('x', (draft) => draft.createEntity('T', metadata())),
      () => universe.commit('x', (draft) => draft.createRelation('T', 'a', 'a', metadata())),
      () => universe.commit('x', (draft) => draft.updateEntity('a', metadata())),
      () => universe.commit('x', (draft) => draft.replaceEntity('a', metadata())),
      () => universe.commit('x', (draft) => draft.changeEntity('a', [{ op: 'set', path: '/x', value: value() }])),
      () => universe.commit('x', (draft) => draft.apply([{ ...create('b'), metadata: metadata() } as never])),
    ])
  })

  it.each(refusedWholes)('writes nothing where %s stands for metadata', async (name, make) => {
    await using universe = await openUniverseOn(dialect)

    await expectAllRefused(universe, [
      () => universe.commit('x', [{ ...create('b'), metadata: make() } as never]),
      () => universe.commit('x', (draft) => draft.createEntity('T', make() as never)),
      ...(name === 'null' ? [] : [() => universe.commit('x', [], { metadata: make() as never })]),
    ])
  })

  it.each(refusedIds)('refuses a name that is %s', async (name, refused) => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Start', [create('a')])
    const id = refused as string

    await expectAllRefused(universe, [
      () => universe.commit('x', [], { owner: id }),
      () => universe.commit('x', [], { branch: id }),
      () => universe.commit('x', [], { versionId: id }),
      () => universe.commit('x', (draft) => draft.createEntity(id)),
      () => universe.commit('x', (draft) => draft.createRelation('R', 'a', id)),
      () => universe.commit('x', (draft) => draft.deleteEntity(id)),
      // For an expected version null means none yet, for an id of a draft the same as not given.
      ...(name === 'null' ? [] : [() => universe.commit('x', [], { expectedVersion: id })]),
      ...(name === 'null' ? [] : [() => universe.commit('x', (draft) => draft.createEntity('T', {}, { id }))]),
    ])
  })

  it.each(refusedMoments)('refuses %s as a timestamp or a bound', async (_name, moment) => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Start', [create('a')])

    await expectAllRefused(universe, [
      () => universe.commit('x', [], { timestamp: moment as number }),
      () => universe.commit('x', (draft) => draft.createEntity('T', {}, { validFrom: moment as number })),
      () => universe.commit('x', (draft) => draft.updateEntity('a', {}, { validTo: moment as number })),
    ])
  })

  it('refuses what is no commit at all', async () => {
    await using universe = await openUniverseOn(dialect)
    const refuse = (call: () => unknown) => expectRefused(universe, call, { code: 'VALIDATION' })

    for (const description of [undefined, null, 5, {}, 'a\u0000', '\ud800']) {
      await refuse(() => universe.commit(description as string, []))
    }
    for (const work of [undefined, null, 'x', 5, {}, new Set()]) await refuse(() => universe.commit('x', work as never))
    for (const options of [null, 5, 'x', true]) await refuse(() => universe.commit('x', [], options as never))
    await refuse(() => universe.commit('x', [], { brnach: 'x' } as never))
    await refuse(() => universe.commit('x', [], { deadline: -1 }))
    await refuse(() => universe.commit('x', [], { deadline: '5' as never }))
    await expectRefused(universe, () => universe.commit('x', [], { branch: 'nowhere' }), {
      code: 'NOT_FOUND',
      what: 'Branch',
      id: 'nowhere',
    })
    await expectRefused(universe, () => universe.commit('x', [], { signal: AbortSignal.abort() }), { code: 'ABORT' })
    expect((await universe.stats()).versions).toBe(0)
  })

  it('keeps any text as a description', async () => {
    await using universe = await openUniverseOn(dialect)
    for (const description of ['', 'two\nlines', '\u{1f600}\u0001', 'x'.repeat(100_000)]) {
      const version = await universe.commit(description, [])
      expect((await universe.versions.get(version.versionId))?.description).toBe(description)
    }
  })

  it('takes a timestamp that is not below the parent’s', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Before the epoch', [create('a')], { timestamp: -5 })
    const same = await universe.commit('The same moment', [create('b')], { timestamp: new Date(-5) })
    expect(same.timestamp).toBe(-5)
    const zero = await universe.commit('Zero', [create('c')], { timestamp: -0 })
    expect(Object.is(zero.timestamp, 0)).toBe(true)
    expect(await universe.versions.get(zero.versionId)).toEqual(zero)

    await expectRefused(universe, () => universe.commit('Back', [], { timestamp: -1 }), { code: 'VALIDATION' })
    const far = await universe.commit('Far', [create('d')], { timestamp: 2 ** 53 - 1 })
    expect(await universe.head.entity('d')).toMatchObject({ createdAt: far.timestamp, updatedAt: far.timestamp })
  })

  it('takes the parent’s timestamp where the clock is behind it', async () => {
    await using universe = await openUniverseOn(dialect)
    const ahead = Date.now() + 3_600_000
    await universe.commit('Ahead', [create('a')], { timestamp: ahead })
    const next = await universe.commit('Now', [create('b')])

    expect(next.timestamp).toBe(ahead)
    expect(await universe.head.entity('b')).toMatchObject({ createdAt: ahead })
  })

  it('takes place only on the version that it expects', async () => {
    await using universe = await openUniverseOn(dialect)
    const none = { code: 'VERSION_CONFLICT', expected: 'nothing', actual: null }
    await expectRefused(universe, () => universe.commit('x', [], { expectedVersion: 'nothing' }), none)
    const first = await universe.commit('First', [create('a')], { expectedVersion: null })
    const conflict = { code: 'VERSION_CONFLICT', branch: 'main', actual: first.versionId }

    await expectRefused(universe, () => universe.commit('x', [], { expectedVersion: null }), {
      ...conflict,
      expected: null,
    })
    const closure = vi.fn()
    const wrong = () => universe.commit('x', closure, { expectedVersion: 'main' })
    await expectRefused(universe, wrong, { ...conflict, expected: 'main' })
    expect(closure).not.toHaveBeenCalled()
    const second = await universe.commit('Second', [create('b')], { expectedVersion: first.versionId })
    expect(second.sequence).toBe(2)
  })
})

describe.each(dialects)('a commit with an id of its own on %s', (dialect) => {
  it('is made once, however often it is tried', async () => {
    await using universe = await openUniverseOn(dialect)
    const options = { versionId: 'v1', owner: 'ada', expectedVersion: null, timestamp: 1 }
    const first = await universe.commit('First', [create('a')], options)
    await universe.commit('Second', [create('b')])

    expect(await universe.commit('First', [create('a')], options)).toEqual(first)
    const closure = vi.fn()
    expect(await universe.commit('First', closure, { versionId: 'v1', owner: 'ada' })).toEqual(first)
    expect(closure).not.toHaveBeenCalled()
    expect((await universe.stats()).versions).toBe(2)
  })

  it('is made once where another connection makes it meanwhile', async () => {
    using folder = temporaryFolder()
    await using universe = await openUniverse(folder.file('shared.db'))
    await using other = await openUniverse(folder.file('shared.db'))
    const retry = { versionId: 'v1', expectedVersion: null }
    let first: Version | undefined
    const again = await universe.commit(
      'First',
      async (draft) => {
        await draft.entity('a')
        first ??= await other.commit('First', [create('a')], retry)
        draft.createEntity('Person', {}, { id: 'a' })
      },
      retry,
    )
    expect(again).toEqual(first)

    const taken = universe.commit(
      'Mine',
      async (draft) => {
        await other.commit('Theirs', [create('b')], { versionId: 'v2' })
        draft.createEntity('Person', {}, { id: 'c' })
      },
      { versionId: 'v2' },
    )
    await expect(taken).rejects.toMatchObject({ code: 'ALREADY_EXISTS', id: 'v2' })
    expect((await universe.head.entities()).items.map(({ id }) => id)).toEqual(['a', 'b'])
    expect((await universe.stats()).versions).toBe(2)
  })

  it('is refused where the id is another commit’s', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('First', [create('a')], { versionId: 'v1' })
    const taken = { code: 'ALREADY_EXISTS', what: 'Version', id: 'v1' }
    const refuse = (call: () => unknown) => expectRefused(universe, call, taken)

    await refuse(() => universe.commit('Other', [create('a')], { versionId: 'v1' }))
    await refuse(() => universe.commit('First', [create('a')], { versionId: 'v1', owner: 'eve' }))
    await refuse(() => universe.commit('First', [create('a', 'Company')], { versionId: 'v1' }))
    await refuse(() => universe.commit('First', [], { versionId: 'v1' }))
  })

  it('is refused where the id is a branch’s name', async () => {
    await using universe = await openUniverseOn(dialect)
    const named = { code: 'ALREADY_EXISTS', what: 'Branch', id: 'main' }
    await expectRefused(universe, () => universe.commit('x', [], { versionId: 'main' }), named)
  })
})

describe.each(dialects)('commits of one process on %s', (dialect) => {
  it('take place in the order in which they were asked for', async () => {
    await using universe = await openUniverseOn(dialect)
    const versions = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        universe.commit(`${index}`, async (draft) => {
          await sleep(index % 3)
          draft.createEntity('T', { index }, { id: `e${index}` })
        }),
      ),
    )

    expect(versions.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect((await universe.versions.history('main')).map(({ description }) => description)).toEqual(
      Array.from({ length: 20 }, (_, index) => `${19 - index}`),
    )
  })

  it('go on after one that was refused', async () => {
    await using universe = await openUniverseOn(dialect)
    const results = await Promise.allSettled([
      universe.commit('a', [create('a')]),
      universe.commit('b', [create('a')]),
      universe.commit('c', () => {
        throw new RangeError('the caller’s own')
      }),
      universe.commit('d', [create('d')]),
    ])

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(results[2]).toMatchObject({ reason: { name: 'RangeError', message: 'the caller’s own' } })
    expect((await universe.stats()).versions).toBe(2)
  })

  it('are refused at once inside the closure of another', async () => {
    await using universe = await openUniverseOn(dialect)
    await using other = await openUniverseOn(dialect)
    const version = await universe.commit('Outer', async (draft) => {
      expect(await refusalOf(() => universe.commit('Inner', []))).toMatchObject({ code: 'VALIDATION' })
      await other.commit('Elsewhere', [create('x')])
      draft.createEntity('T', {}, { id: 'a' })
    })

    expect(version.sequence).toBe(1)
    expect((await other.stats()).versions).toBe(1)
  })

  it('do not wait for themselves by way of an import or of closing', async () => {
    const universe = await openUniverseOn(dialect)
    const inTime = (call: Promise<unknown>) => Promise.race([call.then(String, String), sleep(1_000, 'hangs')])
    const record = { version: 'v', parents: [], timestamp: 0, operations: [] }

    expect(await inTime(universe.commit('Import', () => universe.import([record])))).not.toBe('hangs')
    expect(await inTime(universe.commit('Close', () => universe.close()))).not.toBe('hangs')
  })

  it('may come from a timer that a closure set, once it has ended', async () => {
    await using universe = await openUniverseOn(dialect)
    let later: Promise<unknown> | undefined
    await universe.commit('Outer', (draft) => {
      draft.createEntity('T')
      later = sleep(30).then(() => universe.commit('Later', [create('b')]))
    })

    expect(await later).toMatchObject({ sequence: 2 })
  })
})
