import { describe, expect, it } from 'vitest'
import { openUniverse } from '../../src/index.js'
import { collect } from '../given/collect.js'
import { damage } from '../given/damage.js'
import { temporaryFolder } from '../given/folder.js'
import { refusalOf } from '../given/refused.js'

// PostgreSQL keeps metadata as JSONB, which cannot be broken.
describe('damaged metadata on sqlite', () => {
  it.each([`'{"i":'`, `'5'`, `'null'`, `'[]'`])('as %s is named by every call that reads it', async (metadata) => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    await using universe = await openUniverse(path)
    await universe.commit('one', (draft) => {
      draft.createEntity('T', { i: 1 }, { id: 'a' })
      draft.createEntity('T', { i: 1 }, { id: 'b' })
      draft.createRelation('R', 'b', 'a', { i: 1 }, { id: 'r' })
    })
    await damage(universe, `update entity set metadata = ${metadata} where id = 'a'`)
    const { head } = universe
    for (const call of [
      () => head.entity('a'),
      () => head.entities(),
      () => head.neighbours('b'),
      () => head.traverse('b').out().entities(),
      () => collect(head.eachEntity()),
      () => universe.commit('two', (draft) => draft.updateEntity('a', { i: 2 })),
      () => universe.materialise('main'),
    ]) {
      expect(await refusalOf(call)).toMatchObject({ code: 'INTEGRITY', message: expect.stringContaining('entity "a"') })
    }
    for (const quick of [true, false]) {
      const { findings } = await universe.verify({ quick })
      expect(findings.map(({ place }) => place)).toContain('entity a')
    }
    await universe.rebuild()
    expect(await universe.verify()).toMatchObject({ findings: [] })
    await damage(universe, `update relation set metadata = ${metadata} where id = 'r'`)
    for (const call of [() => head.relation('r'), () => head.neighbours('a', { direction: 'in' })]) {
      expect(await refusalOf(call)).toMatchObject({ message: expect.stringContaining('relation "r"') })
    }
  })
})
