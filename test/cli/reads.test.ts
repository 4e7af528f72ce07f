/** The commands that read one universe: log, show, get, neighbours, history, diff, stats. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorOf, makeFolder, makeSample, run } from './run.js'

const folder = makeFolder()
const db = folder.at('sample.db')
beforeAll(() => makeSample(db))
afterAll(() => folder[Symbol.dispose]())

const read = async (...args: string[]) => {
  const { status, stdout, stderr } = await run([...args, '--db', db])
  expect([args, status, stderr]).toEqual([args, 0, ''])
  return stdout
}
const json = async (...args: string[]) => JSON.parse(await read(...args, '--json'))

describe.concurrent('log', () => {
  it('lists versions newest first, a line each, with ids as short as they are unique', async () => {
    expect(await read('log')).toBe(
      [
        'bbbb2222-t  2024-03-01T10:00:00Z  ada    Fame \\u001b[31m',
        'aaaa1111-s  2024-02-01T10:00:00Z  grace  Work',
        'aaaa1111-f  2024-01-01T10:00:00Z  ada    Arrival',
        '',
      ].join('\n'),
    )
  })

  it('gives versions as they are with --json, at most --limit, from --at on', async () => {
    const { items } = await json('log', '--at', '2024-02-15', '--limit', '1')
    expect(items).toHaveLength(1)
    expect(items[0]).toMatchObject({ versionId: 'aaaa1111-second', parents: ['aaaa1111-first'], sequence: 2 })
    expect(items[0].versionHash).toMatch(/^[0-9a-f]{64}$/)
    expect(await json('log', '--at', '1999-01-01')).toEqual({ items: [] })
  })

  it('ends quietly when its reader has read enough', async () => {
    const ended = await run(['log', '--db', db], { onStart: (child) => child.stdout.destroy() })
    expect(ended).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})

describe.concurrent('show', () => {
  it('shows what a version is, and its operations', async () => {
    const text = await read('show', 'bbbb')
    expect(text).toMatch(/^version {6}bbbb2222-third\nparent {7}aaaa1111-second\nsequence {5}3\n/)
    expect(text).toContain('\n- relation r2\n~ entity ada\n    set /name "Ada Lovelace"\n')
    expect(text).not.toContain('\u001b')
    expect(await read('show', 'aaaa1111-s')).toContain('+ relation WORKS_AT r1: ada → acme {"since":2024}\n')
    const { versionId, operations } = await json('show', 'bbbb')
    expect([versionId, operations.length]).toEqual(['bbbb2222-third', 2])
  })
})

describe.concurrent('get', () => {
  it('shows an entity or a relation', async () => {
    expect(await read('get', 'ada', '--at', 'aaaa1111-first')).toBe(
      [
        'entity   ada',
        'type     Person',
        'created  2024-01-01T10:00:00Z',
        'updated  2024-01-01T10:00:00Z',
        '{',
        '  "name": "Ada",',
        '  "tags": [',
        '    "x"',
        '  ]',
        '}',
        '',
      ].join('\n'),
    )
    expect(await json('get', 'r1')).toMatchObject({ relationType: 'WORKS_AT', from: 'ada', to: 'acme', validFrom: 0 })
    expect(await read('get', 'r1')).toContain('validFrom  1970-01-01T00:00:00Z')
  })

  it('ends with 3 for what does not stand there', async () => {
    const [never, gone] = await Promise.all([
      run(['get', 'nobody', '--json', '--db', db]),
      run(['get', 'r2', '--db', db]),
    ])
    expect([never.status, errorOf(never).code, gone.status]).toEqual([3, 'NOT_FOUND', 3])
  })
})

describe.concurrent('neighbours', () => {
  it('lists them in columns, as of any version', async () => {
    expect(await read('neighbours', 'ada', '--at', '2024-02-15')).toBe(
      '→  WORKS_AT  acme     Company  {"since":2024}\n→  OWNS      initech  Company\n',
    )
    expect(await read('neighbours', 'acme', '--direction', 'in')).toMatch(/^← {2}WORKS_AT {2}ada {2}Person/)
  })

  it('filters, and gives pages', async () => {
    const at = ['--at', '2024-02-15']
    expect((await json('neighbours', 'ada', ...at, '--type', 'OWNS,KNOWS')).items).toHaveLength(1)
    expect((await json('neighbours', 'ada', ...at, '--entity-type', 'Person')).items).toEqual([])
    const first = await json('neighbours', 'ada', ...at, '--limit', '1')
    const second = await json('neighbours', 'ada', ...at, '--limit', '1', '--cursor', first.cursor)
    const ids = [...first.items, ...second.items].map(({ relation }) => relation.id)
    expect(ids).toEqual(['r1', 'r2'])
    expect(second.cursor).toBeUndefined()
  })

  it('refuses a cursor that is none, and a page that is too long', async () => {
    const [cursor, limit] = await Promise.all([
      run(['neighbours', 'ada', '--cursor', 'x', '--db', db]),
      run(['neighbours', 'ada', '--limit', '1001', '--db', db]),
    ])
    expect([cursor.status, limit.status]).toEqual([5, 5])
  })

  it('says on stderr that nothing is there', async () => {
    const { status, stdout, stderr } = await run(['neighbours', 'nobody', '--db', db])
    expect([status, stdout, stderr]).toEqual([0, '', 'no entity nobody stands here\n'])
  })
})

describe.concurrent('history', () => {
  it('lists every state with what changed', async () => {
    expect(await read('history', 'ada')).toBe(
      [
        'aaaa1111-f  2024-01-01T10:00:00Z  created  Arrival',
        '    + entity Person ada {"name":"Ada","tags":["x"]}',
        'bbbb2222-t  2024-03-01T10:00:00Z  updated  Fame \\u001b[31m',
        '    - /tags: ["x"]',
        '    + /famous: true',
        '    ~ /name: "Ada" → "Ada Lovelace"',
        '',
      ].join('\n'),
    )
    const { items } = await json('history', 'r2')
    expect(items.map(({ kind }: { kind: string }) => kind)).toEqual(['created', 'deleted'])
    expect((await json('history', 'r2', '--at', 'aaaa1111-second')).items).toHaveLength(1)
    expect(await json('history', 'nobody')).toEqual({ items: [] })
  })
})

describe.concurrent('diff', () => {
  it('shows what is new, gone and changed, and its exit status on demand', async () => {
    const diff = await run(['diff', 'aaaa1111-s', 'main', '--exit-code', '--db', db])
    expect(diff.status).toBe(6)
    expect(diff.stdout).toBe(
      [
        '~ entity Person ada',
        '    - /tags: ["x"]',
        '    + /famous: true',
        '    ~ /name: "Ada" → "Ada Lovelace"',
        '- relation OWNS r2: ada → initech',
        'entities +0 ~1 -0, relations +0 ~0 -1',
        '',
      ].join('\n'),
    )
    const same = await run(['diff', 'bbbb', 'main', '--exit-code', '--db', db])
    expect(same.status).toBe(0)
    expect((await json('diff', '2020-01-01', 'main')).entities.created).toHaveLength(3)
  })
})

describe.concurrent('stats', () => {
  it('counts, at a version too', async () => {
    expect(await json('stats')).toMatchObject({ entities: 3, relations: 1, versions: 3 })
    expect(await json('stats', '--at', 'aaaa1111-second')).toMatchObject({ entities: 3, relations: 2, versions: 3 })
    expect(await read('stats')).toMatch(/^entities {14}3$/m)
  })
})
