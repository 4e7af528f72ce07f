import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalJson,
  canonicalKeys,
  equalJson,
  guardJson,
  inCanonicalOrder,
  type Json,
  RefusedJson,
} from '../../src/model/json.js'
import { nested, refusedValues } from '../given/values.js'

describe('the guard for JSON', () => {
  it.each(refusedValues)('refuses %s, wherever it stands', (_name, make) => {
    expect(() => guardJson({ a: make() })).toThrow(RefusedJson)
    expect(() => guardJson([{ a: { b: [make()] } }])).toThrow(RefusedJson)
  })

  it('names the place of what it refuses', () => {
    const path = (value: unknown) => {
      try {
        guardJson(value)
        return 'nothing refused'
      } catch (error) {
        return (error as RefusedJson).path
      }
    }

    expect(path({ a: [1, { 'b/c': Number.NaN }] })).toEqual(['a', '1', 'b/c'])
    expect(path(1n)).toEqual([])
    expect(path({ a: JSON.parse('{"__proto__":1}') })).toEqual(['a', '__proto__'])
  })

  it('copies: nothing of the result is shared with the caller', () => {
    const inner = { list: [1, { x: 1 }] }
    const copy = guardJson({ inner }) as { inner: { list: [number, { x: number }] } }
    inner.list.push(2)
    ;(inner.list[1] as { x: number }).x = 9

    expect(copy).toEqual({ inner: { list: [1, { x: 1 }] } })
  })

  it('leaves out members that are undefined, turns −0 into 0 and keeps every other number', () => {
    const numbers = [-0, 0, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, 2 ** 53 + 2, -(2 ** 63), 0.1]
    const copy = guardJson({ gone: undefined, numbers }) as { numbers: number[] }

    expect(Object.keys(copy)).toEqual(['numbers'])
    expect(Object.is(copy.numbers[0], 0)).toBe(true)
    expect(copy.numbers.slice(1)).toEqual(numbers.slice(1))
  })

  it('takes objects without a prototype, and shared references that stay small', () => {
    const shared = { x: 1 }
    const bare = Object.assign(Object.create(null) as object, { a: shared, b: shared })

    expect(guardJson(bare)).toEqual({ a: { x: 1 }, b: { x: 1 } })
  })

  it('counts the outermost object or array as level 1', () => {
    expect(() => guardJson(nested(64))).not.toThrow()
    expect(() => guardJson(nested(65))).toThrow(/deeper than 64/)
    expect(() => guardJson({ a: nested(2) }, { maxDepth: 2, maxBytes: 100 })).toThrow(/deeper than 2/)
    expect(guardJson('x', { maxDepth: 0, maxBytes: 100 })).toBe('x')
  })

  it('counts the bytes of the canonical text', () => {
    const limits = { maxDepth: 9, maxBytes: 20 }
    expect(() => guardJson({ a: 'x'.repeat(12) }, limits)).not.toThrow()
    expect(() => guardJson({ a: 'x'.repeat(13) }, limits)).toThrow(/larger than 20/)
    expect(() => guardJson({ a: 'é'.repeat(6) }, limits)).not.toThrow()
    expect(() => guardJson({ a: 'é'.repeat(7) }, limits)).toThrow(/larger/)
    expect(() => guardJson({ a: '"'.repeat(6) }, limits)).not.toThrow()
    expect(() => guardJson({ a: '"'.repeat(7) }, limits)).toThrow(/larger/)
    expect(() => guardJson([1, 1, 1, 1, 1, 1, 1, 1, 1.5], limits)).toThrow(/larger/)
  })

  it('ends soon, whatever a small value unfolds into', () => {
    const hollow = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`k${index}`, undefined]))
    const start = performance.now()
    let refused: unknown
    try {
      guardJson({ list: new Array(4_000).fill(hollow) })
    } catch (error) {
      refused = error
    }

    expect(performance.now() - start).toBeLessThan(1_000)
    if (refused !== undefined) expect(refused).toBeInstanceOf(RefusedJson)
  })
})

describe('canonical JSON', () => {
  // The vectors of RFC 8785, sections 3.2.2 and 3.2.3.
  it('writes the example of RFC 8785', () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    ) as Json

    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('orders keys by UTF-16 units, numbers among them as text', () => {
    const value = {
      '\u20ac': 1,
      '\r': 2,
      '\ufb33': 3,
      '1': 4,
      '\u{1f600}': 5,
      '\u0080': 6,
      '\u00f6': 7,
      '10': 8,
      '9': 9,
    }
    const order = ['\r', '1', '10', '9', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33']

    expect(canonicalKeys(value)).toEqual(order)
    expect(canonicalJson(value)).toBe(
      `{${order.map((key) => `${JSON.stringify(key)}:${value[key as '1']}`).join(',')}}`,
    )
    expect(canonicalJson([{ b: { z: 1, y: 2 }, a: 1 }])).toBe('[{"a":1,"b":{"y":2,"z":1}}]')
  })

  it('is equal where the texts are, and nowhere else', () => {
    const values: Json[] = [
      0,
      1,
      true,
      false,
      null,
      '',
      '0',
      [],
      {},
      [0],
      { a: 1 },
      { a: 1, b: 2 },
      { b: 2, a: 1 },
      [1, 2],
    ]
    values.push([2, 1], { a: null }, { b: null }, { constructor: 1 }, [[]], { '0': 1 }, [1])
    for (const a of values) {
      for (const b of values) {
        expect(equalJson(a, b), `${canonicalJson(a)} ${canonicalJson(b)}`).toBe(canonicalJson(a) === canonicalJson(b))
      }
    }
    expect(equalJson(undefined, null)).toBe(false)
    expect(equalJson(-0, 0)).toBe(true)
  })
})

describe('the canonical order of keys', () => {
  it('is given to a parsed value, at every depth, and nothing else is changed', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }).filter(isKept), (value) => {
        const parsed = JSON.parse(JSON.stringify(value)) as Json
        const text = canonicalJson(JSON.parse(JSON.stringify(value)) as Json)
        const ordered = inCanonicalOrder(parsed)
        expect(canonicalJson(ordered)).toBe(text)
        expect(JSON.stringify(ordered)).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  it('costs an ordered value nothing', () => {
    const value = { a: [{ b: 1, c: 2 }], d: null }
    expect(inCanonicalOrder(value)).toBe(value)
  })
})

/** The guard lets no key of this name pass. */
function isKept(value: unknown): boolean {
  return !JSON.stringify(value).includes('__proto__')
}
