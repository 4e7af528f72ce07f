/** The commands that ask the graph: find, reachable, path, materialise, and what is valid when. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openUniverse } from '../../src/index.js'
import { errorOf, makeFolder, run } from './run.js'

const folder = makeFolder()
const db = folder.at('people.db')
const year = (number: number) => Date.UTC(number, 0)

beforeAll(async () => {
  await using universe = await openUniverse(db)
  await universe.commit(
    'People',
    (draft) => {
      draft.createEntity('Person', { name: 'Ada', age: 36, tags: ['lead'], address: { city: 'Paris' } }, { id: 'ada' })
      draft.createEntity('Person', { name: 'Bob', age: 17, address: { city: 'Rome' } }, { id: 'bob' })
      draft.createEntity('Company', { name: 'Acme' }, { id: 'acme' })
      draft.createRelation('KNOWS', 'ada', 'bob', { since: 2020 }, { id: 'k1' })
      draft.createRelation('WORKS_AT', 'bob', 'acme', {}, { id: 'w1', validFrom: year(2021), validTo: year(2023) })
    },
    { timestamp: year(2024), versionId: 'first' },
  )
  await universe.commit('They part', (draft) => draft.deleteRelation('k1'), {
    timestamp: year(2025),
    versionId: 'second',
  })
})
afterAll(() => folder[Symbol.dispose]())

const read = async (...args: string[]) => {
  const { status, stdout, stderr } = await run([...args, '--db', db])
  expect([args, status, stderr]).toEqual([args, 0, ''])
  return stdout
}
const json = async (...args: string[]) => JSON.parse(await read(...args, '--json'))

describe.concurrent('find', { timeout: 60_000 }, () => {
  it('lists entities in columns, and relations', async () => {
    expect(await read('find')).toBe(
      [
        'acme  Company  {"name":"Acme"}',
        'ada   Person   {"address":{"city":"Paris"},"age":36,"name":"Ada","tags":["lead"]}',
        'bob   Person   {"address":{"city":"Rome"},"age":17,"name":"Bob"}',
        '',
      ].join('\n'),
    )
    expect(await read('find', '--relation', '--at', 'first')).toBe(
      'k1  KNOWS     ada → bob   {"since":2020}\nw1  WORKS_AT  bob → acme\n',
    )
  })

  it('filters by type, tag, ends, age and metadata', async () => {
    const wanted: [string[], string[]][] = [
      [['--type', 'Person,Company', '--tag', 'lead'], ['ada']],
      [['--where', 'address.city=Paris', '--where', 'age>=18'], ['ada']],
      [
        ['--where', 'name^=A', '--order', 'desc'],
        ['ada', 'acme'],
      ],
      [
        ['--touching', 'bob', '--at', 'first'],
        ['k1', 'w1'],
      ],
      [['--from', 'ada', '--at', '2024-06-01', '--where', 'since<2021'], ['k1']],
      [['--relation', '--to', 'acme', '--type', 'WORKS_AT'], ['w1']],
      [['--created-after', '2024-01-01'], []],
      [
        ['--created-after', '2023-12-31', '--created-before', 'now'],
        ['acme', 'ada', 'bob'],
      ],
    ]
    const pages: { items: { id: string }[] }[] = await Promise.all(wanted.map(([args]) => json('find', ...args)))
    expect(pages.map(({ items }, index) => [wanted[index]?.[0], items.map(({ id }) => id)])).toEqual(wanted)
    expect(await json('find', '--type', 'Person', '--count')).toEqual({ count: 2 })
    expect(await read('find', '--relation', '--count')).toBe('1\n')
  })

  it('gives pages, and says how to go on', async () => {
    const first = await run(['find', '--limit', '2', '--db', db])
    expect(first.stdout.split('\n')).toHaveLength(3)
    const [, cursor = ''] = /^more: --cursor (\S+)\n$/.exec(first.stderr) ?? []
    expect(await read('find', '--limit', '2', '--cursor', cursor)).toMatch(/^bob/)
    const [other, none, long] = await Promise.all([
      run(['find', '--type', 'Person', '--cursor', cursor, '--db', db]),
      run(['find', '--cursor', 'x', '--db', db]),
      run(['find', '--limit', '1001', '--db', db]),
    ])
    expect([other.status, none.status, long.status]).toEqual([5, 5, 5])
  })

  it('suggests a type for one that is misspelt, on stderr', async () => {
    const [entity, relation, neighbours] = await Promise.all([
      run(['find', '--type', 'Persn', '--db', db]),
      run(['find', '--relation', '--type', 'works_at', '--db', db]),
      run(['neighbours', 'bob', '--type', 'WORK_AT', '--db', db]),
    ])
    expect([entity.status, entity.stdout]).toEqual([0, ''])
    expect(entity.stderr).toBe('nothing found\nno entity of type "Persn" stands here; did you mean Person?\n')
    expect(relation.stderr).toContain('did you mean WORKS_AT?')
    expect(neighbours.stderr).toContain('did you mean WORKS_AT?')
  })

  it('refuses what cannot be asked', async () => {
    const uses: [string[], number][] = [
      [['--where', 'age'], 2],
      [['--where', 'age>=1', '--where', 'age>=2'], 2],
      [['--order-by', 'name'], 2],
      [['--tag', 'x', '--from', 'ada'], 2],
      [['--entity', '--relation'], 2],
      [['--entity', '--to', 'acme'], 2],
      [['--where', 'age>true'], 5],
      [['--created-after', 'spring'], 5],
      [['--valid-at', '2024-02-30'], 5],
      [['--at', 'third'], 3],
    ]
    const ended = await Promise.all(uses.map(([args]) => run(['find', ...args, '--json', '--db', db])))
    expect(ended.map(({ status }, index) => [uses[index]?.[0], status])).toEqual(uses)
    for (const end of ended) expect(errorOf(end).code).toMatch(/^(USAGE|VALIDATION|NOT_FOUND)$/)
  })
})

describe.concurrent('reachable and path', { timeout: 60_000 }, () => {
  it('go along relations, as of any version', async () => {
    expect(await read('reachable', 'ada', '--at', 'first')).toBe('1  bob\n2  acme\n')
    expect(await json('reachable', 'acme', '--direction', 'in', '--max-depth', '1')).toEqual({
      items: [{ id: 'bob', depth: 1 }],
    })
    expect(await read('path', 'ada', 'acme', '--at', 'first')).toBe(
      '             ada   Person\n→  KNOWS     bob   Person   {"since":2020}\n→  WORKS_AT  acme  Company\n',
    )
    expect(await read('path', 'acme', 'bob', '--direction', 'both')).toContain('←  WORKS_AT  bob')
    expect((await json('path', 'bob', 'acme')).relations).toHaveLength(1)
    expect((await json('path', 'ada', 'ada')).relations).toEqual([])
  })

  it('say that there is nothing', async () => {
    const [alone, nobody, path, end, many] = await Promise.all([
      run(['reachable', 'ada', '--db', db]),
      run(['reachable', 'nobody', '--db', db]),
      run(['path', 'ada', 'acme', '--json', '--db', db]),
      run(['path', 'ada', 'nobody', '--json', '--db', db]),
      run(['reachable', 'ada', '--at', 'first', '--max-entities', '1', '--json', '--db', db]),
    ])
    expect([alone.status, alone.stdout, alone.stderr]).toEqual([0, '', 'nothing can be reached\n'])
    expect([nobody.status, nobody.stderr]).toEqual([0, 'no entity nobody stands here\n'])
    expect([path.status, errorOf(path)]).toMatchObject([3, { code: 'NOT_FOUND', details: { id: 'acme' } }])
    expect([end.status, errorOf(end).details]).toEqual([3, { what: 'Entity', id: 'nobody' }])
    expect([many.status, errorOf(many).code]).toEqual([5, 'LIMIT_EXCEEDED'])
  })
})

describe.concurrent('--valid-at', { timeout: 60_000 }, () => {
  it('leaves what is valid then, on every read of the graph', async () => {
    const then = ['--valid-at', '2022-01-01']
    const later = ['--valid-at', '2023-01-01']
    expect(await read('neighbours', 'bob', ...then)).toMatch(/acme/)
    expect(await json('neighbours', 'bob', ...later)).toEqual({ items: [] })
    expect(await json('find', '--relation', ...later)).toEqual({ items: [] })
    expect(await json('reachable', 'bob', ...later)).toEqual({ items: [] })
    expect((await json('stats', ...then)).relations).toBe(1)
    expect((await json('stats', ...later)).types.relations).toEqual([])
    const [get, path] = await Promise.all(
      [
        ['get', 'w1'],
        ['path', 'bob', 'acme'],
      ].map((args) => run([...args, ...later, '--db', db])),
    )
    expect([get?.status, path?.status]).toEqual([3, 3])
  })
})

describe.concurrent('materialise', { timeout: 60_000 }, () => {
  it('writes a whole state, read or replayed, for a person or a program', async () => {
    const state = await read('materialise', 'first')
    expect(state.split('\n')).toHaveLength(6)
    expect(state).toContain('\nrelation KNOWS k1: ada → bob {"since":2020}\n')
    expect(await read('materialise', 'first', '--from', 'deltas')).toBe(state)
    const { version, entities, relations } = await json('materialise', 'main')
    expect([version.versionId, entities.length, relations.length]).toEqual(['second', 3, 1])
    expect(await json('materialise', '1999-01-01')).toEqual({ version: null, entities: [], relations: [] })
    expect((await run(['materialise', 'third', '--db', db])).status).toBe(3)
  })
})

describe.concurrent('log --graph', { timeout: 60_000 }, () => {
  it('draws versions, and gives them as they are with --json', async () => {
    expect(await read('log', '--graph', '--limit', '1')).toBe(
      '* second  2025-01-01T00:00:00Z  local  (main) They part\n',
    )
    expect((await json('log', '--graph')).items).toHaveLength(2)
  })

  it('follows every branch with --all, and names the heads', async () => {
    const tree = folder.at('tree.db')
    await using universe = await openUniverse(tree)
    const commit = (id: string, branch: string) =>
      universe.commit(id, [], { branch, versionId: id, timestamp: year(2024) })
    await commit('root', 'main')
    await universe.createBranch('draft')
    await universe.createBranch('same')
    await commit('left', 'main')
    await commit('right', 'draft')
    const [all, list, main, plain, both] = await Promise.all([
      run(['log', '--graph', '--all', '--db', tree]),
      run(['log', '--all', '--json', '--limit', '2', '--db', tree]),
      run(['log', '--graph', '--db', tree]),
      run(['log', '--db', tree]),
      run(['log', '--all', '--at', 'draft', '--db', tree]),
    ])
    const rest = '  2024-01-01T00:00:00Z  local'
    expect(all.stdout.split('\n')).toEqual([
      `* right${rest}  (draft) right`,
      `| * left${rest}  (main) left`,
      '|/',
      `* root${rest}  (same) root`,
      '',
    ])
    expect(JSON.parse(list.stdout).items.map(({ versionId }: { versionId: string }) => versionId)).toEqual([
      'right',
      'left',
    ])
    expect(main.stdout).toBe(`* left${rest}  (main) left\n* root${rest}  (same) root\n`)
    expect(plain.stdout).toBe(`left${rest}  left\nroot${rest}  root\n`)
    expect(both.status).toBe(2)
  })
})
