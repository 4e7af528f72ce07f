/** The commands that bring versions together, and undo them: merge and revert. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { type Operation, openUniverse } from '../../src/index.js'
import { entity, gone, relation, set } from '../given/diverged.js'
import { type Ended, errorOf, makeFolder, run } from './run.js'

const folder = makeFolder()
afterAll(() => folder[Symbol.dispose]())

/** `main` and `draft` went different ways from `base0000`; each version has the name of its branch. */
async function makeDiverged(name: string, ours: Operation[], theirs: Operation[]): Promise<string> {
  const path = folder.at(name)
  await using universe = await openUniverse(path)
  const base = [
    entity('ada', { name: 'Ada', age: 36 }, 'Person'),
    entity('acme', { title: 'Acme' }, 'Company'),
    { ...relation('job', 'ada', 'acme'), validFrom: 0 } as Operation,
  ]
  await universe.commit('Base', base, { versionId: 'base0000', timestamp: 1_000 })
  await universe.createBranch('draft', { from: 'base0000' })
  await universe.commit('Ours', ours, { versionId: 'main0000', timestamp: 2_000 })
  await universe.commit('Theirs', theirs, { versionId: 'draft000', branch: 'draft', timestamp: 3_000 })
  return path
}

const conflicting = (name: string) =>
  makeDiverged(
    name,
    [
      ...[set('ada', { name: 'Ada L.', age: 37 }), relation('extra', 'ada', 'acme')],
      { op: 'updateRelation', id: 'job', changes: [], validTo: Date.UTC(2024, 0) },
    ],
    [
      ...[set('ada', { name: 'Lady Ada', town: 'London' }), { op: 'deleteRelation', id: 'job' } as Operation],
      ...[...gone('acme'), entity('grace', {}, 'Person')],
    ],
  )

async function metadataOf(path: string, id: string) {
  const { status, stdout } = await run(['get', id, '--db', path, '--json'])
  return status === 0 ? JSON.parse(stdout).metadata : undefined
}

const lines = ({ stdout }: Ended) => stdout.trimEnd().split('\n')

