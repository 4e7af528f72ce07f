import { describe, expect, it } from 'vitest'
import type { Draft } from '../../src/index.js'
import { refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn } from '../model/open.js'

describe.each(dialects)('the history of an id on %s', (dialect) => {
  it('holds every state with its version, oldest first', async () => {
    await using universe = await openUniverseOn(dialect)
    const made = await universe.commit('Made', (draft) => draft.createEntity('T', { n: 1 }, { id: 'a' }), {
      timestamp: 1,
    })
    await universe.commit('Elsewhere', (draft) => draft.createEntity('T', {}, { id: 'b' }), { timestamp: 2 })
    const changed = await universe.commit('Changed', (draft) => draft.updateEntity('a', { n: 2 }), { timestamp: 3 })
    const gone = await universe.commit('Gone', (draft) => draft.deleteEntity('a'), { timestamp: 4 })
    const again = await universe.commit('Again', (draft) => draft.createEntity('T', { n: 2 }, { id: 'a' }), {
      timestamp: 5,
    })
    const state = (n: number, createdAt: number, updatedAt: number) => ({
      ...{ id: 'a', entityType: 'T', metadata: { n }, createdAt, updatedAt },
    })

    expect(await universe.history('a')).toEqual([
      { version: made, element: 'entity', kind: 'created', before: undefined, after: state(1, 1, 1) },
      { version: changed, element: 'entity', kind: 'updated', before: state(1, 1, 1), after: state(2, 1, 3) },
      { version: gone, element: 'entity', kind: 'deleted', before: state(2, 1, 3), after: undefined },
      { version: again, element: 'entity', kind: 'created', before: undefined, after: state(2, 5, 5) },
    ])
  })

  it('tells versions and states by their own names, bounds and descriptions', async () => {
    await using universe = await openUniverseOn(dialect)
    const descriptions = ['', 'a\u001fb', '\u001f', '\u001f\u001f1\u001f', 'é\u2028"\\']
    const versions = []
    for (const [n, description] of descriptions.entries()) {
      const commit = (draft: Draft) => {
        if (n > 0) return draft.updateRelation('ø', { n })
        draft.createEntity('Type É', { n }, { id: 'à', validFrom: 0 })
        draft.createEntity('T', { n }, { id: 'b', validFrom: -5, validTo: 7 })
        draft.createRelation('R', 'à', 'b', { n }, { id: 'ø', validTo: 3 })
      }
      versions.push(await universe.commit(description, commit, { timestamp: n - 1 }))
    }

    const told = await universe.history('ø')

    expect(told.map(({ version }) => version)).toEqual(versions)
    expect(told.at(-1)?.after).toEqual(await universe.head.relation('ø'))
    for (const id of ['à', 'b']) {
      expect((await universe.history(id)).map(({ version, after }) => ({ version, after }))).toEqual([
        { version: versions[0], after: await universe.head.entity(id) },
      ])
    }
  })

  it('ends at the version that is asked for', async () => {
    await using universe = await openUniverseOn(dialect)
    const versions = []
    for (let n = 0; n < 6; n++) {
      versions.push(
        await universe.commit(
          `${n}`,
          (draft) => {
            if (n % 3 === 2) draft.deleteRelation('r')
            else if (n === 0) {
              draft.createEntity('T', {}, { id: 'a' })
              draft.createRelation('R', 'a', 'a', {}, { id: 'r' })
            } else if (n % 3 === 0) draft.createRelation('R', 'a', 'a', {}, { id: 'r' })
            else draft.updateRelation('r', { n })
          },
          { timestamp: n },
        ),
      )
    }
    const kinds = async (until: Parameters<typeof universe.at>[0]) =>
      (await universe.history('r', { until })).map(({ kind }) => kind)
    const all = ['created', 'updated', 'deleted', 'created', 'updated', 'deleted']

    for (const [index, { versionId }] of versions.entries()) {
      expect(await kinds(versionId)).toEqual(all.slice(0, index + 1))
      expect(await kinds({ time: index })).toEqual(all.slice(0, index + 1))
    }
    expect(await kinds('main')).toEqual(all)
    expect(await kinds(new Date(-1))).toEqual([])
  })

  it('is empty for what never was, and refused for what cannot be', async () => {
    await using universe = await openUniverseOn(dialect)
    expect(await universe.history('a')).toEqual([])
    await universe.commit('x', (draft) => {
      draft.createEntity('T', {}, { id: 'a' })
      draft.deleteEntity('a')
    })

    expect(await universe.history('a')).toEqual([])
    expect(await universe.history('')).toEqual([])
    expect(await refusalOf(() => universe.history('a', { until: 'nowhere' }))).toMatchObject({ code: 'NOT_FOUND' })
    for (const id of [undefined, null, 5, {}, ['a'], Symbol('a'), () => 'a']) {
      expect(await refusalOf(() => universe.history(id as string))).toMatchObject({ code: 'VALIDATION' })
    }
    for (const until of [null, 5, {}, { time: 'x' }]) {
      expect(await refusalOf(() => universe.history('a', { until: until as never }))).toMatchObject({
        code: 'VALIDATION',
      })
    }
  })
})
