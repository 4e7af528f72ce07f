import { describe, expect, it } from 'vitest'
import { collect } from '../given/collect.js'
import { damage } from '../given/damage.js'
import { fork } from '../given/fork.js'
import { refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'

describe.each(dialects)('versions on %s', (dialect) => {
  it('are none in an empty universe', async () => {
    await using universe = await openUniverseOn(dialect)
    const { versions } = universe

    expect(await versions.latest()).toBeUndefined()
    expect(await versions.get('main')).toBeUndefined()
    expect(await versions.get('x')).toBeUndefined()
    expect(await versions.at(new Date())).toBeUndefined()
    expect(await versions.history('main')).toEqual([])
    expect(await collect(versions.ancestors('main'))).toEqual([])
    expect([await versions.children('main'), await versions.mergeBases('main', 'main')]).toEqual([[], []])
    expect(await versions.operations('main')).toEqual([])
  })

  it('are found by id, by branch and along first parents', async () => {
    await using universe = await openUniverseOn(dialect)
    const made = []
    for (let n = 0; n < 5; n++) made.push(await universe.commit(`${n}`, [], { timestamp: n }))
    const { versions } = universe
    const newestFirst = made.toReversed()

    expect(await versions.get(made[2]?.versionId as string)).toEqual(made[2])
    expect(await versions.latest()).toEqual(made[4])
    expect(await versions.history('main')).toEqual(newestFirst)
    expect(await versions.history('main', { limit: 2 })).toEqual(newestFirst.slice(0, 2))
    expect(await versions.history({ time: 2 })).toEqual(newestFirst.slice(2))
    expect(await collect(versions.ancestors({ time: 3 }))).toEqual(newestFirst.slice(1))
    expect(await versions.children({ time: 3 })).toEqual([made[4]])
    expect(await versions.mergeBases({ time: 1 }, 'main')).toEqual([made[1]])
  })

  it('with several parents are walked over all of them, each once, newest first', async () => {
    await using universe = await openUniverseOn(dialect)
    await merges(universe)
    const named = (versions: { versionId: string }[]) => versions.map(({ versionId }) => versionId)
    const { versions } = universe

    expect(named(await collect(versions.ancestors('m2')))).toEqual(['m2', 'b2', 'm1', 'b1', 'a'])
    expect(named(await versions.history('m2'))).toEqual(['m2', 'm1', 'a'])
    expect(named(await versions.children('a'))).toEqual(['b1', 'm1'])
    expect(named(await versions.children('b1'))).toEqual(['m1', 'b2'])
    expect((await versions.get('m2'))?.parents).toEqual(['m1', 'b2'])
    expect((await versions.get('m2'))?.parentVersionId).toBe('m1')
    expect(named(await versions.mergeBases('m1', 'b2'))).toEqual(['b1'])
    expect(named(await versions.mergeBases('m2', 'b2'))).toEqual(['b2'])
    expect(named(await versions.mergeBases('m1', 'm1'))).toEqual(['m1'])
  })

  it('give their operations back as they were recorded', async () => {
    await using universe = await openUniverseOn(dialect)
    const operations = Array.from({ length: 3_000 }, (_, n) => ({
      ...{ op: 'createEntity', id: `e${n}`, entityType: 'T', metadata: { text: 'x'.repeat(3_000), n } },
    })) as never[]
    const version = await universe.commit('More than one row', operations)

    expect(await universe.versions.operations(version.versionId)).toEqual(operations)
    expect(await universe.versions.operations('main')).toEqual(operations)
    expect(await refusalOf(() => universe.versions.operations('nowhere'))).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('may be found by the beginning of an id', async () => {
    await using universe = await openUniverseOn(dialect)
    for (const versionId of ['ab', 'abc', 'abd', 'b', 'a%', '\u{1f600}']) await universe.commit('', [], { versionId })

    expect(await universe.versions.withPrefix('ab')).toEqual(['ab', 'abc', 'abd'])
    expect(await universe.versions.withPrefix('ab', 2)).toEqual(['ab', 'abc'])
    expect(await universe.versions.withPrefix('a%')).toEqual(['a%'])
    expect(await universe.versions.withPrefix('')).toHaveLength(6)
    expect(await universe.versions.withPrefix('x')).toEqual([])
    expect(await universe.versions.withPrefix('\ud83d')).toEqual([])
  })

  it('are refused by what is no reference, no branch and no limit', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('x', [], { versionId: 'v' })
    const { versions } = universe
    for (const bad of [null, undefined, 5, {}, []]) {
      for (const call of ['get', 'history', 'children', 'operations'] as const) {
        expect(await refusalOf(() => versions[call](bad as never)), `${call} ${bad}`).toMatchObject({
          code: 'VALIDATION',
        })
      }
      expect(await refusalOf(() => versions.mergeBases(bad as never, 'v'))).toMatchObject({ code: 'VALIDATION' })
      expect(await refusalOf(() => collect(versions.ancestors(bad as never)))).toMatchObject({ code: 'VALIDATION' })
      if (bad !== undefined) expect(await refusalOf(() => versions.latest(bad as never))).toBeDefined()
      // A number is a moment.
      if (bad !== 5) expect(await refusalOf(() => versions.at(bad as never)), `at ${bad}`).toBeDefined()
    }
    for (const limit of [0, -1, 1.5, '1', null]) {
      expect(await refusalOf(() => versions.history('v', { limit: limit as number }))).toMatchObject({
        code: 'VALIDATION',
      })
    }
    for (const call of ['history', 'children', 'operations'] as const) {
      expect(await refusalOf(() => versions[call]('nowhere'))).toMatchObject({ code: 'NOT_FOUND' })
    }
    expect(await refusalOf(() => versions.latest('nowhere'))).toMatchObject({ code: 'NOT_FOUND', what: 'Branch' })
    expect(await refusalOf(() => versions.at(5, 'nowhere'))).toMatchObject({ code: 'NOT_FOUND', what: 'Branch' })
    expect(await refusalOf(() => versions.history('v', { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'ABORT',
    })
  })

  it('end where damage lets first parents go round in circles', async () => {
    await using universe = await openUniverseOn(dialect)
    const { versions } = universe
    for (const versionId of ['a', 'b', 'c', 'd']) await universe.commit(versionId, [], { versionId })
    await damage(universe, "update state_version set parent_version_id = 'c' where version_id = 'b'")

    const error = await refusalOf(() => versions.history('main'))
    expect(error).toMatchObject({ code: 'INTEGRITY', message: expect.stringContaining('version b') })
    expect((await versions.history('main', { limit: 3 })).map(({ versionId }) => versionId)).toEqual(['d', 'c', 'b'])
    expect((await collect(versions.ancestors('main'))).map(({ versionId }) => versionId)).toEqual(['d', 'c', 'b'])
    expect(await versions.mergeBases('a', 'main')).toHaveLength(1)
  })
})

/** a on main, b1 and b2 on x; m1 merges b1, m2 merges b2. */
async function merges(universe: Universe): Promise<void> {
  const main = (version: string, ...parents: string[]) =>
    universe.import([{ version, parents, timestamp: 1, operations: [] }])
  await main('a')
  await fork(universe, 'x', 'a')
  await universe.commit('b1', [], { branch: 'x', versionId: 'b1' })
  await main('m1', 'a', 'b1')
  await universe.commit('b2', [], { branch: 'x', versionId: 'b2' })
  await main('m2', 'm1', 'b2')
}
