import { describe, expect, it } from 'vitest'
import { RefusedJson } from '../../src/model/json.js'
import { parseJson } from '../../src/model/text.js'

describe('JSON as text', () => {
  it.each([
    ['9007199254740991', 9_007_199_254_740_991],
    ['-9007199254740991', -9_007_199_254_740_991],
    ['100000000000000000000', 1e20],
    ['9007199254740992', 2 ** 53],
    ['1e400', Number.POSITIVE_INFINITY],
    ['9007199254740993.0', 9_007_199_254_740_992],
    ['12345678901234567890e0', 12_345_678_901_234_567_000],
    ['"9007199254740993"', '9007199254740993'],
    ['{"9007199254740993":1}', { '9007199254740993': 1 }],
    ['"\\"9007199254740993"', '"9007199254740993'],
  ])('%s is read as the number it stands for', (text, value) => {
    expect(parseJson(text)).toEqual(value)
  })

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '1000000000000000000000',
    '100000000000000000001',
    '[1, {"a": 9007199254740993}]',
    '{"a":"\\\\","b":9007199254740993}',
    '{"a":"x",   "b":[9007199254740995]}',
    '9'.repeat(400),
  ])('%s is refused: it would not keep its digits', (text) => {
    expect(() => parseJson(text)).toThrow(RefusedJson)
  })

  it.each(['', '{', '{"a":1,}', 'undefined', 'NaN', "{'a':1}", '01', '"\u0001"', '1 2', '['.repeat(500_000)])(
    'what is no JSON is refused',
    (text) => {
      expect(() => parseJson(text)).toThrow(RefusedJson)
    },
  )
})
