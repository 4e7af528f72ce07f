import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultJsonLimits } from '../../src/model/json.js'
import { operationGuard } from '../../src/model/operation.js'
import { regularOperation } from '../../src/model/regular.js'

const guard = operationGuard()

const odd = fc.constantFrom<unknown>(
  undefined,
  null,
  0,
  -0,
  1.5,
  -1,
  Number.NaN,
  2 ** 53,
  '',
  'a\u0000',
  '\ud800',
  'a'.repeat(513),
  true,
  [],
  {},
  [[]],
  new Date(0),
  new Array(2),
  () => 1,
  Symbol('s'),
  1n,
  '/a~2',
  '/__proto__',
  { a: undefined },
  { a: Number.NaN },
  { 10: 1, 9: 2, b: -0, a: { d: 1, c: 2 } },
)
const id = fc.constantFrom('a', 'b', 'é', '\u{1f600}', 'x y')
const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), odd)
const metadata = fc.dictionary(fc.constantFrom('b', 'a', '10', '9', 'ü', ''), fc.jsonValue({ maxDepth: 2 }))
const pointer = fc.constantFrom('', '/a', '/a/0', '/~0~1', 'a')
const index = fc.constantFrom(0, 3, -0, -1, 1.5)
const moment = fc.constantFrom(0, -0, -5, 7, 2 ** 53 - 1)
const bounds = fc.record(
  { validFrom: fc.oneof(moment, fc.constant(null)), validTo: fc.oneof(moment, fc.constant(null)) },
  { requiredKeys: [] },
)
const change = fc.oneof(
  fc.record({ op: fc.constant('set'), path: pointer, value }),
  fc.record({ op: fc.constant('delete'), path: pointer }),
  fc.record({ op: fc.constant('insert'), path: pointer, value, index }, { requiredKeys: ['op', 'path', 'value'] }),
  fc.record({ op: fc.constant('remove'), path: pointer, index }),
  fc.record({ op: fc.constant('patch'), path: pointer, patch: metadata }),
)
const update = (op: string) => fc.record({ op: fc.constant(op), id, changes: fc.array(change, { maxLength: 3 }) })
const whole = fc
  .tuple(
    fc.oneof(
      fc.record({ op: fc.constant('createEntity'), id, entityType: id, metadata }),
      fc.record({ op: fc.constant('createRelation'), id, relationType: id, from: id, to: id, metadata }),
      fc.record({ op: fc.constantFrom('deleteEntity', 'deleteRelation'), id }),
      update('updateEntity'),
      update('updateRelation'),
    ),
    fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: bounds }),
  )
  .map(([operation, validity]): Record<string, unknown> => ({ ...operation, ...validity }))
const names = ['op', 'id', 'entityType', 'metadata', 'from', 'to', 'changes', 'validFrom', 'validTo', 'other']
const spoiled = fc
  .tuple(whole, fc.constantFrom(...names), fc.oneof(odd, fc.constant('gone')))
  .map(([operation, name, now]) => {
    const copy = { ...operation, [name]: now }
    if (now === 'gone') delete copy[name]
    return copy
  })

describe('a regular operation', () => {
  it('comes out as the schema returns it, key for key, and nothing that the schema refuses is one', () => {
    const seen = { regular: 0, refused: 0, irregular: 0 }
    fc.assert(
      fc.property(fc.oneof(whole, spoiled), (input) => {
        const regular = regularOperation(input, defaultJsonLimits, 200_000)
        // Without a prototype it is not looked at as regular, so the schema answers.
        const bySchema = outcomeOf(() => guard(Object.assign(Object.create(null), input)))
        if (regular === undefined) {
          seen[bySchema === undefined ? 'refused' : 'irregular']++
          return
        }
        seen.regular++
        expect(JSON.stringify(regular)).toBe(bySchema)
        expect(outcomeOf(() => guard(input))).toBe(bySchema)
      }),
      { numRuns: 5_000, seed: 11 },
    )
    expect(seen.regular).toBeGreaterThan(1_000)
    expect(seen.refused).toBeGreaterThan(1_000)
    // What is regular but for a member that is there and undefined, and the like.
    expect(seen.irregular).toBeLessThan(seen.regular / 4)
  })

  it('is none with a symbol as a key, a class, or `__proto__`', () => {
    const plain = { op: 'deleteEntity', id: 'a' }
    expect(regularOperation(plain, defaultJsonLimits, 10)).toEqual(plain)
    for (const input of [
      { ...plain, [Symbol('s')]: 1 },
      Object.assign(new (class Operation {})(), plain),
      JSON.parse('{"op":"deleteEntity","id":"a","__proto__":1}') as object,
    ]) {
      expect(regularOperation(input, defaultJsonLimits, 10)).toBeUndefined()
    }
  })
})

function outcomeOf(guarded: () => unknown): string | undefined {
  try {
    return JSON.stringify(guarded())
  } catch {
    return undefined
  }
}
