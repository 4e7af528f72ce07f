/** What histories are made of: few of everything, so that things collide, each an old trap. */
import * as fc from 'fast-check'
import type { Json, JsonObject } from './json.js'

/** Byte order against UTF-16 order, LIKE's wildcards, quotes, Object.prototype, numbers, folding. */
export const entityIds = ['a', 'b', 'A', '\u{ffee}', '\u{1f600}', '%', "o'b", 'constructor', '__proto__', '10', 'main']
export const relationIds = ['r', 'r1', 'R', '_', '"', 'e\u0301', 'é', '9', '-1', 'toString', 'r\\']
export const ids = [...entityIds, ...relationIds]

export const entityTypes = ['Person', 'Company', 'person', '%', '\u{1f600}']
export const relationTypes = ['KNOWS', 'LIKES', '_', 'Person']

/** In UTF-8 the first is one byte short of too long, the second at the limit, the third beyond it. */
const longTags = ['y'.repeat(511), 'é'.repeat(256), 'é'.repeat(257)]
export const tags = ['red', 'green', 'réd', '\u{ffee}', '\u{1f600}', '%', '', ...longTags]

const keys = ['a', 'b', 'name', 'a/b', '~1', '', 'constructor', '10', '9', 'with.dot', '"']

/** Moments of valid time; equal ones often meet. */
const moments = [-5, -0, 10, 10, 20, 1_700_000_000_000]

const scalar = fc.constantFrom<Json>(
  null,
  true,
  false,
  0,
  -0,
  1,
  1.5,
  -3,
  1e21,
  1e-7,
  2 ** 53 + 2,
  '',
  'a',
  'é',
  '\u{1f600}',
  '\u{ffee}',
  '\u0001\u2028"\\',
)

export const key = fc.constantFrom(...keys)

const dictionary = (value: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true })

const { value, object } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { arbitrary: scalar, weight: 3 },
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 1 },
    { arbitrary: tie('object'), weight: 1 },
  ),
  object: dictionary(tie('value')),
}))

export { value as jsonValue }

/** What may stand at `metadata.tags`: mostly tags, some repeated, some no tags at all. */
export const tagList: fc.Arbitrary<Json> = fc.oneof(
  { arbitrary: fc.array(fc.constantFrom(...tags), { maxLength: 4 }), weight: 6 },
  {
    arbitrary: fc.array(fc.constantFrom<Json>('red', 'red', 7, null, ['red'], {}), { maxLength: 4 }),
    weight: 2,
  },
  { arbitrary: fc.constantFrom<Json>('red', { 0: 'red' }, null), weight: 1 },
)

const tagged = fc.tuple(object, tagList).map(([rest, list]): JsonObject => ({ ...rest, tags: list }))

/** An object as deep as metadata may be: it is level 1, the innermost array level 64. */
const deepest = fc.constant<JsonObject>({ deep: nested(63) })

export const metadata: fc.Arbitrary<JsonObject> = fc.oneof(
  { arbitrary: object, weight: 24 },
  { arbitrary: tagged, weight: 15 },
  { arbitrary: deepest, weight: 1 },
)

/** `undefined` leaves a bound alone, `null` removes it. */
export const bound = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 6 },
  { arbitrary: fc.constantFrom(...moments), weight: 3 },
  { arbitrary: fc.constant(null), weight: 1 },
)

export function nested(levels: number): Json {
  let inner: Json = []
  for (let level = 1; level < levels; level++) inner = [inner]
  return inner
}

/** The element at a random place, however long the list; none of an empty one. */
export function pick<T>(list: readonly T[], place: number): T | undefined {
  return list[place % list.length]
}
