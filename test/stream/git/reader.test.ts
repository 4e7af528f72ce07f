import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader } from '../../../src/stream/git/reader.js'

/** The bytes, in chunks of `size`. */
function streamOf(bytes: Buffer, size: number): Readable {
  const count = Math.ceil(bytes.length / size)
  return Readable.from(Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size)))
}

describe('a reader of bytes', () => {
  it('gives the same pieces, however the bytes come', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(text, text, text, fc.integer({ min: 1, max: 9 }), async (a, b, c, size) => {
        const reader = new ByteReader(streamOf(Buffer.from(`${a}|${b}${c}|`), size))
        expect((await reader.before(0x7c))?.toString()).toBe(a)
        expect((await reader.exactly(b.length))?.toString()).toBe(b)
        expect(await reader.skip(c.length)).toBe(true)
        expect((await reader.before(0x7c))?.toString()).toBe('')
        expect(await reader.before(0x7c)).toBeUndefined()
      }),
    )
  })

  it('tells where the stream ends too early', async () => {
    const reader = () => new ByteReader(streamOf(Buffer.from('abc'), 2))
    expect(await reader().before(0)).toBeUndefined()
    expect(await reader().exactly(4)).toBeUndefined()
    expect(await reader().skip(4)).toBe(false)
    expect((await reader().exactly(3))?.toString()).toBe('abc')
  })
})
