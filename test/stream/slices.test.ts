import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Line, parseLine } from '../../src/stream/lines.js'
import { parseInSlices } from '../../src/stream/slices.js'
import { runs, seed } from '../laws/law.js'

const decode = (bytes: Buffer) => new TextDecoder('utf-8', { fatal: true }).decode(bytes)

/** Text that looks like what is searched for. */
const bait = fc.constantFrom(
  '},{',
  '"operations":[',
  ']}',
  '"',
  '\\',
  '[',
  '{"a":[{},{}]}',
  'é\u{1f600}',
  '\u2028',
  'a',
)
const text = fc.array(bait, { maxLength: 4 }).map((parts) => parts.join(''))
const value = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.constant(null), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(fc.oneof(text, fc.constant('operations')), tie('value'), { maxKeys: 3 }),
}))
const member = fc.tuple(fc.constantFrom('version', 'metadata', 'description', 'operations', 'é'), value.value)
const line = fc
  .tuple(fc.array(member, { maxLength: 3 }), fc.array(fc.oneof(value.object, value.value), { maxLength: 12 }))
  .map(([members, operations]) => {
    const head = members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},`).join('')
    return `{${head}"operations":${JSON.stringify(operations)}}`
  })
const damage = fc.option(fc.tuple(fc.nat(), fc.constantFrom('', '"', ']', '{', ',', '\\', '\u0001')), {
  nil: undefined,
})

describe('a line in slices', () => {
  it('says what it says as a whole, wherever it is cut, or is left to be parsed whole', () => {
    let sliced = 0
    const law = fc.property(line, damage, fc.array(fc.nat(), { minLength: 4, maxLength: 24 }), (whole, harm, cuts) => {
      // Half a character is another one in bytes.
      const given = Buffer.from(harm === undefined ? whole : damaged(whole, harm)).toString()
      const pieces = cutAt(Buffer.from(given), cuts)
      const expected = outcome(() => JSON.parse(given))
      const found = parseInSlices(pieces, decode)
      if (found !== undefined) {
        sliced++
        expect(found).toEqual(expected)
      }
      const line: Line = { pieces, number: 1 }
      const read = outcome(() => parseLine(line))
      if (expected === undefined) expect(read).toBeUndefined()
      else expect(read).toEqual(expected)
    })
    fc.assert(law, { numRuns: runs(2_000), seed })
    expect(sliced).toBeGreaterThan(runs(150))
  })

  it('is refused as it is whole: for its JSON, its bytes, its integers', () => {
    const operation = '{"op":"deleteEntity","id":"a"}'
    const list = Array.from({ length: 40 }, () => operation).join(',')
    const pieces = (text: string | Buffer) => cutAt(Buffer.from(text), [100, 300, 500, 700, 900])
    const line = (text: string | Buffer): Line => ({ pieces: pieces(text), number: 7 })
    expect(parseLine(line(`{"version":"v","operations":[${list}]}`))).toMatchObject({ version: 'v' })
    expect(parseLine(line(`{"version":"v","operations":[${list}]}\r`))).toMatchObject({ version: 'v' })
    for (const bad of [`${list},`, `${list},{"id":9007199254740993}`, `${list}]`, `${list} ${operation}`]) {
      expect(() => parseLine(line(`{"version":"v","operations":[${bad}]}`))).toThrow(/Line 7/)
    }
    const bytes = Buffer.from(`{"version":"v","operations":[${list}]}`)
    bytes[600] = 0xff
    expect(() => parseLine(line(bytes))).toThrow(/UTF-8/)
  })
})

/** Mostly after the operations begin: lines that are cut before are not sliced. */
function cutAt(bytes: Buffer, cuts: readonly number[]): [Buffer, ...Buffer[]] {
  const least = (cuts[0] as number) % 5 === 0 ? 1 : bytes.indexOf('"operations":[') + '"operations":['.length
  const places = [...new Set(cuts.map((cut) => least + (cut % Math.max(1, bytes.length - least))))].sort(
    (a, b) => a - b,
  )
  const [first, ...rest] = [...places, bytes.length].map((end, index) => bytes.subarray(places[index - 1] ?? 0, end))
  return [first as Buffer, ...rest.filter((piece) => piece.length > 0)]
}

function damaged(text: string, [at, by]: [number, string]): string {
  const place = at % text.length
  return `${text.slice(0, place)}${by}${text.slice(place + 1)}`
}

function outcome(act: () => unknown): unknown {
  try {
    return act()
  } catch {
    return undefined
  }
}
