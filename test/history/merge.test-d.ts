/** What a schema says of merges: of the conflicts that a function settles, and of what is previewed. */
import { describe, expectTypeOf, it } from 'vitest'
import type {
  Bounds,
  Conflict,
  EntityOf,
  Json,
  MergeConflictError,
  MergePreview,
  RelationOf,
  Universe,
  Version,
} from '../../src/index.js'
import type { company } from '../given/company.js'

type Company = typeof company
declare const universe: Universe<Company>
declare const free: Universe

describe('a merge with a schema', () => {
  it('gives a function typed conflicts', () => {
    const merged = universe.merge('draft', {
      strategy: (conflict) => {
        if (conflict.kind !== 'changed') {
          expectTypeOf(conflict.ours).toEqualTypeOf<EntityOf<Company> | RelationOf<Company> | undefined>()
          const { theirs } = conflict
          if (theirs && 'entityType' in theirs && theirs.entityType === 'Team') {
            expectTypeOf(theirs.metadata.size).toEqualTypeOf<number>()
          }
          return conflict.theirs
        }
        if (conflict.key === undefined) expectTypeOf(conflict.base).toEqualTypeOf<Bounds>()
        else expectTypeOf(conflict.base).toEqualTypeOf<Json | undefined>()
        return undefined
      },
    })
    expectTypeOf(merged).toEqualTypeOf<Promise<Version>>()
    void universe.revert({ from: 'a', to: new Date() }, { strategy: ({ ours }) => ours })
    // @ts-expect-error: no such strategy
    void universe.merge('draft', { strategy: 'mine' })
    // @ts-expect-error: a branch is named, not looked up
    void universe.merge('draft', { into: { branch: 'main' } })
  })

  it('previews typed elements', async () => {
    const preview = await universe.previewMerge('draft', { into: 'main', base: { time: 0 } })
    expectTypeOf(preview).toEqualTypeOf<MergePreview<Company>>()
    expectTypeOf(preview.entities).toEqualTypeOf<Iterable<EntityOf<Company>>>()
    expectTypeOf(preview.conflicts).toEqualTypeOf<Conflict<EntityOf<Company> | RelationOf<Company>>[]>()
    // @ts-expect-error: a preview settles nothing
    void universe.previewMerge('draft', { strategy: 'ours' })
  })

  it('is as plain without one', () => {
    void free.merge('draft', { strategy: ({ ours }) => ours })
    expectTypeOf<MergeConflictError['conflicts']>().toEqualTypeOf<Conflict[]>()
  })
})
