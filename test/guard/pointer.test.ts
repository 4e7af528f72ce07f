import { describe, expect, it } from 'vitest'
import { parsePointer, refusedPointer, toPointer } from '../../src/model/pointer.js'

describe('JSON Pointers', () => {
  it.each([
    ['', []],
    ['/', ['']],
    ['/a/b', ['a', 'b']],
    ['/a~1b/m~0n', ['a/b', 'm~n']],
    ['/~01', ['~1']],
    ['//', ['', '']],
    ['/ /"', [' ', '"']],
  ])('%j have the tokens of RFC 6901', (pointer, tokens) => {
    expect(refusedPointer(pointer)).toBeUndefined()
    expect(parsePointer(pointer)).toEqual(tokens)
    expect(toPointer(tokens)).toBe(pointer)
  })

  it.each<[pointer: unknown, why: string]>([
    ['a', 'no slash first'],
    ['/~', 'a bare tilde'],
    ['/~2', 'an escape that is none'],
    ['/a/__proto__', 'the reserved key'],
    ['/__proto__/x', 'the reserved key first'],
    ['/\ud800', 'a lone surrogate'],
    ['/\u0000', 'U+0000'],
    [5, 'no string'],
    [null, 'null'],
    [undefined, 'nothing'],
    [{}, 'an object'],
  ] as [unknown, string][])('are not %j: %s', (pointer) => {
    expect(refusedPointer(pointer)).toEqual(expect.any(String))
  })
})
