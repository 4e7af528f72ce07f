import { describe, expect, it } from 'vitest'
import { entity, gone, goneRelation, openDiverged, relation, set, standing, tell, unset } from '../given/diverged.js'
import { expectAllRefused, expectRefused, refusalOf } from '../given/refused.js'
import { type Dialect, dialects, openUniverseOn } from '../model/open.js'

/** Five versions: `v1` to `v5`. */
async function openStory(dialect: Dialect) {
  const universe = await openUniverseOn(dialect)
  const versions = [
    [entity('a', { n: 1, m: 1 }), entity('b'), relation('r', 'a', 'b')],
    [set('a', { n: 2 }), entity('c')],
    [...goneRelation('r'), ...gone('b')],
    [set('a', { m: 2 }), relation('s', 'c', 'a')],
    [entity('d', {})],
  ]
  for (const [index, operations] of versions.entries()) {
    const name = `v${index + 1}`
    await universe.commit(`Step ${name}\n\nand more`, operations, { versionId: name, timestamp: 1_000 * (index + 1) })
  }
  return universe
}

describe.each(dialects)('a revert on %s', (dialect) => {
  it('undoes one version, and what came later stays', async () => {
    await using universe = await openStory(dialect)

    const undone = await universe.revert('v3', { timestamp: 9_000, owner: 'grace', versionId: 'v6' })

    expect(undone).toMatchObject({
      ...{ versionId: 'v6', parents: ['v5'], description: 'Revert "Step v3"', owner: 'grace', timestamp: 9_000 },
    })
    expect(await standing(universe)).toEqual([
      ...['a T {"m":2,"n":2}', 'b T {}', 'c T {}', 'd T {}', 'r a→b {}', 's c→a {}'],
    ])
    const operations = await universe.versions.operations('v6')
    expect(operations.map(({ op, id }) => `${op} ${id}`)).toEqual(['createEntity b', 'createRelation r'])
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('of the newest version gives the state before it, hash and all, and of a revert what it undid', async () => {
    await using universe = await openStory(dialect)
    const hash = async (id: string) => (await universe.versions.get(id))?.dataHash
    for (const [id, parent] of [
      ['v5', 'v4'],
      ['v4', 'v3'],
      ['v3', 'v2'],
    ]) {
      await universe.commit('Here', await universe.diff('main', id as string, { operations: true }))
      expect((await universe.revert(id as string)).dataHash).toBe(await hash(parent as string))
      expect((await universe.revert('main')).dataHash).toBe(await hash(id as string))
    }
  })

  it('undoes a range, after `from` up to and including `to`', async () => {
    await using universe = await openStory(dialect)
    const undone = await universe.revert({ from: 'v1', to: 'v3' }, { strategy: 'ours' })
    expect(undone.description).toBe('Revert v1..v3')
    // `c` came with v2, but v4 has drawn a relation to it.
    expect(await standing(universe)).toEqual([
      ...['a T {"m":2,"n":1}', 'b T {}', 'c T {}', 'd T {}', 'r a→b {}', 's c→a {}'],
    ])
    await universe.revert({ from: 'v3', to: { branch: 'main' } })
    expect(await standing(universe)).toEqual(['a T {"m":1,"n":2}', 'c T {}'])
  })

  it('of the first version goes back to the empty graph', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('', [entity('a'), entity('b'), relation('r', 'a', 'b')], { versionId: 'v1' })
    await universe.commit('Second', [entity('c')])
    const undone = await universe.revert('v1')
    expect(undone.description).toBe('Revert v1')
    expect(await standing(universe)).toEqual(['c T {}'])
    expect((await universe.revert({ from: new Date(0), to: 'main' })).description).toMatch(/^Revert all up to /)
    expect(await standing(universe)).toEqual([])
  })

  it('of a merge is relative to its first parent', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 })],
      ours: [entity('b')],
      theirs: [set('a', { n: 2 }), entity('c')],
    })
    const { versionId } = await universe.merge('side')
    await universe.commit('Later', [set('b', { later: true })])
    await universe.revert(versionId)
    expect(await standing(universe)).toEqual(['a T {"n":1}', 'b T {"later":true}'])
  })

  it('of a version of one branch can be made on another', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 }), entity('b')],
      theirs: [set('a', { n: 2 })],
    })
    await universe.merge('side')
    await universe.revert('theirs')
    expect(await standing(universe)).toEqual(['a T {"n":1}', 'b T {}'])
    expect(await standing(universe, 'side')).toEqual(['a T {"n":2}', 'b T {}'])
    await universe.revert({ branch: 'side' }, { branch: 'side' })
    expect(await standing(universe, 'side')).toEqual(['a T {"n":1}', 'b T {}'])
  })

  it('conflicts with what changed the same since, and settles it as a merge does', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('v1', [entity('a', { n: 1, m: 1 })], { versionId: 'v1' })
    await universe.commit('v2', [set('a', { n: 2, m: 2 }), entity('b')], { versionId: 'v2' })
    await universe.commit('v3', [set('a', { n: 3 }), relation('r', 'b', 'a')], { versionId: 'v3' })

    const error = await expectRefused(universe, () => universe.revert('v2'), { code: 'MERGE_CONFLICT' })
    expect(error.message).toBe('The revert of v2 has 2 conflicts: changed entity "a" ("n"), end relation "r"')
    expect(error).toMatchObject({
      conflicts: [
        { id: 'a', kind: 'changed', key: 'n', base: 2, ours: 3, theirs: 1 },
        { id: 'r', kind: 'end', ours: { from: 'b', to: 'a' } },
      ],
    })
    await universe.revert('v2', { strategy: 'ours', versionId: 'ours' })
    expect(await standing(universe)).toEqual(['a T {"m":1,"n":3}', 'b T {}', 'r b→a {}'])
    const theirs = await universe.revert('v2', { branch: 'main', strategy: 'theirs', description: 'Back' })
    expect(theirs.description).toBe('Back')
    expect(await standing(universe)).toEqual(['a T {"m":1,"n":1}'])
    await universe.revert('v3', { strategy: ({ base }) => base ?? undefined })
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('that finds nothing to undo is recorded all the same', async () => {
    await using universe = await openStory(dialect)
    await universe.commit('Undone by hand', [...goneRelation('s'), unset('a', 'm'), set('a', { m: 1 })])
    const undone = await universe.revert('v4')
    expect(await universe.versions.operations(undone.versionId)).toEqual([])
  })

  it('is safe to try again under the id that was given', async () => {
    await using universe = await openStory(dialect)
    const undone = await universe.revert('v5', { versionId: 'undone' })
    expect(await universe.revert('v5', { versionId: 'undone' })).toEqual(undone)
    await expectRefused(universe, () => universe.revert('v4', { versionId: 'undone' }), { code: 'ALREADY_EXISTS' })
  })

  it('refuses what is no version, no range and no option, and writes nothing', async () => {
    await using universe = await openStory(dialect)
    const revert = universe.revert.bind(universe) as (...given: unknown[]) => Promise<unknown>
    for (const call of [
      () => revert('nothing'),
      () => revert({ time: 0 }),
      () => revert({ from: 'v1', to: 'nothing' }),
      () => revert({ from: 'nothing', to: 'v1' }),
      () => revert('v5', { branch: 'nowhere' }),
    ]) {
      await expectRefused(universe, call, { code: 'NOT_FOUND' })
    }
    const before = { code: 'NOT_FOUND', id: 'main at 1970-01-01T00:00:00.000Z' }
    await expectRefused(universe, () => revert({ time: 0 }), before)
    await using empty = await openUniverseOn(dialect)
    await expectRefused(empty, () => empty.revert('main'), { code: 'NOT_FOUND', id: 'main' })
    await expectAllRefused(universe, [
      ...[undefined, null, 5, {}, { from: 'v1' }, { to: 'v1' }, { from: 5, to: 'v1' }].map((one) => () => revert(one)),
      () => revert({ from: 'v3', to: 'v2' }),
      () => revert({ from: 'v3', to: 'v3' }),
      () => revert('v5', { into: 'main' }),
      () => revert('v5', { strategy: 5 }),
      () => revert('v5', { description: 5 }),
      () => revert('v5', { timestamp: 1 }),
    ])
    await expectRefused(universe, () => revert('v5', { expectedVersion: 'v4' }), { code: 'VERSION_CONFLICT' })
    await expectRefused(universe, () => universe.commit('x', () => universe.revert('v5')), { code: 'VALIDATION' })
    await expectRefused(universe, () => revert('v5', { signal: AbortSignal.abort() }), { code: 'ABORT' })
  })

  it('refuses a range whose beginning was only merged in', async () => {
    await using universe = await openDiverged(dialect, { theirs: [entity('a')] })
    await universe.merge('side', { versionId: 'merged' })
    const error = await refusalOf(() => universe.revert({ from: 'theirs', to: 'merged' }))
    expect(error.message).toContain('theirs is not before merged along its first parents')
    expect(tell((await universe.previewMerge('base', { base: 'merged' })).entities)).toEqual([])
  })
})
