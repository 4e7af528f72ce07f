import { describe, expect, it } from 'vitest'
import { collect } from '../given/collect.js'
import { fork } from '../given/fork.js'
import { refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'

describe.each(dialects)('an export on %s', (dialect) => {
  it('tells everything of each version, with null, defaults and all that was given', async () => {
    await using universe = await openUniverseOn(dialect, { owner: 'ada' })
    expect(await collect(universe.export())).toEqual([])
    const metadata = { b: null, a: [1] }
    await universe.commit('First', [], { versionId: 'v1', timestamp: -1, metadata })
    const create = { op: 'createEntity', id: 'a', entityType: 'T', metadata: { n: null }, validTo: 5 } as const
    await universe.commit('', [create], { versionId: 'v2', timestamp: 3 })

    expect(await collect(universe.export())).toEqual([
      { version: 'v1', parents: [], timestamp: -1, owner: 'ada', description: 'First', operations: [], metadata },
      ...[
        {
          version: 'v2',
          parents: ['v1'],
          timestamp: 3,
          owner: 'ada',
          description: '',
          operations: [create],
          branch: 'main',
        },
      ],
    ])
  })

  it('has every name on its head', async () => {
    await using universe = await forked(dialect)
    await fork(universe, 'also', 'm3')
    const names = (await collect(universe.export())).map(({ version, branch }) => [version, branch])

    expect(names).toEqual([
      ['m1', undefined],
      ['m2', undefined],
      ['x1', undefined],
      ['m3', ['also', 'main']],
      ['x2', 'x'],
    ])
  })

  it('chooses as git’s from..to does, and by branches', async () => {
    await using universe = await forked(dialect)
    const chosen = async (options: Parameters<Universe['export']>[0]) =>
      (await collect(universe.export(options))).map(({ version }) => version)

    expect(await chosen({ to: 'x' })).toEqual(['m1', 'm2', 'x1', 'x2'])
    expect(await chosen({ from: 'm2' })).toEqual(['x1', 'm3', 'x2'])
    expect(await chosen({ from: 'main', to: 'x' })).toEqual(['x1', 'x2'])
    expect(await chosen({ from: 'x', to: 'main' })).toEqual(['m3'])
    expect(await chosen({ from: 'x', to: 'm1' })).toEqual([])
    expect(await chosen({ from: 'main', to: 'main' })).toEqual([])
    expect(await chosen({ branches: ['main'] })).toEqual(['m1', 'm2', 'm3'])
    expect(await chosen({ branches: ['main', 'x'], from: 'm1' })).toEqual(['m2', 'x1', 'm3', 'x2'])
    expect(await chosen({ branches: [] })).toEqual([])
  })

  it('is one state from its first record on, whatever is committed meanwhile', async () => {
    await using universe = await openUniverseOn(dialect)
    for (let n = 0; n < 200; n++) await universe.commit(`${n}`, [])
    const seen: string[] = []
    for await (const { description, branch } of universe.export()) {
      seen.push(description as string)
      expect(branch).toBe(seen.length === 200 ? 'main' : undefined)
      if (seen.length === 1) await universe.commit('late', [])
    }

    expect(seen).toEqual(Array.from({ length: 200 }, (_, n) => `${n}`))
  })

  it('is refused for what is not there, and stops when told to', async () => {
    await using universe = await forked(dialect)
    const refused = (options: unknown) => refusalOf(() => collect(universe.export(options as never)))
    for (const options of [{ from: 'nowhere' }, { to: 'nowhere' }, { branches: ['nowhere'] }, { branches: ['m1'] }]) {
      expect(await refused(options)).toMatchObject({ code: 'NOT_FOUND' })
    }
    for (const options of [
      null,
      5,
      { from: 5 },
      { to: {} },
      { branches: 5 },
      { branches: [5] },
      { branches: [null] },
    ]) {
      expect(await refused(options), JSON.stringify(options)).toMatchObject({ code: 'VALIDATION' })
    }
    expect(await refused({ signal: AbortSignal.abort() })).toMatchObject({ code: 'ABORT' })
    expect(await refused({ deadline: -5 })).toMatchObject({ code: 'VALIDATION' })
  })
})

/** m1, m2, m3 on main; x1, x2 on x from m2. */
async function forked(dialect: (typeof dialects)[number]): Promise<Universe> {
  const universe = await openUniverseOn(dialect)
  const commit = (versionId: string, branch: string) => universe.commit(versionId, [], { versionId, branch })
  await commit('m1', 'main')
  await commit('m2', 'main')
  await fork(universe, 'x', 'm2')
  await commit('x1', 'x')
  await commit('m3', 'main')
  await commit('x2', 'x')
  return universe
}
