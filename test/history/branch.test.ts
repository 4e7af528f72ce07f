import { describe, expect, it } from 'vitest'
import { collect } from '../given/collect.js'
import { laneOf } from '../given/fork.js'
import { expectRefused, refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'

const add = (universe: Universe, id: string, branch: string) =>
  universe.commit(id, (draft) => draft.createEntity('T', {}, { id }), { branch, versionId: `v-${id}` })
const idsAt = async (universe: Universe, at: string) =>
  (await collect(universe.at(at).eachEntity())).map(({ id }) => id)

describe.each(dialects)('a branch on %s', (dialect) => {
  it('begins at any version, goes its own way, and leaves others alone', async () => {
    await using universe = await openUniverseOn(dialect)
    const first = await add(universe, 'a', 'main')
    const second = await add(universe, 'b', 'main')
    const branch = await universe.createBranch('draft', { from: first.versionId })
    expect(branch).toEqual({ name: 'draft', head: first, createdAt: branch.createdAt })
    expect(Math.abs(branch.createdAt - Date.now())).toBeLessThan(60_000)

    const third = await add(universe, 'c', 'draft')
    expect(third).toMatchObject({ parents: [first.versionId], sequence: 3 })
    expect(await idsAt(universe, 'draft')).toEqual(['a', 'c'])
    expect(await idsAt(universe, 'main')).toEqual(['a', 'b'])
    expect(await universe.versions.latest('draft')).toEqual(third)
    expect(await universe.versions.latest()).toEqual(second)
    expect(await universe.branches()).toEqual([
      { name: 'main', head: second, createdAt: expect.any(Number) },
      { name: 'draft', head: third, createdAt: branch.createdAt },
    ])
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('begins at a moment, at another branch, or by default at the newest version of main', async () => {
    await using universe = await openUniverseOn(dialect)
    const one = await universe.commit('1', [], { timestamp: 10 })
    const two = await universe.commit('2', [], { timestamp: 20 })
    expect((await universe.createBranch('then', { from: { time: 15 } })).head).toEqual(one)
    expect((await universe.createBranch('other', { from: { branch: 'then' } })).head).toEqual(one)
    expect((await universe.createBranch('new')).head).toEqual(two)
    expect((await universe.branches()).map(({ name }) => name)).toEqual(['main', 'new', 'other', 'then'])
  })

  it('shares its lane until two go on from the same version', async () => {
    await using universe = await openUniverseOn(dialect)
    await add(universe, 'a', 'main')
    for (const name of ['x', 'y', 'z']) await universe.createBranch(name)
    expect(await laneOf(universe, 'x')).toBe(1)
    expect(await universe.at('x').entity('a')).toBeDefined()
    await add(universe, 'b', 'x')
    expect(await universe.at('x').entity('b')).toBeDefined()
    await universe.createBranch('same', { from: 'x' })
    await add(universe, 'c', 'same')
    expect(await laneOf(universe, 'same')).toBe(await laneOf(universe, 'x'))
    await add(universe, 'd', 'x')
    await add(universe, 'e', 'main')
    await add(universe, 'f', 'y')
    const lanes = await Promise.all(['main', 'x', 'y', 'same'].map((name) => laneOf(universe, name)))
    expect(new Set(lanes).size).toBe(4)
    expect(await idsAt(universe, 'x')).toEqual(['a', 'b', 'd'])
    expect(await idsAt(universe, 'same')).toEqual(['a', 'b', 'c'])
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('once deleted leaves its versions readable by id, and may be made again', async () => {
    await using universe = await openUniverseOn(dialect)
    await add(universe, 'a', 'main')
    await universe.createBranch('draft')
    const version = await add(universe, 'b', 'draft')
    const view = universe.at('draft')
    expect(await view.entity('b')).toBeDefined()
    await universe.deleteBranch('draft')

    expect(await refusalOf(() => view.entity('b'))).toMatchObject({ code: 'NOT_FOUND', id: 'draft' })
    expect(await universe.at(version.versionId).entity('b')).toBeDefined()
    expect(await universe.versions.get(version.versionId)).toEqual(version)
    expect(await universe.verify({ receipt: version })).toMatchObject({ findings: [] })
    expect(await refusalOf(() => add(universe, 'c', 'draft'))).toMatchObject({ code: 'NOT_FOUND' })
    await universe.createBranch('draft', { from: version.versionId })
    expect(await view.entity('b')).toBeDefined()
  })

  it('is refused with nothing written where it cannot be', async () => {
    await using universe = await openUniverseOn(dialect)
    await expectRefused(universe, () => universe.createBranch('early'), { code: 'NOT_FOUND' })
    await add(universe, 'a', 'main')
    await universe.createBranch('taken')
    const refused: [() => Promise<unknown>, object][] = [
      [() => universe.createBranch('taken'), { code: 'ALREADY_EXISTS', id: 'taken' }],
      [() => universe.createBranch('main'), { code: 'ALREADY_EXISTS', id: 'main' }],
      [() => universe.createBranch('v-a'), { code: 'ALREADY_EXISTS', id: 'v-a' }],
      [() => universe.createBranch('-x'), { code: 'VALIDATION' }],
      [() => universe.createBranch(''), { code: 'VALIDATION' }],
      [() => universe.createBranch('x'.repeat(513)), { code: 'VALIDATION' }],
      [() => universe.createBranch('new', { from: 'nowhere' }), { code: 'NOT_FOUND' }],
      [
        () => universe.createBranch('new', { from: { time: -5, branch: 'taken' } }),
        { code: 'NOT_FOUND', id: 'taken at 1969-12-31T23:59:59.995Z' },
      ],
      [() => universe.deleteBranch('main'), { code: 'VALIDATION' }],
      [() => universe.deleteBranch(Object.create(null)), { code: 'VALIDATION' }],
      [() => universe.deleteBranch('nowhere'), { code: 'NOT_FOUND', id: 'nowhere' }],
      [() => universe.commit('x', [], { branch: 'nowhere' }), { code: 'NOT_FOUND' }],
      [() => universe.commit('x', [], { versionId: 'taken' }), { code: 'ALREADY_EXISTS' }],
    ]
    for (const [call, facts] of refused) await expectRefused(universe, call, facts)
  })

  it('is told of in the audit trail, unless there is none', async () => {
    await using universe = await openUniverseOn(dialect, { owner: 'ada' })
    const version = await add(universe, 'a', 'main')
    await universe.createBranch('draft')
    await universe.deleteBranch('draft')
    const { items } = await universe.events.list({ source: 'draft' })
    const told = { actor: 'ada', data: { head: version.versionId, name: 'draft' }, versionId: null }
    expect(items).toMatchObject([
      { type: 'BRANCH_DELETED', ...told },
      { type: 'BRANCH_CREATED', ...told },
    ])

    await using quiet = await openUniverseOn(dialect, { auditLog: false })
    await add(quiet, 'a', 'main')
    await quiet.createBranch('draft')
    await quiet.deleteBranch('draft')
    expect((await quiet.events.list()).items).toEqual([])
    expect(await quiet.verify()).toMatchObject({ findings: [] })
  })

  it('runs a closure again where its head moved, whatever other branches do', async () => {
    await using universe = await openUniverseOn(dialect)
    await add(universe, 'a', 'main')
    await universe.createBranch('draft')
    let runs = 0
    await universe.commit(
      'reads',
      async (draft) => {
        runs++
        expect(await draft.entity('a')).toBeDefined()
        draft.createEntity('T', {}, { id: `r${runs}` })
      },
      { branch: 'draft' },
    )
    expect(runs).toBe(1)
    expect(await idsAt(universe, 'draft')).toEqual(['a', 'r1'])
  })

  it('costs a row, of thousands too, and is found among them', async () => {
    await using universe = await openUniverseOn(dialect, { auditLog: false })
    await add(universe, 'a', 'main')
    for (let number = 0; number < 2_000; number++) await universe.createBranch(`b${number}`)
    expect(await universe.branches()).toHaveLength(2_001)
    expect(await universe.stats()).toMatchObject({ branches: 2_001, lanes: 1, entityHistory: 0 })
    await add(universe, 'b', 'b1234')
    expect(await idsAt(universe, 'b1234')).toEqual(['a', 'b'])
    expect(await idsAt(universe, 'b1233')).toEqual(['a'])
  })
})
