/** Values that metadata may not hold, each with why. */

/** Nested arrays: the innermost at this many levels. */
export function nested(levels: number): unknown {
  let value: unknown = []
  for (let level = 1; level < levels; level++) value = [value]
  return value
}

class Point {
  x = 1
}

function cycle(): unknown {
  const value: { self?: unknown } = {}
  value.self = value
  return value
}

/** Small in memory, 2⁴⁰ members when written out. */
function unfolding(): unknown {
  let value: unknown = ['x'.repeat(1_000)]
  for (let level = 0; level < 40; level++) value = [value, value]
  return value
}

/** Made at each use: a test may not see what an earlier one did to them. */
export const refusedValues: [name: string, make: () => unknown][] = [
  ['a function', () => () => 1],
  ['a symbol', () => Symbol('x')],
  ['a bigint', () => 1n],
  ['NaN', () => Number.NaN],
  ['Infinity', () => Number.POSITIVE_INFINITY],
  ['−Infinity', () => Number.NEGATIVE_INFINITY],
  ['a Date', () => new Date(0)],
  ['a Map', () => new Map([['a', 1]])],
  ['a RegExp', () => /x/],
  ['a boxed string', () => Object('x')],
  ['a boxed number', () => Object(1)],
  ['bytes', () => new Uint8Array(2)],
  ['a promise', () => Promise.resolve(1)],
  ['an instance of a class', () => new Point()],
  ['an object that inherits', () => Object.create({ inherited: 1 })],
  ['undefined in an array', () => [1, undefined]],
  ['a hole in an array', () => Object.assign(new Array(3), { 0: 1, 2: 3 })],
  ['a very long hole', () => new Array(2 ** 32 - 1)],
  ['a cycle', cycle],
  [
    'a cycle through an array',
    () => {
      const list: unknown[] = []
      list.push({ list })
      return list
    },
  ],
  ['what unfolds hugely', unfolding],
  ['a symbol as a key', () => ({ [Symbol('x')]: 1 })],
  [
    'a getter that throws',
    () => ({
      get x() {
        throw new Error('no')
      },
    }),
  ],
  [
    'a proxy that throws',
    () =>
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('no')
          },
        },
      ),
  ],
  ['a revoked proxy', revoked],
  ['a lone high surrogate', () => 'a\ud800'],
  ['a lone low surrogate', () => '\udc00a'],
  ['surrogates the wrong way round', () => '\udc00\ud800'],
  ['a lone surrogate in a key', () => ({ '\ud800': 1 })],
  ['U+0000', () => 'a\u0000b'],
  ['U+0000 in a key', () => ({ 'a\u0000': 1 })],
  ['__proto__ as an own key', () => JSON.parse('{"__proto__":{"admin":true}}')],
  ['__proto__ deep inside', () => JSON.parse('[{"a":{"__proto__":1}}]')],
  ['64 levels below the first', () => nested(64)],
  ['100,000 levels', () => nested(100_000)],
  ['more than 1 MiB', () => 'x'.repeat(1_048_577)],
  ['more than 1 MiB in two-byte letters', () => 'é'.repeat(524_289)],
  ['more than 1 MiB in escapes', () => '\u0001'.repeat(180_000)],
]

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

/** What is no metadata as a whole. */
export const refusedWholes: [name: string, make: () => unknown][] = [
  ['null', () => null],
  ['a string', () => 'x'],
  ['a number', () => 1],
  ['true', () => true],
  ['an array', () => []],
  ['a function', () => () => ({})],
  ['a Date', () => new Date()],
  ['a Map', () => new Map()],
  ['a class instance', () => new Point()],
]

/** What is no id, type, owner or name. */
export const refusedIds: [name: string, id: unknown][] = [
  ['empty', ''],
  ['513 bytes', 'x'.repeat(513)],
  ['513 bytes of two-byte letters', `${'é'.repeat(256)}x`],
  ['a control character', 'a\u0007b'],
  ['a line feed', 'a\n'],
  ['U+0000', 'a\u0000'],
  ['DEL', 'a\u007f'],
  ['U+009F', '\u009f'],
  ['a lone surrogate', 'a\ud800'],
  ['a number', 7],
  ['null', null],
  ['an object', {}],
  ['a list', ['a']],
  ['true', true],
]

/** What is no moment in milliseconds. */
export const refusedMoments: [name: string, moment: unknown][] = [
  ['a fraction', 1.5],
  ['2⁵³', 2 ** 53],
  ['−2⁵³', -(2 ** 53)],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['text', '2024-01-01'],
  ['an invalid Date', new Date(Number.NaN)],
  ['a bigint', 1n],
]
