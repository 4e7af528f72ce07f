import { describe, expect, it } from 'vitest'
import {
  type Conflict,
  type Entity,
  type Json,
  type MergeStrategy,
  type Operation,
  openUniverse,
} from '../../src/index.js'
import { entity, gone, goneRelation, openDiverged, relation, set, standing, tell, unset } from '../given/diverged.js'
import { temporaryFolder } from '../given/folder.js'
import { expectAllRefused, expectRefused, refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'

const named = (conflicts: readonly Conflict[]) =>
  conflicts.map(({ kind, id, key }) => `${kind} ${id}${key === undefined ? '' : ` ${key}`}`)

describe.each(dialects)('a merge on %s', (dialect) => {
  it('takes what either side alone changed, and what both changed alike', async () => {
    await using universe = await openDiverged(dialect, {
      base: [
        ...[entity('a', { x: 1, y: 1, n: { p: 1 } }), entity('b'), entity('c'), entity('d'), entity('e')],
        ...[relation('r', 'a', 'b', { x: 1 }), relation('s', 'a', 'b')],
      ],
      ours: [
        ...[set('a', { x: 2 }), set('r', { x: 2 }, 'updateRelation'), entity('ours'), entity('same', { n: null })],
        ...[...gone('c'), ...gone('e'), relation('o', 'ours', 'a')],
      ],
      theirs: [
        ...[unset('a', 'y'), set('a', { z: 3 }), set('r', { w: 2 }, 'updateRelation'), entity('same', { n: null })],
        ...[entity('theirs'), ...goneRelation('s'), ...gone('d'), ...gone('e'), relation('t', 'theirs', 'a')],
      ],
    })

    const version = await universe.merge('side', { timestamp: 4_000 })

    expect(await standing(universe)).toEqual([
      'a T {"n":{"p":1},"x":2,"z":3}',
      'b T {}',
      'ours T {}',
      'same T {"n":null}',
      'theirs T {}',
      'o ours→a {}',
      'r a→b {"w":2,"x":2}',
      't theirs→a {}',
    ])
    expect(version).toMatchObject({
      parentVersionId: 'ours',
      parents: ['ours', 'theirs'],
      description: 'Merge side into main',
      owner: 'local',
      timestamp: 4_000,
      sequence: 4,
    })
    expect(await universe.versions.get(version.versionId)).toEqual(version)
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('records the net operations relative to its first parent, in their order', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a'), entity('b'), entity('c'), relation('r', 'a', 'b'), relation('s', 'b', 'c')],
      ours: [set('b', { ours: 1 }), relation('q', 'c', 'a')],
      theirs: [
        ...[...goneRelation('r', 's'), ...gone('a'), entity('a', { new: 1 }, 'Other'), relation('r', 'a', 'b')],
        ...[set('c', { n: 1 }), entity('z'), relation('t', 'z', 'z')],
      ],
    })

    const { versionId } = await universe.merge('side')

    const operations = await universe.versions.operations(versionId)
    expect(operations.map(({ op, id }) => `${op} ${id}`)).toEqual([
      ...['deleteRelation q', 'deleteRelation r', 'deleteRelation s', 'deleteEntity a'],
      ...['createEntity a', 'createEntity z', 'updateEntity c'],
      ...['createRelation q', 'createRelation r', 'createRelation t'],
    ])
    expect(await universe.diff('ours', versionId, { operations: true })).toEqual(operations)
  })

  it('takes the validity as one more key', async () => {
    const bounds = (id: string, validFrom: number | null, validTo: number | null): Operation => ({
      ...{ op: 'updateEntity', id, changes: [], validFrom, validTo },
    })
    await using universe = await openDiverged(dialect, {
      base: ['a', 'b', 'c', 'd'].map((id) => ({ ...entity(id, { n: 1 }), validFrom: 1, validTo: 9 }) as Operation),
      ours: [bounds('a', 2, 9), set('b', { n: 2 }), bounds('c', null, 8), bounds('d', 3, 9)],
      theirs: [bounds('a', 2, 9), bounds('b', 1, null), bounds('c', null, 8), bounds('d', 1, 5)],
    })

    const { conflicts, entities } = await universe.previewMerge('side')

    // Neither side has 3 to 5: the bounds belong together.
    expect(conflicts).toEqual([
      {
        ...{ id: 'd', element: 'entity', kind: 'changed' },
        base: { validFrom: 1, validTo: 9 },
        ours: { validFrom: 3, validTo: 9 },
        theirs: { validFrom: 1, validTo: 5 },
      },
    ])
    expect(tell(entities)).toEqual(['a T {"n":1} 2…9', 'b T {"n":2} 1…', 'c T {"n":1} …8', 'd T {"n":1} 3…9'])
    const error = await refusalOf(() => universe.merge('side'))
    expect(error.message).toContain('changed entity "d" (validity)')
    await universe.merge('side', { strategy: 'theirs', versionId: 'merged' })
    expect((await standing(universe))[3]).toBe('d T {"n":1} 1…5')
  })

  it('writes nothing where the branch has it all, and gives its head', async () => {
    await using universe = await openDiverged(dialect, { base: [entity('a')], ours: [entity('b')] })
    const head = await universe.versions.latest()
    const before = await universe.stats()

    expect(await universe.merge('main')).toEqual(head)
    expect(await universe.merge('base')).toEqual(head)
    expect(await universe.merge({ version: 'ours' })).toEqual(head)
    expect(await universe.stats()).toEqual(before)

    await universe.merge('side')
    const merged = await universe.versions.latest()
    expect(await universe.merge('side')).toEqual(merged)
    expect(await universe.merge('theirs')).toEqual(merged)
  })

  it('records a fast-forward as a version with both parents', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 })],
      theirs: [set('a', { n: 2 }), entity('b')],
    })
    await universe.createBranch('behind', { from: 'base' })

    const version = await universe.merge('side', { into: 'behind' })

    expect(version.parents).toEqual(['base', 'theirs'])
    expect(version.dataHash).toBe((await universe.versions.get('theirs'))?.dataHash)
    expect(version.description).toBe('Merge side into behind')
    expect((await universe.versions.operations(version.versionId)).map(({ op }) => op)).toEqual([
      'createEntity',
      'updateEntity',
    ])
    expect(await universe.versions.latest('behind')).toEqual(version)
    expect(await universe.versions.latest('side')).toMatchObject({ versionId: 'theirs' })
  })

  it('records that two sides were merged where nothing is left to change', async () => {
    await using universe = await openDiverged(dialect, { ours: [entity('a')], theirs: [entity('a')] })
    const { versionId, parents } = await universe.merge('side')
    expect(parents).toEqual(['ours', 'theirs'])
    expect(await universe.versions.operations(versionId)).toEqual([])
    expect(await universe.versions.mergeBases('main', 'side')).toMatchObject([{ versionId: 'theirs' }])
  })

  it('takes the newest of several best common ancestors', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { x: 0, y: 0 })],
      ours: [set('a', { x: 1 })],
      theirs: [set('a', { x: 2, y: 2 })],
    })
    await universe.createBranch('other', { from: 'theirs' })
    // Each takes the other in, and settles x by itself: both `ours` and `theirs` are best common ancestors.
    await universe.merge('theirs', { strategy: 'ours', versionId: 'left' })
    await universe.merge('ours', { into: 'other', strategy: 'ours', versionId: 'right' })
    expect(await universe.versions.mergeBases('left', 'right')).toMatchObject([
      { versionId: 'theirs' },
      { versionId: 'ours' },
    ])

    // Seen from `theirs` (x is 2) only the left side has changed x; seen from `ours` only the right one.
    const preview = await universe.previewMerge('right', { into: 'left' })
    expect(preview.base?.versionId).toBe('theirs')
    expect(tell(preview.entities)).toEqual(['a T {"x":1,"y":2}'])
    const other = await universe.previewMerge('right', { into: 'left', base: 'ours' })
    expect(tell(other.entities)).toEqual(['a T {"x":2,"y":2}'])
  })

  it('compares with the base that is given, whatever the ancestry', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 }), entity('b')],
      ours: [set('a', { n: 2 })],
    })

    // From `ours` on, `base` has set n back: a way to undo.
    const undone = await universe.merge('base', { base: 'ours', versionId: 'undone' })
    expect(undone.parents).toEqual(['ours', 'base'])
    expect(await standing(universe)).toEqual(['a T {"n":1}', 'b T {}'])
    const itself = await universe.merge('main', { base: 'base' })
    expect(itself.parents).toEqual(['undone'])
    const { base, operations } = await universe.previewMerge('ours', { into: 'ours', base: 'base' })
    expect([base?.versionId, operations]).toEqual(['base', []])
    const nothing = await universe.previewMerge('ours', { into: 'base', base: { time: 0 } })
    expect([nothing.base, named(nothing.conflicts)]).toEqual([undefined, ['created a']])
  })

  it('compares with the empty graph where there is no common ancestor', async () => {
    await using universe = await openUniverseOn(dialect)
    const record = (version: string, operations: Operation[]) => ({
      ...{ version: `${version} 1`, parents: [], timestamp: 1_000, operations, branch: version },
    })
    const left = [entity('x', { n: 1 }), entity('y'), relation('r', 'x', 'y')]
    const right = [entity('x', { n: 2 }), entity('y'), entity('z'), relation('s', 'x', 'z')]
    await universe.import([record('main', left), record('other', right)])

    const { base, conflicts } = await universe.previewMerge('other')
    expect([base, named(conflicts)]).toEqual([undefined, ['created x']])
    const { versionId, parents } = await universe.merge('other', { strategy: 'theirs' })
    expect(parents).toHaveLength(2)
    expect(await standing(universe)).toEqual(['x T {"n":2}', 'y T {}', 'z T {}', 'r x→y {}', 's x→z {}'])
    const { items } = await universe.events.list({ type: 'BRANCH_MERGED' })
    expect(items[0]?.data).toMatchObject({ base: null, version: versionId })
    expect((await universe.previewMerge('main', { into: 'other' })).operations.map(({ op }) => op)).toEqual([
      'createRelation',
    ])
  })

  it('tells the audit trail what was merged into what, by whom', async () => {
    await using universe = await openDiverged(dialect, { base: [entity('a')], theirs: [entity('b')] })
    await universe.merge('side', { owner: 'grace', versionId: 'merged', timestamp: 5_000 })

    const { items } = await universe.events.list({ type: 'BRANCH_MERGED' })
    expect(items).toEqual([
      {
        ...{ eventId: expect.any(String), type: 'BRANCH_MERGED', seq: expect.any(Number), source: 'main' },
        ...{ timestamp: 5_000, actor: 'grace', versionId: null, position: null },
        data: { base: 'base', into: 'main', source: 'theirs', version: 'merged' },
      },
    ])
    const { items: ofVersion } = await universe.events.list({ source: 'merged' })
    expect(ofVersion[0]?.data).toMatchObject({ parents: ['ours', 'theirs'], description: 'Merge side into main' })
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('queues with commits', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 })],
      ours: [set('a', { n: 2 })],
      theirs: [set('a', { n: 3 })],
    })
    const [first, second, third] = await Promise.all([
      universe.commit('More', [set('a', { n: 4 }), entity('b')]),
      universe.merge('side', { strategy: ({ ours, theirs }) => [ours, theirs] }),
      universe.merge('side', { versionId: 'again' }),
    ])
    expect(second.parents).toEqual([first.versionId, 'theirs'])
    expect(third).toEqual(second)
    expect(await standing(universe)).toEqual(['a T {"n":[4,3]}', 'b T {}'])
  })

  it('is safe to try again under the id that was given', async () => {
    await using universe = await openDiverged(dialect, { base: [entity('a')], theirs: [entity('b')] })
    const merged = await universe.merge('side', { versionId: 'merged', description: 'Once' })
    await universe.commit('Later', [entity('c')])

    expect(await universe.merge('side', { versionId: 'merged', description: 'Once' })).toEqual(merged)
    await expectRefused(universe, () => universe.merge('side', { versionId: 'merged' }), { code: 'ALREADY_EXISTS' })
    await expectRefused(universe, () => universe.merge('theirs', { versionId: 'side', base: 'base' }), {
      ...{ code: 'ALREADY_EXISTS', what: 'Branch' },
    })
  })

  it('keeps to the version that is expected, and to the time of its parent', async () => {
    await using universe = await openDiverged(dialect, { base: [entity('a')], theirs: [entity('b')] })
    await expectRefused(universe, () => universe.merge('side', { expectedVersion: 'base' }), {
      ...{ code: 'VERSION_CONFLICT', expected: 'base', actual: 'ours' },
    })
    await expectRefused(universe, () => universe.merge('side', { timestamp: 1_999 }), { code: 'VALIDATION' })
    const merged = await universe.merge('side', { expectedVersion: 'ours', timestamp: 2_000, metadata: { why: 1 } })
    expect(merged.timestamp).toBe(2_000)
  })

  it('refuses what is no version, no branch and no option, and writes nothing', async () => {
    await using universe = await openDiverged(dialect, { base: [entity('a')], theirs: [entity('b')] })
    const { merge, previewMerge } = {
      merge: universe.merge.bind(universe) as (...given: unknown[]) => Promise<unknown>,
      previewMerge: universe.previewMerge.bind(universe) as (...given: unknown[]) => Promise<unknown>,
    }
    for (const call of [
      () => merge('nowhere'),
      () => merge({ branch: 'nowhere' }),
      () => merge('side', { into: 'nowhere' }),
      () => merge('side', { into: 'ours' }),
      () => merge('side', { base: 'nowhere' }),
      () => merge({ time: 0 }),
      () => previewMerge('nowhere'),
      () => previewMerge('side', { into: 'nowhere' }),
      () => previewMerge('side', { base: { version: 'side' } }),
    ]) {
      await expectRefused(universe, call, { code: 'NOT_FOUND' })
    }
    await expectAllRefused(universe, [
      ...[null, 5, {}, { branch: 5 }, Symbol('x'), undefined].map((source) => () => merge(source)),
      () => merge('side', { into: 5 }),
      () => merge('side', { into: { branch: 'main' } }),
      () => merge('side', { base: 5 }),
      () => merge('side', { strategy: 'mine' }),
      () => merge('side', { description: 5 }),
      () => merge('side', { owner: '' }),
      () => merge('side', { metadata: 5 }),
      () => merge('side', { branch: 'main' }),
      () => merge('side', null),
      () => previewMerge('side', { strategy: 'ours' }),
      () => previewMerge('side', { into: 5 }),
    ])
    await expectRefused(universe, () => universe.commit('x', () => universe.merge('side')), { code: 'VALIDATION' })
  })

  it('stops at a signal and a deadline, and writes nothing', async () => {
    await using universe = await openDiverged(dialect, { base: [entity('a')], theirs: [entity('b')] })
    await expectRefused(universe, () => universe.merge('side', { signal: AbortSignal.abort() }), { code: 'ABORT' })
    await expectRefused(universe, () => universe.merge('side', { deadline: 0 }), { code: 'LIMIT_EXCEEDED' })
    await expectRefused(universe, () => universe.previewMerge('side', { deadline: 0 }), { code: 'LIMIT_EXCEEDED' })
    const controller = new AbortController()
    const merging = universe.merge('side', { signal: controller.signal })
    merging.catch(() => {})
    controller.abort()
    await expectRefused(universe, () => merging, { code: 'ABORT' })
  })
})