describe('merge', () => {
  it('brings a branch into main, and says so once', async () => {
    const db = await makeDiverged('clean.db', [set('ada', { age: 37 })], [set('ada', { name: 'Lady Ada' })])

    const first = await run(['merge', 'draft', '--db', db])
    expect([first.status, first.stderr]).toEqual([0, ''])
    expect(first.stdout).toMatch(/^\S{8,} {2}Merge draft into main\n$/)
    expect(await metadataOf(db, 'ada')).toEqual({ name: 'Lady Ada', age: 37 })
    const again = await run(['merge', 'draft', '--db', db])
    expect(again).toEqual({ status: 0, stdout: 'main has all of draft already\n', stderr: '' })

    const back = await run(['merge', 'main', '--into', 'draft', '-m', 'Catch up', '--db', db, '--json'])
    expect(JSON.parse(back.stdout)).toMatchObject({
      parents: ['draft000', expect.any(String)],
      description: 'Catch up',
    })
  })

  it('shows what is in conflict, side by side, and writes nothing', async () => {
    const db = await conflicting('shown.db')

    const ended = await run(['merge', 'draft', '--db', db])

    expect(ended.status).toBe(4)
    expect(lines(ended)).toEqual([
      '! changed entity ada, "name"',
      '    base    "Ada"',
      '    ours    "Ada L."',
      '    theirs  "Lady Ada"',
      '! end relation extra',
      '    base    not there',
      '    ours    relation R extra: ada → acme',
      '    theirs  not there',
      '! deleted relation job',
      '    base    relation R job: ada → acme from 1970-01-01T00:00:00Z',
      '    ours    relation R job: ada → acme from 1970-01-01T00:00:00Z to 2024-01-01T00:00:00Z',
      '    theirs  not there',
    ])
    expect(ended.stderr).toMatch(/^error: The merge of draft has 3 conflicts: .*--strategy ours or theirs.*\n$/)
    const json = await run(['merge', 'draft', '--db', db, '--json'])
    expect([json.status, json.stdout]).toEqual([4, ''])
    expect(errorOf(json)).toMatchObject({ code: 'MERGE_CONFLICT', details: { conflicts: [{ id: 'ada' }, {}, {}] } })
    expect(JSON.parse((await run(['stats', '--db', db, '--json'])).stdout)).toMatchObject({ versions: 3 })
  })

  it('previews the operations and the conflicts, and writes nothing', async () => {
    const db = await conflicting('previewed.db')

    const ended = await run(['merge', 'draft', '--preview', '--db', db])
    expect(ended.status).toBe(4)
    expect(lines(ended).slice(0, 4)).toEqual([
      '+ entity Person grace',
      '~ entity ada',
      '    set /town "London"',
      '! changed entity ada, "name"',
    ])
    expect(lines(ended).at(-1)).toBe('2 operations, 3 conflicts, base base0000')
    const json = await run(['merge', 'draft', '--preview', '--db', db, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({
      base: { versionId: 'base0000' },
      operations: [{ op: 'createEntity' }, { op: 'updateEntity' }],
      conflicts: [{ kind: 'changed', key: 'name' }, { kind: 'end' }, { kind: 'deleted' }],
    })
    const any = await run(['merge', 'draft', '--preview', '--into', 'base0', '--base', 'main', '--db', db])
    expect(any.status).toBe(4)
    const none = await run(['merge', 'draft000', '--preview', '--into', 'draft', '--db', db])
    expect(none).toMatchObject({ status: 0, stdout: '0 operations, 0 conflicts, base draft000\n' })
    expect(JSON.parse((await run(['stats', '--db', db, '--json'])).stdout)).toMatchObject({ versions: 3 })
  })

  it('settles by a side', async () => {
    const db = await conflicting('sided.db')
    expect((await run(['merge', 'draft', '--strategy', 'theirs', '--db', db])).status).toBe(0)
    expect(await metadataOf(db, 'ada')).toEqual({ age: 37, name: 'Lady Ada', town: 'London' })
    expect(await metadataOf(db, 'job')).toBeUndefined()
    expect((await run(['verify', '--db', db])).status).toBe(0)
  })

  it('settles one by one with a file that it writes itself', async () => {
    const db = await conflicting('resolved.db')
    const file = folder.at('resolution.json')
    const merge = () => run(['merge', 'draft', '--resolve', file, '--db', db])

    const nowhere = await run(['merge', 'draft', '--resolve', folder.at('nowhere/x'), '--db', db])
    expect([nowhere.status, nowhere.stderr]).toEqual([
      3,
      expect.stringMatching(/The folder ".*nowhere" does not exist/),
    ])
    const first = await merge()
    expect([first.status, lines(first)[0]]).toEqual([4, '! changed entity ada, "name"'])
    expect(first.stderr).toContain(`They are written to ${file}`)
    const document = JSON.parse(readFileSync(file, 'utf8'))
    expect(document.conflicts).toMatchObject([
      { id: 'ada', key: 'name', base: 'Ada', ours: 'Ada L.', theirs: 'Lady Ada', settle: null },
      { id: 'extra', kind: 'end', settle: null },
      { id: 'job', kind: 'deleted', settle: null },
    ])

    const settle = (...ways: unknown[]) => {
      const conflicts = document.conflicts.map((one: object, index: number) => ({ ...one, settle: ways[index] }))
      writeFileSync(file, JSON.stringify({ ...document, conflicts }))
    }
    settle({ value: 'Countess' }, null, 'delete')
    const second = await merge()
    expect([second.status, lines(second)[0]]).toEqual([4, '! end relation extra'])
    expect(second.stderr).toContain('resolution.json does not settle 1 conflict')

    settle({ value: 'Countess' }, 'ours', 'delete')
    expect(await merge()).toMatchObject({ status: 0, stderr: '' })
    expect(await metadataOf(db, 'ada')).toEqual({ age: 37, name: 'Countess', town: 'London' })
    expect(await metadataOf(db, 'extra')).toEqual({})
    expect(await metadataOf(db, 'acme')).toEqual({ title: 'Acme' })
    expect(await metadataOf(db, 'job')).toBeUndefined()
  })

  it('refuses a file that is none, or was written for something else', async () => {
    const db = await conflicting('refused.db')
    const file = folder.at('refused.json')
    const merge = async (content: unknown) => {
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
      return run(['merge', 'draft', '--resolve', file, '--db', db, '--json'])
    }
    const name = { id: 'ada', kind: 'changed', key: 'name', base: 'Ada', ours: 'Ada L.', theirs: 'Lady Ada' }
    for (const bad of ['{', '[]', { conflicts: [5] }, { conflicts: [{ ...name, settle: 'mine' }] }]) {
      const ended = await merge(bad)
      expect([ended.status, errorOf(ended).code], JSON.stringify(bad)).toEqual([5, 'VALIDATION'])
    }
    const all = [
      { ...name, theirs: 'Another' },
      { id: 'extra', kind: 'end' },
      { id: 'job', kind: 'deleted' },
    ]
    const other = await merge({ conflicts: all.map((one) => ({ ...one, settle: 'theirs' })) })
    expect([other.status, errorOf(other).message]).toEqual([5, expect.stringContaining('for other values of')])
    const few = await merge({ conflicts: [{ ...name, settle: 'theirs' }] })
    expect([few.status, errorOf(few).code]).toEqual([4, 'MERGE_CONFLICT'])
    expect(errorOf(few).details).toMatchObject({ conflicts: [{ id: 'extra' }, { id: 'job' }] })
    const nowhere = await run(['merge', 'draft', '--resolve', folder.at('no/such/folder.json'), '--db', db, '--json'])
    expect([nowhere.status, errorOf(nowhere).code]).toEqual([3, 'NOT_FOUND'])
  })

  it('makes no universe, and refuses what does not go together', async () => {
    const db = folder.at('none.db')
    expect((await run(['merge', 'draft', '--db', db])).status).toBe(3)
    expect((await run(['revert', 'main', '--db', db])).status).toBe(3)
    expect(existsSync(db)).toBe(false)
    for (const options of [
      ['--preview', '--strategy', 'ours'],
      ['--resolve', 'x', '--strategy', 'ours'],
      ['--strategy', 'mine'],
      [],
    ]) {
      const args = options.length === 0 ? ['merge'] : ['merge', 'draft', ...options]
      expect((await run([...args, '--db', db])).status, options.join(' ')).toBe(2)
    }
    const there = await makeDiverged('there.db', [], [])
    expect((await run(['merge', 'nowhere', '--db', there])).status).toBe(3)
    expect((await run(['merge', 'draft', '--into', 'nowhere', '--db', there])).status).toBe(3)
    expect((await run(['merge', 'draft', '--base', 'nowhere', '--db', there])).status).toBe(3)
  })
})

describe('revert', () => {
  it('undoes a version or a range', async () => {
    const db = await makeDiverged('reverted.db', [set('ada', { age: 37 })], [set('ada', { age: 38 })])
    const one = await run(['revert', 'main', '--db', db])
    expect([one.status, one.stdout]).toEqual([0, expect.stringMatching(/^\S{8,} {2}Revert "Ours"\n$/)])
    expect(await metadataOf(db, 'ada')).toMatchObject({ age: 36 })
    const range = await run(['revert', 'base0..draft', '--branch', 'draft', '-m', 'Undo', '--db', db, '--json'])
    expect(JSON.parse(range.stdout)).toMatchObject({ parents: ['draft000'], description: 'Undo' })
    expect((await run(['revert', 'main..base0', '--db', db])).status).toBe(5)
  })

  it('shows what is in conflict and settles it as a merge does', async () => {
    const db = await makeDiverged('undone.db', [set('ada', { age: 37 })], [])
    const file = folder.at('undone.json')
    expect((await run(['merge', 'draft', '--db', db])).status).toBe(0)
    await using universe = await openUniverse(db)
    await universe.commit('Later', [set('ada', { age: 38 })])

    const ended = await run(['revert', 'main0000', '--resolve', file, '--db', db])
    expect([ended.status, lines(ended)]).toEqual([
      4,
      ['! changed entity ada, "age"', '    base    37', '    ours    38', '    theirs  36'],
    ])
    writeFileSync(file, readFileSync(file, 'utf8').replace('"settle": null', '"settle": "base"'))
    expect((await run(['revert', 'main0000', '--resolve', file, '--db', db])).status).toBe(0)
    expect(await metadataOf(db, 'ada')).toMatchObject({ age: 37 })
    expect((await run(['revert', 'main', '--strategy', 'ours', '--db', db])).status).toBe(0)
  })
})
