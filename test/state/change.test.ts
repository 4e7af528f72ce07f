import { describe, expect, it } from 'vitest'
import type { Change, JsonObject } from '../../src/index.js'
import { ValidationError } from '../../src/index.js'
import { applyChanges, mergePatch } from '../../src/state/change.js'

const metadata: JsonObject = {
  name: 'Ada',
  list: [1, [2], { x: 3 }],
  nothing: null,
  o: { p: { q: 1 } },
  '': 0,
  '1': 'one',
}
const changed = (...changes: Change[]) => applyChanges(metadata, changes)

describe('changes inside metadata', () => {
  it.each<[Change, JsonObject]>([
    [
      { op: 'set', path: '/name', value: null },
      { ...metadata, name: null },
    ],
    [
      { op: 'set', path: '/new', value: [] },
      { ...metadata, new: [] },
    ],
    [
      { op: 'set', path: '/', value: 1 },
      { ...metadata, '': 1 },
    ],
    [
      { op: 'set', path: '/1', value: 2 },
      { ...metadata, '1': 2 },
    ],
    [
      { op: 'set', path: '/o/p/~1', value: 2 },
      { ...metadata, o: { p: { q: 1, '/': 2 } } },
    ],
    [
      { op: 'set', path: '/list/2/x', value: 4 },
      { ...metadata, list: [1, [2], { x: 4 }] },
    ],
    [
      { op: 'set', path: '/list/0', value: 9 },
      { ...metadata, list: [9, [2], { x: 3 }] },
    ],
    [{ op: 'set', path: '', value: { a: 1 } }, { a: 1 }],
    [{ op: 'set', path: '/constructor', value: 1 }, { ...metadata, constructor: 1 } as never],
    [{ op: 'delete', path: '/nothing' }, without('nothing')],
    [
      { op: 'delete', path: '/list/1' },
      { ...metadata, list: [1, { x: 3 }] },
    ],
    [
      { op: 'insert', path: '/list', value: 4 },
      { ...metadata, list: [1, [2], { x: 3 }, 4] },
    ],
    [
      { op: 'insert', path: '/list', index: 0, value: 4 },
      { ...metadata, list: [4, 1, [2], { x: 3 }] },
    ],
    [
      { op: 'insert', path: '/list', index: 3, value: 4 },
      { ...metadata, list: [1, [2], { x: 3 }, 4] },
    ],
    [
      { op: 'insert', path: '/list/1', index: 1, value: null },
      { ...metadata, list: [1, [2, null], { x: 3 }] },
    ],
    [
      { op: 'remove', path: '/list', index: 2 },
      { ...metadata, list: [1, [2]] },
    ],
    [
      { op: 'patch', path: '', patch: { name: null, o: { p: { q: null } } } },
      { ...without('name'), o: { p: {} } },
    ],
    [
      { op: 'patch', path: '/o/p', patch: { q: { r: null, s: 1 } } },
      { ...metadata, o: { p: { q: { s: 1 } } } },
    ],
    [
      { op: 'patch', path: '/list/2', patch: { y: [null] } },
      { ...metadata, list: [1, [2], { x: 3, y: [null] }] },
    ],
  ])('%j does what it says', (change, result) => {
    expect(changed(change)).toEqual(result)
  })

  it.each<Change>([
    { op: 'set', path: '/a/b', value: 1 },
    { op: 'set', path: '/name/x', value: 1 },
    { op: 'set', path: '/nothing/x', value: 1 },
    { op: 'set', path: '/constructor/x', value: 1 },
    { op: 'set', path: '/toString/x', value: 1 },
    { op: 'set', path: '/list/3', value: 1 },
    { op: 'set', path: '/list/-', value: 1 },
    { op: 'set', path: '/list/01', value: 1 },
    { op: 'set', path: '/list/-1', value: 1 },
    { op: 'set', path: '/list/1.0', value: 1 },
    { op: 'set', path: '/list/1e0', value: 1 },
    { op: 'set', path: '/list/', value: 1 },
    { op: 'set', path: '/list/length', value: 1 },
    { op: 'set', path: '/list/99999999999999999999', value: 1 },
    { op: 'set', path: '', value: [] },
    { op: 'set', path: '', value: null },
    { op: 'set', path: '', value: 'x' },
    { op: 'delete', path: '/absent' },
    { op: 'delete', path: '/toString' },
    { op: 'delete', path: '/list/3' },
    { op: 'delete', path: '/list/-' },
    { op: 'delete', path: '/o/x/q' },
    { op: 'insert', path: '/list', index: 4, value: 1 },
    { op: 'insert', path: '/list/-', value: 1 },
    { op: 'insert', path: '/list/3', value: 1 },
    { op: 'insert', path: '/o', value: 1 },
    { op: 'insert', path: '/name', value: 1 },
    { op: 'insert', path: '', value: 1 },
    { op: 'insert', path: '/absent', value: 1 },
    { op: 'remove', path: '/list', index: 3 },
    { op: 'remove', path: '/o', index: 0 },
    { op: 'remove', path: '/name', index: 0 },
    { op: 'patch', path: '/list', patch: {} },
    { op: 'patch', path: '/nothing', patch: {} },
    { op: 'patch', path: '/name', patch: {} },
    { op: 'patch', path: '/absent', patch: {} },
  ])('%j is refused', (change) => {
    expect(() => changed(change)).toThrow(ValidationError)
  })

  it('see the changes before them, and one that cannot be made is named by its place', () => {
    const changes: Change[] = [
      { op: 'set', path: '/a', value: {} },
      { op: 'set', path: '/a/b', value: [] },
      { op: 'insert', path: '/a/b', value: 1 },
      { op: 'delete', path: '/a/b/0' },
    ]
    expect(changed(...changes)).toEqual({ ...metadata, a: { b: [] } })
    const again = () => changed(...changes, { op: 'delete', path: '/a/b/0' })
    expect(again).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ path: '/changes/4' })] }))
  })

  it('leave what they are given as it was', () => {
    const before = structuredClone(metadata)
    changed(
      { op: 'set', path: '/list/2/x', value: 9 },
      { op: 'delete', path: '/o/p/q' },
      { op: 'insert', path: '/list/1', value: 1 },
      { op: 'patch', path: '', patch: { o: { p: null }, list: 1 } },
    )

    expect(metadata).toEqual(before)
  })

  it('leave the values of earlier changes of the same list as they were given', () => {
    const value = { x: [1], y: { z: 1 } }
    const changes: Change[] = [
      { op: 'set', path: '/a', value },
      { op: 'set', path: '/b', value },
      { op: 'set', path: '/a/y/z', value: 2 },
      { op: 'insert', path: '/a/x', value: 2 },
      { op: 'patch', path: '/b', patch: { y: { w: 1 } } },
    ]
    const result = applyChanges({}, changes)
    expect(result).toEqual({ a: { x: [1, 2], y: { z: 2 } }, b: { x: [1], y: { z: 1, w: 1 } } })
    expect(Object.keys((result.b as JsonObject).y as JsonObject)).toEqual(['w', 'z'])
    expect(value).toEqual({ x: [1], y: { z: 1 } })
  })

  it('are many in no time, however large what they change', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `key ${20_000 - index}`)
    const start = process.cpuUsage()
    const set = keys.map((key): Change => ({ op: 'set', path: `/${key}`, value: [] }))
    const inserted = keys.map((key): Change => ({ op: 'insert', path: `/${key}`, value: 1 }))
    const patched = keys.map((key): Change => ({ op: 'patch', path: '', patch: { [`${key}!`]: { x: 1 } } }))
    const result = applyChanges({}, [...set, ...inserted, ...patched])
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(2_000)
    expect(Object.keys(result)).toEqual([...keys, ...keys.map((key) => `${key}!`)].sort())
  })

  // Appendix A of RFC 7396, those of its examples whose target and patch are objects.
  it.each<[JsonObject, JsonObject, JsonObject]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: 1 }, { constructor: { x: 1 } } as never, { a: 1, constructor: { x: 1 } } as never],
  ])('merge %j with %j as RFC 7396 does', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result)
  })
})

function without(key: string): JsonObject {
  const { [key]: _gone, ...rest } = metadata
  return rest
}
