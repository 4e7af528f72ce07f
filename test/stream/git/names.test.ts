import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { refusedId } from '../../../src/model/id.js'
import { refusedText } from '../../../src/model/json.js'
import { entityId, ownerNamed, shownPath } from '../../../src/stream/git/names.js'
import { makeRepository } from './made.js'

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Paths that are ids as they stand. */
const plain = ['a', 'a b', 'ä/ö', '日本', '𝄞', '\ufeffmark', '"quoted"', 'a\\b', "it's", '-x', '%41']

/** Paths that the rule for ids refuses, and how they are shown. */
const refused: [path: Buffer, shown: string][] = [
  [Buffer.from('line\nfeed'), 'line\nfeed'],
  [Buffer.from('tab\tand\u0001control'), 'tab\tand\u0001control'],
  [Buffer.from('delete\u007f'), 'delete\u007f'],
  [Buffer.from('next\u0085line'), 'next\u0085line'],
  [Buffer.from('caf\xe9', 'latin1'), 'caf\ufffd'],
  [Buffer.from([0x61, 0xed, 0xa0, 0x80]), 'a\ufffd\ufffd\ufffd'],
  [Buffer.from([0x61, 0xc0, 0xaf]), 'a\ufffd\ufffd'],
  [Buffer.from('é'.repeat(254)), 'é'.repeat(254)],
  // It looks like the hash of another path.
  [Buffer.from(`sha256:${sha256('line\nfeed')}`), `sha256:${sha256('line\nfeed')}`],
]

describe('the id of a path', () => {
  it('is the path itself wherever it can be, else its hash, and is always an id', async () => {
    using repository = makeRepository()
    const paths = [...plain.map((path) => Buffer.from(path)), ...refused.map(([path]) => path)]
    repository.commit(paths.map((path) => ({ path, content: '1' })))

    const [record] = await repository.records()

    const created = record?.operations.filter(({ op }) => op === 'createEntity') ?? []
    const shown = new Map(
      created.map((operation) => [operation.id, 'metadata' in operation && operation.metadata.path]),
    )
    for (const path of plain) expect(shown.get(`file:${path}`), path).toBe(path)
    for (const [path, text] of refused) expect(shown.get(`file:sha256:${sha256(path)}`)).toBe(text)
    // One directory comes with 'ä/ö', and the root.
    expect(shown.size).toBe(plain.length + refused.length + 2)
    for (const { id } of record?.operations ?? []) expect(refusedId(id)).toBeUndefined()
  })

  it('follows the length of the whole id in bytes', () => {
    const longest = 'a'.repeat(512 - 'file:'.length)
    expect(entityId('file', longest)).toBe(`file:${longest}`)
    expect(entityId('file', `${longest}a`)).toBe(`file:sha256:${sha256(`${longest}a`)}`)
    expect(entityId('directory', longest)).toBe(`directory:sha256:${sha256(longest)}`)
  })

  it('stays the same while the file lives', async () => {
    using repository = makeRepository()
    const path = Buffer.from('d\xff/caf\xe9', 'latin1')
    repository.commit([{ path, content: '1' }])
    repository.commit([{ path, content: '2' }])
    repository.commit([{ path, deleted: true }])

    const [, updated, deleted] = await repository.records()

    const id = `file:sha256:${sha256(path)}`
    expect(updated?.operations).toMatchObject([{ op: 'updateEntity', id }])
    expect(deleted?.operations.map((operation) => operation.id)).toContain(id)
    expect(deleted?.operations).toHaveLength(4)
  })

  it('shows a path of any length within the limits of metadata', () => {
    const shown = shownPath('é'.repeat(100_000))
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(65_536)
    expect(refusedText(shown)).toBeUndefined()
  })
})

describe('an owner', () => {
  it('is the name of the author, cleaned and shortened to the rule', () => {
    expect(ownerNamed('Ada')).toBe('Ada')
    expect(ownerNamed('A\u0001d\u007fa\u0085')).toBe('Ada')
    expect(ownerNamed('')).toBe('unknown')
    expect(ownerNamed('\u0007\u009f')).toBe('unknown')
    expect(ownerNamed('x'.repeat(513))).toBe('x'.repeat(512))
    expect(ownerNamed(`x${'𝄞'.repeat(128)}`)).toBe(`x${'𝄞'.repeat(127)}`)
  })
})
