/** Merges under a schema: each side passes it, and together they may not. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSchema, type MergeStrategy, type Operation, openUniverse } from '../../../src/index.js'
import { entity, gone, goneRelation, relation, set, tell } from '../../given/diverged.js'
import { temporaryFolder } from '../../given/folder.js'
import { expectRefused, refusalOf } from '../../given/refused.js'
import { type Dialect, dialects, openTypedUniverseOn } from '../../model/open.js'

const range = z.object({ min: z.number(), max: z.number() }).refine(({ min, max }) => min <= max, 'min is above max')

const schema = defineSchema({
  entities: { Range: range, T: z.object({}), U: z.object({}), Narrow: z.object({ n: z.number().max(9) }) },
  relations: { R: { from: 'T', to: ['T', 'U'] } },
})

const rangeOf = (id: string, min: number, max: number) => entity(id, { min, max }, 'Range')

async function openDivergedTyped(dialect: Dialect, base: Operation[], ours: Operation[], theirs: Operation[]) {
  const universe = await openTypedUniverseOn(dialect, { schema })
  await universe.commit('base', base, { versionId: 'base' })
  await universe.createBranch('side', { from: 'base' })
  await universe.commit('ours', ours)
  await universe.commit('theirs', theirs, { branch: 'side' })
  return universe
}

describe.each(dialects)('a merge that breaks the schema on %s', (dialect) => {
  it('is a conflict of the whole element, which says why; it is left at ours', async () => {
    await using universe = await openDivergedTyped(
      dialect,
      [rangeOf('r', 1, 9), rangeOf('s', 1, 9)],
      [set('r', { min: 5 }), set('s', { min: 2 })],
      [set('r', { max: 3 }), set('s', { max: 3 })],
    )

    const { conflicts, operations, entities } = await universe.previewMerge('side')

    expect(conflicts).toEqual([
      {
        ...{ id: 'r', element: 'entity', kind: 'schema' },
        base: expect.objectContaining({ metadata: { min: 1, max: 9 } }),
        ours: expect.objectContaining({ metadata: { min: 5, max: 9 } }),
        theirs: expect.objectContaining({ metadata: { min: 1, max: 3 } }),
        issues: [{ path: '/metadata', reason: 'min is above max' }],
      },
    ])
    expect(operations).toEqual([{ op: 'updateEntity', id: 's', changes: [{ op: 'set', path: '/max', value: 3 }] }])
    expect(tell(entities as never)).toEqual(['r Range {"max":9,"min":5}', 's Range {"max":3,"min":2}'])
    await expectRefused(universe as never, () => universe.merge('side'), { code: 'MERGE_CONFLICT', conflicts })
  })

  it.each<[string, MergeStrategy, string]>([
    ['ours', 'ours', 'r Range {"max":9,"min":5}'],
    ['theirs', 'theirs', 'r Range {"max":3,"min":1}'],
    ['a value', () => ({ entityType: 'Range', metadata: { min: 3, max: 5 } }), 'r Range {"max":5,"min":3}'],
  ])('is settled by %s', async (_name, strategy, expected) => {
    await using universe = await openDivergedTyped(
      dialect,
      [rangeOf('r', 1, 9)],
      [set('r', { min: 5 })],
      [set('r', { max: 3 })],
    )
    await universe.merge('side', { strategy: strategy as never })
    const { entities } = await universe.materialise('main')
    expect(tell(entities as never)).toEqual([expected])
  })

  it('stays one where what it is settled to breaks the schema too', async () => {
    await using universe = await openDivergedTyped(
      dialect,
      [rangeOf('r', 1, 9), entity('n', { n: 1 }, 'Narrow')],
      [set('r', { min: 5 }), set('n', { n: 2 })],
      [set('r', { max: 3 }), set('n', { n: 3 })],
    )
    const strategy = ({ kind }: { kind: string }) =>
      kind === 'schema' ? { entityType: 'Range', metadata: { min: 2, max: 1 } } : 10
    const error = await refusalOf(() => universe.merge('side', { strategy }))
    expect(error).toMatchObject({ code: 'MERGE_CONFLICT' })
    expect((error as never as { conflicts: { id: string; kind: string }[] }).conflicts).toMatchObject([
      { id: 'n', kind: 'schema' },
      { id: 'r', kind: 'schema' },
    ])
  })

  it('is one of the relation where its end became of another type', async () => {
    const base = [entity('a'), entity('b'), entity('c'), relation('old', 'a', 'b')]
    await using universe = await openDivergedTyped(
      dialect,
      base,
      [relation('r', 'b', 'c'), relation('s', 'a', 'b')],
      [...goneRelation('old'), ...gone('b'), entity('b', {}, 'U'), relation('old', 'a', 'b')],
    )

    const { conflicts } = await universe.previewMerge('side')
    expect(conflicts).toMatchObject([{ id: 'r', element: 'relation', kind: 'schema', base: undefined }])
    // Ours is the relation itself: without it, or without the new type, there is no way.
    expect(await refusalOf(() => universe.merge('side', { strategy: 'ours' }))).toMatchObject({
      ...{ code: 'MERGE_CONFLICT', conflicts },
    })
    await universe.merge('side', { strategy: 'theirs' })
    const { entities, relations } = await universe.materialise('main')
    expect(tell([...entities, ...relations] as never)).toEqual([
      ...['a T {}', 'b U {}', 'c T {}', 'old a→b {}', 's a→b {}'],
    ])
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('leaves out relations of theirs whose end is left out', async () => {
    using folder = temporaryFolder()
    const path = folder.file('typed.db')
    {
      await using free = await openUniverse(path)
      await free.commit('base', [entity('a')], { versionId: 'base' })
      await free.createBranch('side', { from: 'base' })
      await free.commit('theirs', [entity('bad', { n: 10 }, 'Narrow'), relation('r', 'bad', 'a')], { branch: 'side' })
      await free.commit('more', [entity('u', {}, 'U'), relation('s', 'a', 'u')], { branch: 'side' })
    }
    await using universe = await openUniverse(path, { schema })
    const { conflicts, entities, relations } = await universe.previewMerge('side')
    expect(conflicts.map(({ id, kind }) => `${kind} ${id}`)).toEqual(['schema bad', 'schema r'])
    expect(tell([...entities, ...relations] as never)).toEqual(['a T {}', 'u U {}', 's a→u {}'])
    await universe.merge('side', { strategy: 'ours' })
    expect(await universe.head.count()).toEqual({ entities: 2, relations: 1 })
  })

  it('is none where only old versions do, of what the merge does not write', async () => {
    using folder = temporaryFolder()
    const path = folder.file('old.db')
    {
      await using free = await openUniverse(path)
      await free.commit('base', [entity('old', { n: 10 }, 'Narrow'), entity('a')], { versionId: 'base' })
      await free.createBranch('side', { from: 'base' })
    }
    await using universe = await openUniverse(path, { schema })
    await universe.commit('theirs', [entity('b')], { branch: 'side' })
    await universe.merge('side')
    expect(await universe.head.count()).toEqual({ entities: 3, relations: 0 })
    await universe.revert('main')
  })
})
