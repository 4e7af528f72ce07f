import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VersionRecord } from '../../src/index.js'
import { type Operation, operationGuard } from '../../src/model/operation.js'
import { PackedOperations } from '../../src/model/packed.js'
import { guardRecord, streamGuard } from '../../src/model/record.js'
import { type Line, parseLine } from '../../src/stream/lines.js'
import { parseInSlices } from '../../src/stream/slices.js'
import { runs, seed } from '../laws/law.js'

const decode = (bytes: Buffer) => new TextDecoder('utf-8', { fatal: true }).decode(bytes)
const passAll = (operation: unknown) => operation as Operation
/** What was packed as a list. */
const unpacked = (value: unknown) => {
  const { operations } = (value ?? {}) as { operations?: unknown }
  return operations instanceof PackedOperations ? { ...(value as object), operations: [...operations] } : value
}

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
const deletion = '{"op":"deleteEntity","id":"a"}'
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
      const found = parseInSlices(pieces, decode, passAll)
      if (found !== undefined) {
        sliced++
        expect(unpacked(found)).toEqual(expected)
        expect(found).toMatchObject({ operations: { length: (expected as VersionRecord).operations.length } })
      }
      const line: Line = { pieces, number: 1 }
      const read = outcome(() => unpacked(parseLine(line, passAll)))
      if (expected === undefined) expect(read).toBeUndefined()
      else expect(read).toEqual(expected)
    })
    fc.assert(law, { numRuns: runs(2_000), seed })
    expect(sliced).toBeGreaterThan(runs(150))
  })

  it('is refused as it is whole: for its JSON, its bytes, its integers', () => {
    const list = Array.from({ length: 40 }, () => deletion).join(',')
    const parse = (text: string | Buffer) => parseLine(cutOften(text), passAll)
    expect(parse(`{"version":"v","operations":[${list}]}`)).toMatchObject({ version: 'v' })
    expect(parse(`{"version":"v","operations":[${list}]}\r`)).toMatchObject({ version: 'v' })
    for (const bad of [`${list},`, `${list},{"id":9007199254740993}`, `${list}]`, `${list} ${deletion}`]) {
      expect(() => parse(`{"version":"v","operations":[${bad}]}`)).toThrow(/Line 7/)
    }
    const bytes = Buffer.from(`{"version":"v","operations":[${list}]}`)
    bytes[600] = 0xff
    expect(() => parse(bytes)).toThrow(/UTF-8/)
  })

  it('is guarded as it is whole: what is missing is filled in, and what is refused has its line and its index', () => {
    const guard = operationGuard()
    const line = (...operations: object[]) =>
      cutOften(JSON.stringify({ version: 'v', parents: [], timestamp: 0, operations }))
    const read = (line: Line) => guardRecord(parseLine(line, streamGuard(guard)), line.number, guard)
    const creation = { op: 'createEntity', id: 'a', entityType: 'Thing' }
    const good = Array.from({ length: 40 }, () => creation)
    const { operations } = read(line(...good))
    expect(operations).toBeInstanceOf(PackedOperations)
    expect([...operations]).toEqual(good.map((operation) => ({ ...operation, metadata: {} })))
    const bad = line(...good.slice(0, 30), { ...creation, id: '' }, ...good)
    expect(() => read(bad)).toThrow(expect.objectContaining({ line: 7, operation: 30 }))
  })
})

/** A line in so many pieces that it is sliced. */
function cutOften(text: string | Buffer): Line {
  const cuts = Array.from({ length: 20 }, (_, index) => 1 + 55 * index)
  return { pieces: cutAt(Buffer.from(text), cuts), number: 7 }
}

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
