import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyChanges } from '../model/change.js'
import { isObject, type Json, type JsonObject } from '../model/json.js'
import { dialects, openUniverseOn } from '../model/open.js'
import { holdLaw, lawTimeout } from './law.js'

// Few keys, so that two objects share them at every level; each an old trap.
const key = fc.constantFrom('a', 'a/b', 'constructor')
const { object } = fc.letrec<{ object: JsonObject; value: Json }>((tie) => ({
  object: fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  value: fc.oneof({ maxDepth: 3 }, fc.constantFrom<Json>(null, null, 0, '', []), tie('object')),
}))

describe.each(dialects)('merge patches on %s', { timeout: lawTimeout }, (dialect) => {
  it('merge at every level, and remove where they say null', async () => {
    let nested = 0
    const size = { numRuns: 60, leastOperations: 0, gated: false }
    await holdLaw(
      fc.tuple(object, fc.array(object, { minLength: 1, maxLength: 4 })),
      size,
      async ([start, patches]) => {
        await using universe = await openUniverseOn(dialect)
        let metadata = start
        await universe.commit('Start', (draft) => draft.createEntity('Thing', start, { id: 'a' }))
        for (const patch of patches) {
          if (Object.keys(patch).some((key) => isObject(metadata[key]) && isObject(patch[key]))) nested++
          metadata = applyChanges(metadata, [{ op: 'patch', path: '', patch }])
          await universe.commit('Patch', (draft) => draft.updateEntity('a', patch))
          expect((await universe.head.entity('a'))?.metadata).toEqual(metadata)
        }
      },
    )
    expect(nested).toBeGreaterThan(0) // else nothing was merged below the first level
  })
})
