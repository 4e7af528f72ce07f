import { describe, expect, it } from 'vitest'
import { openUniverse } from '../../src/index.js'
import { bytesOf, canonical, type Json, type JsonObject } from '../model/json.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'
import { nested } from '../model/values.js'

const mebibyte = 2 ** 20
const refused = { code: 'VALIDATION' }

/** Characters and values whose canonical text is longer or shorter than they look. */
const fillings: [name: string, filling: Json][] = [
  ['letters', 'x'],
  ['accents', 'é'],
  ['emoji', '\u{1f600}'],
  ['quotes', '"'],
  ['control characters', '\u0001'],
  ['small numbers', 1],
  ['large numbers', -1e-300 / 3],
  ['literals', false],
  ['empty objects', {}],
]

describe.each(dialects)('limits on %s', (dialect) => {
  it.each(fillings)('let pass 1 MiB of %s, and not a byte more', async (_name, filling) => {
    await using universe = await openUniverseOn(dialect)
    await create(universe, 'a', metadataOf(filling, mebibyte))

    expect((await universe.head.entity('a'))?.metadata).toEqual(metadataOf(filling, mebibyte))
    await expect(create(universe, 'b', metadataOf(filling, mebibyte + 1))).rejects.toMatchObject(refused)
    await expect(set(universe, 'a', '/more', 0)).rejects.toMatchObject(refused)
    expect(await universe.head.count()).toEqual({ entities: 1, relations: 0 })
  })

  it('let pass 64 levels, wherever they come from', async () => {
    await using universe = await openUniverseOn(dialect)
    await create(universe, 'a', { deep: nested(63) })
    await create(universe, 'b', { at: {} })
    await set(universe, 'b', '/at/deep', nested(62))

    await expect(create(universe, 'c', { deep: nested(64) })).rejects.toMatchObject(refused)
    await expect(set(universe, 'a', '/deep/0', nested(63))).rejects.toMatchObject(refused)
    await expect(set(universe, 'b', '/at/deep', nested(63))).rejects.toMatchObject(refused)
    await expect(set(universe, 'b', '', { deep: nested(64) })).rejects.toMatchObject(refused)
  })

  it('are raised to 996 levels at most: so deep, what was kept is read in every way', async () => {
    const refusal = { ...refused, message: expect.stringContaining('at most 996') }
    await expect(openUniverse(':memory:', { maxMetadataDepth: 997 })).rejects.toMatchObject(refusal)
    await using universe = await openUniverseOn(dialect, { maxMetadataDepth: 996 })
    const deep = { deep: nested(995), tags: ['t'] }
    await create(universe, 'a', deep)
    await expect(create(universe, 'b', { deep: nested(996) })).rejects.toMatchObject(refused)
    const { versionId } = await universe.commit('Relate', (draft) => draft.createRelation('R', 'a', 'a', deep))
    await set(universe, 'a', '', { ...deep, n: 1 })
    await universe.commit('Patch', (draft) => draft.updateEntity('a', { ...deep, n: 2 }))

    for (const view of [universe.head, universe.at(versionId)]) {
      const metadata = { deep: { eq: deep.deep }, 'deep.0': { ne: 1 } }
      expect(await view.count({ metadata })).toEqual({ entities: 1, relations: 1 })
      expect((await view.entities({ tag: 't' })).items).toMatchObject([{ metadata: deep }])
      expect(await view.traverse('a').out().where({ metadata }).ids()).toEqual(['a'])
    }
    const { items } = await universe.events.list({ source: 'a' })
    expect(items.map(({ data }) => data)).toMatchObject([
      { changes: [{ op: 'patch', patch: deep }] },
      { changes: [{ op: 'set', value: deep }] },
      { metadata: deep },
    ])
    expect(await universe.verify()).toMatchObject({ ok: true })
  })

  it('let pass an operation of 4 MiB, and not a byte more', async () => {
    await using universe = await openUniverseOn(dialect)
    await create(universe, 'a', {})
    const changes = (bytes: number) => {
      const list = [0, 1, 2, 3, 4].map(() => ({ op: 'set', path: '/x', value: 'x'.repeat(8e5) }))
      const rest = bytes - bytesOf(canonical({ changes: list, id: 'a', op: 'updateEntity' }))
      const last = { op: 'set', path: '/x', value: 'x'.repeat(8e5 + rest) } as const
      return [...list.slice(1), last] as (typeof last)[]
    }

    await universe.commit('Large', [{ op: 'updateEntity', id: 'a', changes: changes(4 * mebibyte) }])
    const more = changes(4 * mebibyte + 1)
    const larger = universe.commit('Larger', [{ op: 'updateEntity', id: 'a', changes: more }])
    await expect(larger).rejects.toMatchObject(refused)
  })

  it('let pass ids of 512 bytes, and not a byte more', async () => {
    await using universe = await openUniverseOn(dialect)
    for (const id of ['x'.repeat(512), 'é'.repeat(256), '\u{1f600}'.repeat(128)]) {
      await create(universe, id, {})
      await expect(create(universe, `${id}x`, {})).rejects.toMatchObject(refused)
      expect((await universe.head.entity(id))?.id).toBe(id)
    }
  })
})

/** Metadata whose canonical text has this many bytes, nearly all of them of one filling. */
function metadataOf(filling: Json, bytes: number): JsonObject {
  const each = bytesOf(canonical(filling)) - (typeof filling === 'string' ? 2 : -1)
  const count = Math.floor((bytes - 100) / each)
  const full = typeof filling === 'string' ? filling.repeat(count) : Array<Json>(count).fill(filling)
  const without = bytesOf(canonical({ full, rest: '' }))
  return { full, rest: '.'.repeat(bytes - without) }
}

function create(universe: Universe, id: string, metadata: JsonObject) {
  return universe.commit('Create', [{ op: 'createEntity', id, entityType: 'Thing', metadata }])
}

function set(universe: Universe, id: string, path: string, value: Json) {
  const changes = [{ op: 'set', path, value } as const]
  return universe.commit('Set', [{ op: 'updateEntity', id, changes }])
}
