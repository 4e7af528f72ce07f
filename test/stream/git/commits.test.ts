import { describe, expect, it } from 'vitest'
import { operationGuard } from '../../../src/model/operation.js'
import { guardRecord } from '../../../src/model/record.js'
import { makeRepository } from './made.js'

/** The header of a commit object, all of it as given; the tree is the empty one. */
interface Parts {
  author?: string
  committer?: string
  headers?: string
  message?: string
}

/** The records of a repository of one commit for each of `commits`, all bytes of them latin1. */
async function recordsOfCommits(commits: Parts[]) {
  using repository = makeRepository()
  const tree = repository.git(['mktree'])
  let parent = ''
  for (const { author, committer, headers = '', message = 'x\n' } of commits) {
    const text =
      `tree ${tree}\n${parent}` +
      `author ${author ?? 'Ada <ada@example.org> 1 +0000'}\n` +
      `committer ${committer ?? 'Ada <ada@example.org> 1 +0000'}\n${headers}\n${message}`
    parent = `parent ${repository.rawCommit(Buffer.from(text, 'latin1'))}\n`
  }
  const records = await repository.records()
  const guard = operationGuard()
  records.forEach((record, index) => void guardRecord(record, index + 1, guard))
  return records
}

const bytesOf = (text: string) => Buffer.from(text).toString('latin1')

describe('a commit', () => {
  it('keeps its message, but for the line feeds at its end', async () => {
    const messages = ['One', 'One\n', 'One\n\n\n', '\n\nLate \n', 'One\r\n', '', ' \t \n', 'a\u0001b']
    const records = await recordsOfCommits(messages.map((message) => ({ message })))

    expect(records.map(({ description }) => description)).toEqual([
      ...['One', 'One', 'One', '\n\nLate ', 'One\r', '', ' \t ', 'a\u0001b'],
    ])
  })

  it('is read in the encoding that it names; what is no UTF-8 then becomes U+FFFD', async () => {
    const records = await recordsOfCommits([
      { message: bytesOf('\ufeffcafé 日本 𝄞') },
      { headers: 'encoding ISO-8859-1\n', message: 'caf\xe9', author: 'J\xe9r <j> 1 +0000' },
      { headers: 'encoding Shift_JIS\n', message: '\x93\xfa\x96\x7b' },
      { headers: 'encoding no-such-thing\n', message: 'caf\xe9', author: 'J\xe9r <j> 1 +0000' },
      { message: 'caf\xe9 \xed\xa0\x80' },
      { message: 'before\0after' },
    ])

    expect(records.map(({ description, owner }) => [description, owner])).toEqual([
      ['\ufeffcafé 日本 𝄞', 'Ada'],
      ['café', 'Jér'],
      ['日本', 'Ada'],
      ['caf\ufffd', 'J\ufffdr'],
      ['caf\ufffd \ufffd\ufffd\ufffd', 'Ada'],
      ['before', 'Ada'],
    ])
  })

  it('looks like nothing else, whatever its message says', async () => {
    const raw = `:100644 100644 ${'0'.repeat(40)} ${'1'.repeat(40)} M`
    const messages = [raw, `\n${raw}\n`, '0'.repeat(40), 'commit x\n\0\0:000000']
    const records = await recordsOfCommits(messages.map((message) => ({ message })))

    expect(records.map(({ description }) => description)).toEqual([...[raw, `\n${raw}`, '0'.repeat(40), 'commit x']])
    expect(records.slice(1).flatMap(({ operations }) => operations)).toEqual([])
  })

  it('belongs to its author, or to nobody known', async () => {
    const authors = [
      ...['Ada Lovelace <ada@example.org> 1 +0000', ' <ada@example.org> 1 +0000', 'Ada'],
      ...['<> 1 +0000', '\x01\x1b <a> 1 +0000', `${'x'.repeat(600)} <a> 1 +0000`, ''],
    ]
    const records = await recordsOfCommits(authors.map((author) => ({ author })))

    expect(records.map(({ owner }) => owner)).toEqual([
      ...['Ada Lovelace', 'unknown', 'unknown', 'unknown', 'unknown', 'x'.repeat(512), 'unknown'],
    ])
  })

  it('was made when its committer says, as far as a date can hold that', async () => {
    const dates = [
      ...['1454341470 +0100', '0 +0000', '-100 +0000', '253402300800 +0000', '7'],
      ...['99999999999999999999999 +0000', '-99999999999999999999999 -0100', 'soon', '', '-0 +0000'],
    ]
    const records = await recordsOfCommits(dates.map((date) => ({ committer: `Ada <a> ${date}` })))

    expect(records.map(({ timestamp }) => timestamp)).toEqual([
      ...[1_454_341_470_000, 0, -100_000, 253_402_300_800_000, 7_000],
      ...[8_640_000_000_000_000, -8_640_000_000_000_000, 0, 0, 0],
    ])
  })
})