/** What a merge makes of it, by strategy. */
async function outcomes(universe: Universe) {
  const { conflicts, entities, relations } = await universe.previewMerge('side')
  const before = await universe.stats()
  const error = await refusalOf(() => universe.merge('side'))
  expect(error).toMatchObject({ code: 'MERGE_CONFLICT', conflicts })
  expect(await universe.stats()).toEqual(before)

  const settled = async (name: string, strategy: MergeStrategy) => {
    await universe.createBranch(name, { from: 'ours' })
    await universe.merge('side', { into: name, strategy })
    return standing(universe, name)
  }
  const ours = await settled('with-ours', 'ours')
  expect(tell([...entities, ...relations])).toEqual(ours)
  expect(await settled('with-own-ours', (conflict) => conflict.ours)).toEqual(ours)
  const theirs = await settled('with-theirs', 'theirs')
  expect(await settled('with-own-theirs', (conflict) => conflict.theirs)).toEqual(theirs)
  expect(await universe.verify()).toMatchObject({ findings: [] })
  return { conflicts, ours, theirs, settled }
}

describe.each(dialects)('conflicts on %s', (dialect) => {
  it('of a key changed to different values are one each, and leave the other keys merged', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { both: 1, gone: 1, n: { x: 1, y: 1 }, ours: 1, theirs: 1 })],
      ours: [set('a', { both: 2, n: { x: 2, y: 1 }, ours: 2, new: null }), unset('a', 'gone')],
      theirs: [set('a', { both: 3, n: { x: 1, y: 2 }, theirs: 2, gone: 2, new: 0 })],
    })

    const { conflicts, ours, theirs, settled } = await outcomes(universe)

    const changed = { id: 'a', element: 'entity', kind: 'changed' }
    expect(conflicts).toEqual([
      { ...changed, key: 'both', base: 1, ours: 2, theirs: 3 },
      { ...changed, key: 'gone', base: 1, ours: undefined, theirs: 2 },
      { ...changed, key: 'n', base: { x: 1, y: 1 }, ours: { x: 2, y: 1 }, theirs: { x: 1, y: 2 } },
      { ...changed, key: 'new', base: undefined, ours: null, theirs: 0 },
    ])
    expect(ours).toEqual(['a T {"both":2,"n":{"x":2,"y":1},"new":null,"ours":2,"theirs":2}'])
    expect(theirs).toEqual(['a T {"both":3,"gone":2,"n":{"x":1,"y":2},"new":0,"ours":2,"theirs":2}'])
    expect(await settled('none', () => undefined)).toEqual(['a T {"ours":2,"theirs":2}'])
    expect(await settled('own', ({ key }) => ({ settled: key as string }))).toEqual([
      `a T {"both":{"settled":"both"},"gone":{"settled":"gone"},"n":{"settled":"n"},"new":{"settled":"new"},"ours":2,"theirs":2}`,
    ])
  })

  it('of what was changed here and deleted there hold the whole element', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 }), entity('b', { n: 1 }), entity('c'), relation('r', 'c', 'c')],
      ours: [set('a', { n: 2 }), ...gone('b'), set('r', { n: 1 }, 'updateRelation')],
      theirs: [...gone('a'), set('b', { n: 2 }), ...goneRelation('r')],
    })

    const { conflicts, ours, theirs, settled } = await outcomes(universe)

    expect(named(conflicts)).toEqual(['deleted a', 'deleted b', 'deleted r'])
    expect(conflicts[0]).toMatchObject({
      element: 'entity',
      base: { metadata: { n: 1 } },
      ours: { metadata: { n: 2 } },
    })
    expect(conflicts[0]?.theirs).toBeUndefined()
    expect(conflicts[1]).toMatchObject({ ours: undefined, theirs: { id: 'b', entityType: 'T', metadata: { n: 2 } } })
    expect(conflicts[2]?.element).toBe('relation')
    expect(ours).toEqual(['a T {"n":2}', 'c T {}', 'r c→c {"n":1}'])
    expect(theirs).toEqual(['b T {"n":2}', 'c T {}'])
    expect(await settled('none', () => undefined)).toEqual(['c T {}'])
    const own = await settled('own', ({ element, id }) =>
      element === 'entity' ? { entityType: 'Own', metadata: { id } } : { relationType: 'OWN', from: 'a', to: 'b' },
    )
    expect(own).toEqual(['a Own {"id":"a"}', 'b Own {"id":"b"}', 'c T {}', 'r a→b {}'])
  })

  it('of what was created on both sides are never settled by key', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('x'), entity('y')],
      ours: [entity('a', { o: 1 }), entity('dual'), relation('r', 'x', 'y'), entity('of', {}, 'A')],
      theirs: [entity('a', { t: 1 }), relation('dual', 'x', 'y'), relation('r', 'y', 'x'), entity('of', {}, 'B')],
    })

    const { conflicts, ours, theirs } = await outcomes(universe)

    expect(named(conflicts)).toEqual(['created a', 'created dual', 'created of', 'created r'])
    expect(conflicts[1]).toMatchObject({ element: 'entity', base: undefined, theirs: { relationType: 'R' } })
    expect(ours).toEqual(['a T {"o":1}', 'dual T {}', 'of A {}', 'x T {}', 'y T {}', 'r x→y {}'])
    expect(theirs).toEqual(['a T {"t":1}', 'of B {}', 'x T {}', 'y T {}', 'dual x→y {}', 'r y→x {}'])
  })

  it('of what was created again as another while the other side changed it hold the whole element', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 }), entity('b', { n: 1 }), entity('x'), relation('r', 'x', 'x', { n: 1 })],
      ours: [
        ...gone('a'),
        entity('a', { n: 2 }, 'U'),
        set('b', { n: 2 }),
        ...goneRelation('r'),
        relation('r', 'x', 'b'),
      ],
      theirs: [set('a', { n: 3 }), ...gone('b'), relation('b', 'x', 'x'), set('r', { n: 2 }, 'updateRelation')],
    })

    const { conflicts, ours, theirs } = await outcomes(universe)

    expect(named(conflicts)).toEqual(['replaced a', 'replaced b', 'replaced r'])
    expect(ours).toEqual(['a U {"n":2}', 'b T {"n":2}', 'x T {}', 'r x→b {}'])
    expect(theirs).toEqual(['a T {"n":3}', 'x T {}', 'b x→x {}', 'r x→x {"n":2}'])
  })

  it('of a relation whose end the other side deleted leave no relation without one', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 }), entity('b'), entity('c'), relation('r', 'a', 'b')],
      ours: [relation('to-b', 'c', 'b'), ...goneRelation('r'), ...gone('a')],
      theirs: [...goneRelation('r'), ...gone('b'), relation('of-a', 'a', 'c'), relation('loop', 'a', 'a')],
    })

    const { conflicts, ours, theirs, settled } = await outcomes(universe)

    expect(named(conflicts)).toEqual(['end loop', 'end of-a', 'end to-b'])
    expect(conflicts[2]).toMatchObject({ element: 'relation', base: undefined, theirs: undefined, ours: { to: 'b' } })
    expect(ours).toEqual(['b T {}', 'c T {}', 'to-b c→b {}'])
    expect(theirs).toEqual(['a T {"n":1}', 'c T {}', 'loop a→a {}', 'of-a a→c {}'])
    expect(await settled('none', () => undefined)).toEqual(['c T {}'])
    const all = await settled('all', ({ ours: here, theirs: there }) => here ?? there)
    expect(all).toEqual(['a T {"n":1}', 'b T {}', 'c T {}', 'loop a→a {}', 'of-a a→c {}', 'to-b c→b {}'])
  })

  it('of a relation changed here, with its end deleted there, bring the end back where it is kept', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 }), entity('b'), relation('r', 'a', 'b', { n: 1 }), relation('s', 'b', 'a')],
      ours: [set('r', { n: 2 }, 'updateRelation')],
      theirs: [...goneRelation('r', 's'), ...gone('a')],
    })

    const { conflicts, ours, theirs } = await outcomes(universe)

    expect(named(conflicts)).toEqual(['deleted r'])
    expect(ours).toEqual(['a T {"n":1}', 'b T {}', 'r a→b {"n":2}'])
    expect(theirs).toEqual(['b T {}'])
  })

  it('of an end that is in conflict itself are asked beside it, and one relation kept brings it back', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 }), entity('b')],
      ours: [set('a', { n: 2 }), relation('r', 'a', 'b')],
      theirs: gone('a'),
    })

    const { conflicts, ours, theirs, settled } = await outcomes(universe)

    expect(named(conflicts)).toEqual(['deleted a', 'end r'])
    expect(ours).toEqual(['a T {"n":2}', 'b T {}', 'r a→b {}'])
    expect(theirs).toEqual(['b T {}'])
    const torn = await settled('torn', ({ kind, ours: here }) => (kind === 'end' ? here : undefined))
    expect(torn).toEqual(['a T {"n":2}', 'b T {}', 'r a→b {}'])
  })

  it('of two relations that each want the other to be its end leave one, and bring back nothing for the other', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('s')],
      ours: [entity('e'), ...gone('s'), relation('s', 'e', 'e')],
      theirs: [entity('p'), relation('e', 'p', 's')],
    })

    const { conflicts, settled } = await outcomes(universe)

    expect(named(conflicts)).toEqual(['created e', 'end s'])
    const crossed = await settled('crossed', ({ id, ours: here, theirs: there }) => (id === 'e' ? there : here))
    expect(crossed).toEqual(['p T {}', 's T {}', 'e p→s {}'])
  })

  it('of a relation whose id another one needs for its end bring nothing back for it', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('s')],
      ours: [entity('e'), ...gone('s'), relation('s', 'e', 'e'), relation('z', 'e', 'e')],
      theirs: [entity('p'), relation('e', 'p', 's')],
    })

    const { settled } = await outcomes(universe)

    const kept = await settled('kept', ({ id, ours: here, theirs: there }) => (id === 'e' ? there : here))
    expect(kept).toEqual(['e T {}', 'p T {}', 's e→e {}', 'z e→e {}'])
  })

  it('of an end that became a relation there give the id to the entity where the relation to it is kept', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 }), entity('b')],
      ours: [relation('r', 'a', 'b')],
      theirs: [...gone('a'), relation('a', 'b', 'b')],
    })

    const { conflicts, ours, theirs } = await outcomes(universe)

    expect(named(conflicts)).toEqual(['end r'])
    expect(ours).toEqual(['a T {"n":1}', 'b T {}', 'r a→b {}'])
    expect(theirs).toEqual(['b T {}', 'a b→b {}'])
  })

  it('do not arise at an end that both sides keep, be it as another', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a'), entity('b'), relation('x', 'b', 'b'), relation('old', 'a', 'b')],
      ours: [relation('r', 'a', 'b'), ...goneRelation('x'), entity('x'), relation('to-x', 'x', 'b')],
      theirs: [...goneRelation('old'), ...gone('a'), entity('a', {}, 'U'), relation('old', 'a', 'b')],
    })

    const { conflicts } = await universe.previewMerge('side')
    expect(conflicts).toEqual([])
    await universe.merge('side')
    expect(await standing(universe)).toEqual([
      ...['a U {}', 'b T {}', 'x T {}', 'old a→b {}', 'r a→b {}', 'to-x x→b {}'],
    ])
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('settled by a function keep an end that it deletes under a relation of ours, and leave out one of theirs', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('x'), entity('old', { n: 1 }), relation('untouched', 'old', 'x')],
      ours: [
        entity('a', { o: 1 }),
        relation('r', 'a', 'x'),
        ...gone('x').slice(1),
        set('old', { n: 2 }),
        entity('c', { o: 1 }),
      ],
      theirs: [
        ...[entity('a', { t: 1 }), relation('s', 'a', 'x'), entity('c', { t: 1 }), relation('t', 'c', 'x')],
        ...[...goneRelation('untouched'), ...gone('old'), entity('old', {}, 'U'), relation('untouched', 'old', 'x')],
      ],
    })

    const { conflicts, settled } = await outcomes(universe)
    expect(named(conflicts)).toEqual(['created a', 'created c', 'replaced old'])
    expect(await settled('none', () => undefined)).toEqual([
      ...['a T {"o":1}', 'old T {"n":2}', 'x T {}', 'r a→x {}', 's a→x {}', 'untouched old→x {}'],
    ])
  })

  it('given values that can be none are refused by name, and nothing is written', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 }), { ...entity('v'), validFrom: 1 } as Operation],
      ours: [set('a', { n: 2 }), { op: 'updateEntity', id: 'v', changes: [], validFrom: 2 }, entity('w', { o: 1 })],
      theirs: [set('a', { n: 3 }), { op: 'updateEntity', id: 'v', changes: [], validFrom: 3 }, entity('w', { t: 1 })],
    })
    const only = (id: string, value: unknown) => () =>
      universe.merge('side', { strategy: (conflict) => (conflict.id === id ? value : conflict.ours) })
    const late = Promise.reject(new Error('late'))
    late.catch(() => {})
    const calls = [
      ...[only('a', Number.NaN), only('a', () => 1), only('a', '\ud800'), only('a', late)],
      ...[only('v', 5), only('v', { validFrom: 2, validTo: 1 }), only('v', { from: 1 }), only('v', { validFrom: 0.5 })],
      ...[
        only('w', 5),
        only('w', {}),
        only('w', { entityType: 'T', id: 'x' }),
        only('w', { entityType: 'T', more: 1 }),
      ],
      ...[
        only('w', { entityType: '', metadata: {} }),
        only('w', { entityType: 'T', metadata: { x: undefined, y: 1n } }),
      ],
      () =>
        universe.merge('side', {
          strategy: (conflict) => (conflict.id === 'a' ? { deep: nested(63) } : conflict.ours),
        }),
    ]
    await expectAllRefused(universe, calls)
    const error = await refusalOf(only('w', { entityType: 'T', id: 'x' }))
    expect(error.message).toBe('The value for the conflict created "w" is not valid: /id: must be "w"')
    const end = { relationType: 'R', from: 'a', to: 'nobody', metadata: {} }
    await expectRefused(universe, only('w', end), { code: 'NOT_FOUND', id: 'nobody' })
    const thrown = new Error('the caller’s own')
    const throwing = universe.merge('side', {
      strategy: () => {
        throw thrown
      },
    })
    await expect(throwing).rejects.toBe(thrown)
    expect(await universe.merge('side', { strategy: 'ours' })).toMatchObject({ sequence: 4 })
  })

  it('are settled by what a function made of what it was shown', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { list: [] })],
      ours: [set('a', { list: ['ours'] }), entity('w', { o: 1 })],
      theirs: [set('a', { list: ['theirs'] }), entity('w', { t: 1 })],
    })
    const grown = (value: unknown) => () =>
      universe.merge('side', {
        strategy: ({ theirs }) => {
          if (Array.isArray(theirs)) theirs.push(value as Json)
          return theirs
        },
      })
    await expectAllRefused(universe, [grown(Number.NaN), grown(undefined), grown(1n), grown('\ud800'), grown(grown)])
    await expectAllRefused(universe, [
      () => universe.merge('side', { strategy: ({ ours }) => Object.assign(ours as object, { id: 'b' }) }),
      () => universe.merge('side', { strategy: ({ ours }) => Object.assign(ours as object, { metadata: 5 }) }),
    ])

    await universe.merge('side', {
      strategy: ({ ours, theirs }) => {
        if (!Array.isArray(ours)) {
          Object.assign((ours as Entity).metadata, { seen: 1 })
          return theirs
        }
        ours.push(...(theirs as string[]))
        return ours
      },
    })
    expect(await standing(universe)).toEqual(['a T {"list":["ours","theirs"]}', 'w T {"t":1}'])
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('are settled by a function in which nothing else can be written', async () => {
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 })],
      ours: [set('a', { n: 2 })],
      theirs: [set('a', { n: 3 })],
    })
    const inside: Promise<unknown>[] = []
    const strategy = ({ theirs }: Conflict) => {
      inside.push(
        refusalOf(() => universe.commit('x', [])),
        refusalOf(() => universe.merge('side')),
      )
      return theirs
    }
    const { sequence } = await universe.merge('side', { strategy })
    expect(sequence).toBe(4)
    expect(await Promise.all(inside)).toMatchObject([{ code: 'VALIDATION' }, { code: 'VALIDATION' }])
    expect(await universe.versions.latest()).toMatchObject({ sequence: 4 })
  })

  it('of very many keys are settled in no time', async () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `key ${index}`)
    const all = (value: number) => Object.fromEntries(keys.map((key) => [key, value]))
    const whole = (value: number): Operation => ({
      ...{ op: 'updateEntity', id: 'a', changes: [{ op: 'set', path: '', value: all(value) }] },
    })
    await using universe = await openDiverged(dialect, {
      base: [entity('a', all(1))],
      ours: [whole(2)],
      theirs: [whole(3)],
    })
    const start = process.cpuUsage()
    await universe.merge('side', { strategy: ({ key, theirs }) => (key === 'key 7' ? undefined : theirs) })
    const { user } = process.cpuUsage(start)
    expect(user / 1_000).toBeLessThan(5_000)
    const { metadata } = await universe.head.requireEntity('a')
    expect(metadata).toEqual({ ...all(3), 'key 7': undefined })
  })

  it('are named in the message, the first of them', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e']
    await using universe = await openDiverged(dialect, {
      base: [...ids.map((id) => entity(id, { n: 1 }))],
      ours: ids.map((id) => set(id, { n: 2 })),
      theirs: [...gone('a'), ...ids.slice(1).map((id) => set(id, { n: 3 }))],
    })
    const { message, hint } = await refusalOf(() => universe.merge('side'))
    expect(message).toBe(
      'The merge of side has 5 conflicts: deleted entity "a", changed entity "b" ("n"), changed entity "c" ("n") and 2 more',
    )
    expect(hint).toContain("'ours'")
  })
})

/** Arrays in arrays. */
function nested(levels: number): unknown {
  let value: unknown = []
  for (let level = 1; level < levels; level++) value = [value]
  return value
}

describe('a merge in one process while another one commits', () => {
  it('is made again on the head that came in between', async () => {
    using folder = temporaryFolder()
    const path = folder.file('shared.db')
    await using universe = await openUniverse(path)
    await using other = await openUniverse(path)
    await universe.commit('base', [entity('a', { n: 1 })], { versionId: 'base' })
    await universe.createBranch('side', { from: 'base' })
    await universe.commit('ours', [set('a', { n: 2 })])
    await universe.commit('theirs', [set('a', { n: 3 })], { branch: 'side' })
    const asked: unknown[] = []
    let between: Promise<unknown> | undefined

    const merged = await universe.merge('side', {
      strategy: ({ ours, theirs }) => {
        asked.push([ours, theirs])
        between ??= other.commit('Between', [set('a', { n: 4 })], { versionId: 'between' })
        return theirs
      },
    })

    await between
    expect(asked).toEqual([
      [2, 3],
      [4, 3],
    ])
    expect(merged.parentVersionId).toBe('between')
    expect(await standing(universe)).toEqual(['a T {"n":3}'])
  })
})
