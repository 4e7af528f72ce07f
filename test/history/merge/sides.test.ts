import { describe, expect, it } from 'vitest'
import type { Work } from '../../../src/database/work.js'
import type { Operation } from '../../../src/index.js'
import { entity, gone, openDiverged, relation, set, standing } from '../../given/diverged.js'
import { databaseOf } from '../../given/fork.js'
import { dialects, type Universe } from '../../model/open.js'

describe.each(dialects)('the sides of a merge on %s', (dialect) => {
  it('are found by a scan where many ids came and went', async () => {
    const passing = Array.from({ length: 11_000 }, (_, index) => `passing${index}`)
    const coming: Operation[] = passing.map((id) => entity(id))
    await using universe = await openDiverged(dialect, {
      base: [entity('a', { n: 1 }), entity('b'), entity('c'), relation('r', 'a', 'b')],
      ours: [...coming, ...gone(...passing), set('a', { n: 2 })],
      theirs: [entity('d'), ...gone('c'), set('a', { m: 1 }), relation('s', 'd', 'a')],
    })

    const { conflicts, operations } = await universe.previewMerge('side')

    expect(conflicts).toEqual([])
    expect(operations.map(({ op, id }) => `${op} ${id}`)).toEqual([
      ...['deleteEntity c', 'createEntity d', 'updateEntity a', 'createRelation s'],
    ])
    await universe.merge('main', { into: 'side' })
    expect(await standing(universe, 'side')).toEqual(['a T {"m":1,"n":2}', 'b T {}', 'd T {}', 'r a→b {}', 's d→a {}'])
  })

  it('are read by statements for many ids at a time', async () => {
    const many = Array.from({ length: 3_000 }, (_, index) => `e${index}`)
    await using universe = await openDiverged(dialect, {
      base: many.map((id) => entity(id, { n: 0, m: 0 })),
      ours: many.map((id) => set(id, { n: 1 })),
      theirs: many.map((id) => set(id, { m: 1 })),
    })
    const statements = countStatements(universe)

    const { versionId } = await universe.merge('side')

    expect(statements()).toBeLessThan(100)
    expect(await universe.versions.operations(versionId)).toHaveLength(many.length)
    expect((await universe.head.requireEntity('e2999')).metadata).toEqual({ m: 1, n: 1 })
  })
})

/** How many statements the universe's work asks for from now on. */
function countStatements(universe: Universe): () => number {
  const database = databaseOf(universe) as unknown as Record<'read' | 'write', (work: () => Work<unknown>) => unknown>
  let count = 0
  for (const name of ['read', 'write'] as const) {
    const run = database[name].bind(database)
    database[name] = (work) =>
      run(function* () {
        const steps = work()
        for (let step = steps.next(); ; ) {
          if (step.done) return step.value
          count++
          step = steps.next(yield step.value)
        }
      })
  }
  return () => count
}
