import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openDriver } from '../../src/database/sqlite/driver.js'
import { openUniverse } from '../../src/index.js'
import { collect } from '../given/collect.js'
import { damage } from '../given/damage.js'
import { temporaryFolder } from '../given/folder.js'
import { makeForks } from '../given/forks.js'
import { everythingOf, refusalOf } from '../given/refused.js'
import { makeTree } from '../given/trees.js'
import { Dice } from '../laws/dice.js'
import { askAll } from '../laws/questions.js'
import { listEntities } from '../model/filter.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'

describe.each(dialects)('a rebuild on %s', (dialect) => {
  it('of nothing is nothing', async () => {
    await using universe = await openUniverseOn(dialect)
    expect(await universe.rebuild()).toEqual({ versions: 0, lanes: 1 })
    await universe.commit('a', (draft) => draft.createEntity('T', {}, { id: 'a' }))
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('changes no answer, of views that are held neither, and lays lanes as the whole tree asks for', async () => {
    await using forks = await makeForks(dialect, 21, 80)
    const { universe, model, heads } = forks
    const dice = new Dice(4)
    const views = model.versions.map((version) => ({ version, view: universe.at(version.versionId) }))
    for (const { version, view } of views) await askAll(view, version.state, dice, 1)
    const before = await everythingOf(universe)
    const told: object[] = []
    const result = await universe.rebuild({ onProgress: (progress) => told.push(progress) })

    expect(result.versions).toBe(80)
    expect(told.at(-1)).toEqual({ versions: 80, total: 80 })
    const { stats, ...rest } = await everythingOf(universe)
    expect(rest).toEqual({ stream: before.stream, events: before.events })
    expect(stats).toMatchObject({ versions: 80, branches: before.stats.branches, lanes: result.lanes })
    for (const { version, view } of views) await askAll(view, version.state, dice, 1)
    for (const [name, { state }] of heads) await askAll(universe.at({ branch: name }), state, dice, 1)
    expect(await universe.verify()).toMatchObject({ findings: [] })

    for (const name of heads.keys()) {
      await universe.commit(name, (draft) => draft.createEntity('T', {}, { id: `new on ${name}` }), { branch: name })
      expect(await universe.at(name).entity(`new on ${name}`)).toBeDefined()
    }
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it.each([
    ['its head', "update branch set head_version_id = null where name = 'main'"],
    ['all of it', "delete from branch where name = 'main'"],
  ])('puts main back where lane 1 tells it: %s', async (_, change) => {
    await using forks = await makeForks(dialect, 21, 60)
    const { universe, heads } = forks
    const [before, main] = [await everythingOf(universe), await universe.versions.latest()]
    const branches = await universe.branches()
    await damage(universe, change)
    expect((await universe.verify()).findings.map(({ place }) => place)).toContain('branch main')

    await universe.rebuild()
    expect(await universe.versions.latest()).toEqual(main)
    const state = heads.get('main')?.state
    if (state) await askAll(universe.head, state, new Dice(1), 1)
    expect((await everythingOf(universe)).stream).toEqual(before.stream)
    expect(await universe.verify()).toMatchObject({ findings: [] })
    expect(await universe.branches()).toEqual(branches)
  })

  it('makes a lost main anew where there is no version', async () => {
    await using universe = await openUniverseOn(dialect)
    await damage(universe, 'delete from branch')
    expect(await universe.rebuild()).toEqual({ versions: 0, lanes: 1 })
    await universe.commit('a', (draft) => draft.createEntity('T', {}, { id: 'a' }))
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it.each([
    [
      'lane 1 is no chain and main is lost',
      "update state_version set lane_id = 1 where version_id = 'x'; delete from branch where name = 'main'",
    ],
    [
      'a first parent comes after its child',
      "update state_version set parent_version_id = 'v3' where version_id = 'v2'",
    ],
  ])('refuses, and leaves all as it was, where %s', async (_, change) => {
    await using universe = await openUniverseOn(dialect)
    await makeTwoBranches(universe)
    await damage(universe, change)
    await expectNothingRebuilt(universe)
  })

  it('stops at its deadline with nothing changed', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.import(makeTree(new Dice(2), 60, 'lines').records)
    const before = await everythingOf(universe)
    expect(await refusalOf(() => universe.rebuild({ deadline: 0 }))).toMatchObject({ code: 'LIMIT_EXCEEDED' })
    expect(await everythingOf(universe)).toEqual(before)
  })
})

describe('a rebuild on sqlite', () => {
  it('mends every projection', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    const { records, model } = makeTree(new Dice(9), 60, 'lines')
    {
      await using universe = await openUniverse(path)
      await universe.import(records)
    }
    const driver = openDriver(path)
    driver.pragma('foreign_keys = off')
    for (const table of ['entity', 'relation', 'entity_history', 'relation_history', 'entity_tag']) {
      driver.exec(
        `delete from ${table} where rowid % 3 = 0`.replace('rowid', table === 'entity_tag' ? 'from_sequence' : 'rowid'),
      )
    }
    driver.exec('update lane set fork_sequence = fork_sequence + 1 where fork_sequence is not null')
    driver.exec('delete from entity_tag_history')
    driver.exec('update state_version set late = 1 - late')
    driver.exec("update entity_history set metadata = '{}' where metadata is not null")
    driver.close()

    await using universe = await openUniverse(path)
    expect((await universe.verify()).count).toBeGreaterThan(20)
    await universe.rebuild()
    expect(await universe.verify()).toMatchObject({ findings: [] })
    const dice = new Dice(1)
    for (const { versionId, state } of model.versions) await askAll(universe.at(versionId), state, dice, 1)
  })

  it.each([
    ['the version of the head is lost', "delete from state_version where version_id = 'v3'"],
    [
      'the head and its version are lost',
      "delete from state_version where version_id = 'v3'; update branch set head_version_id = null where name = 'main'",
    ],
    [
      'main and the newest version are lost',
      "delete from state_version where version_id = 'x'; delete from branch where name = 'main'",
    ],
    ['a first parent is lost', "delete from state_version where version_id = 'v2'"],
  ])('refuses, and leaves all as it was, where %s', async (_, change) => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    {
      await using universe = await openUniverse(path)
      await makeTwoBranches(universe)
    }
    const driver = openDriver(path)
    driver.pragma('foreign_keys = off')
    driver.exec(change)
    driver.close()
    await using universe = await openUniverse(path)
    await expectNothingRebuilt(universe)
  })

  it('refuses damaged deltas, and leaves all as it was', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    {
      await using universe = await openUniverse(path)
      for (const id of ['a', 'b']) {
        await universe.commit(id, (draft) => draft.createEntity('T', {}, { id }), { versionId: `v-${id}` })
      }
    }
    const change = (operations: object[]) => {
      const driver = openDriver(path)
      driver
        .prepare("update delta_record set operations = ? where state_version_id = 'v-b'")
        .run(JSON.stringify(operations))
      driver.close()
    }
    for (const operations of [
      [{ op: 'createEntity', id: 'c', entityType: 'T', metadata: {} }],
      [{ op: 'deleteEntity', id: 'nobody' }],
    ]) {
      change(operations)
      await using universe = await openUniverse(path)
      const error = await refusalOf(() => universe.rebuild())
      expect(error).toMatchObject({ code: 'INTEGRITY', message: expect.stringContaining('v-b') })
      expect((await collect(universe.head.eachEntity())).map(({ id }) => id)).toEqual(['a', 'b'])
    }
  })

  it('by another process is seen by views that are held', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    await using one = await openUniverse(path)
    await using two = await openUniverse(path)
    const { records, model } = makeTree(new Dice(31), 50, 'anywhere')
    for (const record of records) await one.import([record])
    const views = model.versions.map(({ versionId, state }) => ({ state, view: two.at(versionId) }))
    const ask = async () => {
      for (const { state, view } of views) {
        expect((await view.entities({ limit: 1_000 })).items).toEqual(listEntities(state))
        for (const id of state.relations.keys()) expect(await view.relation(id)).toBeDefined()
      }
    }
    await ask()
    let isDone = false
    const rebuilt = one.rebuild().finally(() => {
      isDone = true
    })
    while (!isDone) {
      await ask()
      // Reads alone never let a timer run.
      await setImmediate()
    }
    expect((await rebuilt).versions).toBe(50)
    await ask()
  })

  it('that was announced by a killed process waits for nobody', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    {
      await using universe = await openUniverse(path)
      await universe.commit('a', (draft) => draft.createEntity('T', {}, { id: 'a' }))
    }
    const driver = openDriver(path)
    const announced = () => driver.prepare("select count(*) from config where key = 'lanes_announced'").pluck().get()
    driver.exec("insert into config values ('lanes_announced', 'x', null, 0, 'local')")
    {
      await using universe = await openUniverse(path)
      expect(announced()).toBe(0)
      await universe.rebuild()
    }
    expect(announced()).toBe(0)
    driver.close()
  })
})

/** v1, v2 and v3 on `main`; x on another branch, after v2. */
async function makeTwoBranches(universe: Universe): Promise<void> {
  const commit = (id: string, branch = 'main') =>
    universe.commit(id, (draft) => draft.createEntity('T', {}, { id }), { versionId: id, branch })
  await commit('v1')
  await commit('v2')
  await universe.createBranch('other')
  await commit('v3')
  await commit('x', 'other')
}

async function expectNothingRebuilt(universe: Universe): Promise<void> {
  const found = await universe.verify()
  expect(found).toMatchObject({ ok: false })
  const error = await refusalOf(() => universe.rebuild())
  expect(error).toMatchObject({ code: 'INTEGRITY', hint: expect.stringContaining('Nothing was rebuilt') })
  expect(await universe.verify()).toEqual(found)
}
