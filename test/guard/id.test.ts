import { describe, expect, it } from 'vitest'
import { compareIds, newId, refusedBranchName, refusedId } from '../../src/model/id.js'
import { refusedIds } from '../given/values.js'

describe('ids', () => {
  it.each(refusedIds)('are not %s', (_name, id) => {
    expect(refusedId(id)).toEqual(expect.any(String))
    expect(refusedBranchName(id)).toEqual(expect.any(String))
  })

  it.each([
    'x',
    ' ',
    'x'.repeat(512),
    'é'.repeat(256),
    '\u{1f600}'.repeat(128),
    '__proto__',
    '\u00a0',
    '\ufffd',
    '-x',
    "'",
  ])('may be %j', (id) => {
    expect(refusedId(id)).toBeUndefined()
  })

  it('do not begin with "-" where they name a branch', () => {
    expect(refusedBranchName('-x')).toEqual(expect.any(String))
    expect(refusedBranchName('x-')).toBeUndefined()
  })

  it('compare by their UTF-8 bytes', () => {
    const ids = [
      '',
      'a',
      'ab',
      'b',
      'A',
      'é',
      'e\u0301',
      '\ud7ff',
      '\ue000',
      '\uffee',
      '\u{10000}',
      '\u{1f600}',
      '\u{1f600}a',
    ]
    for (const a of ids) {
      for (const b of ids) {
        expect(Math.sign(compareIds(a, b)), `${a} ${b}`).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }
    }
  })

  it('that the library makes are UUIDs of version 7, which sort by the time they were made', () => {
    const ids = Array.from({ length: 50 }, newId)

    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(50)
  })
})
