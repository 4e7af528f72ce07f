import { writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { operationGuard } from '../../src/model/operation.js'
import { type Line, linesOf, linesOfFile, parseLine } from '../../src/stream/lines.js'
import { collect } from '../given/collect.js'
import { temporaryFolder } from '../given/folder.js'
import { refusalOf } from '../given/refused.js'

const parsed = async (lines: AsyncIterable<Line>) =>
  (await collect(lines)).map(({ pieces, ...line }) => ({
    ...line,
    value: parseLine({ pieces, ...line }, operationGuard()),
  }))
const read = (...chunks: (string | Buffer)[]) =>
  parsed(
    linesOf(
      Readable.from(
        chunks.map((chunk) => Buffer.from(chunk)),
        { objectMode: false },
      ),
    ),
  )
const values = async (...chunks: (string | Buffer)[]) => (await read(...chunks)).map(({ value }) => value)

describe('lines', () => {
  it('are parsed one by one, numbered from 1, blank ones passed over', async () => {
    expect(await read('1\n\n"a"\r\n\r\n[]')).toEqual([
      { value: 1, number: 1 },
      { value: 'a', number: 3 },
      { value: [], number: 5 },
    ])
    expect(await read('')).toEqual([])
    expect(await read('\n\n')).toEqual([])
  })

  it('may be cut anywhere into chunks, inside a character too', async () => {
    const text = Buffer.from('{"a":"é\u{1f600}"}\n[1,2]\n')
    const expected = [{ a: 'é\u{1f600}' }, [1, 2]]
    for (let cut = 0; cut <= text.length; cut++) {
      expect(await values(text.subarray(0, cut), text.subarray(cut))).toEqual(expected)
    }
    expect(await values(...Array.from(text, (byte) => Buffer.from([byte])))).toEqual(expected)
  })

  it('are unzipped where they begin as gzip does', async () => {
    const zipped = gzipSync('1\n2\n')
    expect(await values(zipped)).toEqual([1, 2])
    expect(await values(zipped.subarray(0, 5), zipped.subarray(5))).toEqual([1, 2])
    expect(await values(zipped.subarray(0, 1), zipped.subarray(1))).toEqual([1, 2])
    expect(await values(Buffer.concat([gzipSync('1\n'), gzipSync('2\n')]))).toEqual([1, 2])
    expect(await refusalOf(() => values(zipped.subarray(0, -6)))).toMatchObject({ code: 'INTEGRITY' })
    expect(await refusalOf(() => values(Buffer.from([0x1f, 0x8b, 1, 2, 3])))).toMatchObject({ code: 'INTEGRITY' })
  })

  it('are refused with their number where they are no JSON or no UTF-8', async () => {
    const refused = { code: 'VALIDATION', line: 2 }
    for (const bad of ['{', 'undefined', '1 2', '9007199254740993', '{"a":1}}']) {
      expect(await refusalOf(() => values(`1\n${bad}\n3`))).toMatchObject(refused)
    }
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      const quoted = Buffer.concat([Buffer.from('1\n"'), Buffer.from(bytes), Buffer.from('"\n')])
      expect(await refusalOf(() => values(quoted))).toMatchObject(refused)
    }
  })

  it('may begin with one byte order mark, before all of them', async () => {
    const mark = Buffer.from('\ufeff')
    const text = Buffer.concat([mark, Buffer.from('[1]\n[2]\n')])
    for (let cut = 0; cut <= 4; cut++) {
      expect(await values(text.subarray(0, cut), text.subarray(cut))).toEqual([[1], [2]])
    }
    expect(await values(gzipSync(text))).toEqual([[1], [2]])
    expect(await values(mark)).toEqual([])

    const refused = { code: 'VALIDATION', issues: [{ reason: 'begins with a byte order mark' }] }
    expect(await refusalOf(() => values(mark, text))).toMatchObject({ ...refused, line: 1 })
    expect(await refusalOf(() => values('[1]\n', text))).toMatchObject({ ...refused, line: 2 })
    expect(await refusalOf(() => values(gzipSync('[1]\n'), gzipSync(text)))).toMatchObject({ ...refused, line: 2 })
    expect(await refusalOf(() => values('[1]\n[', mark, '1]'))).toMatchObject({ code: 'VALIDATION', line: 2 })
    expect(await values('"', mark, '"')).toEqual(['\ufeff'])
  })

  it('of a stream of text are those of its bytes', async () => {
    const text = Readable.from([Buffer.from('{"a":10}\n{"b":"é"}\n')], { objectMode: false }).setEncoding('utf8')
    expect((await parsed(linesOf(text))).map(({ value }) => value)).toEqual([{ a: 10 }, { b: 'é' }])
  })

  it('of a file tell how far it has been read; there must be a file', async () => {
    using folder = temporaryFolder()
    const path = folder.file('lines.ndjson')
    writeFileSync(path, '1\n'.repeat(1_000))
    const lines = await parsed(linesOfFile(path))
    expect(lines).toHaveLength(1_000)
    expect(lines.at(-1)).toEqual({ value: 1, number: 1_000, bytesRead: 2_000 })

    expect(await refusalOf(() => collect(linesOfFile(folder.file('none'))))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await refusalOf(() => collect(linesOfFile('a\u0000b')))).toBeDefined()
    expect(await refusalOf(() => collect(linesOfFile(folder.path)))).toBeDefined()
  })
})
