import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openUniverse } from '../../src/index.js'
import type { Operation } from '../../src/model/operation.js'
import type { VersionRecord } from '../../src/model/record.js'
import { countOfGit } from '../../src/stream/git/count.js'
import { versionsOfGit } from '../../src/stream/git.js'
import { collect } from '../given/collect.js'
import { makeRepository } from './git/made.js'

/** The operations of a record as short lines; a relation by its ends, which `records` may hold. */
function linesOf(record: VersionRecord | undefined, records: VersionRecord[]): string[] {
  const ends = new Map<string, string>()
  for (const operation of records.flatMap(({ operations }) => operations)) {
    if (operation.op !== 'createRelation') continue
    ends.set(operation.id, `${operation.from} ${operation.relationType} ${operation.to}`)
  }
  const lineOf = (operation: Operation) => {
    const changes = 'changes' in operation ? operation.changes.map(({ path }) => ` ${path}`) : []
    return `${operation.op} ${ends.get(operation.id) ?? operation.id}${changes.join('')}`
  }
  return (record?.operations ?? []).map(lineOf)
}

describe('the versions of a git repository', () => {
  it('are its commits from the root on, each on the one before, the last of them main', async () => {
    using repository = makeRepository()
    const first = repository.commit([{ path: 'a', content: '1' }], { message: 'Begin\n\nWhy.\n' })
    const second = repository.commit([{ path: 'a', content: '2' }], { message: 'Go on\n' })

    const records = await repository.records()

    expect(records).toMatchObject([
      {
        version: first,
        parents: [],
        timestamp: 1_700_000_001_000,
        owner: 'Ada',
        description: 'Begin\n\nWhy.',
      },
      { version: second, parents: [first], timestamp: 1_700_000_002_000, branch: 'main' },
    ])
    expect(records[0]).not.toHaveProperty('branch')
  })

  it('are counted before they are made', async () => {
    using repository = makeRepository()
    expect(await countOfGit(repository.path)).toBe(0)
    const root = repository.commit([{ path: 'a', content: '1' }])
    const side = repository.commit([{ path: 'a', content: '2' }], { parents: [root] })
    repository.commit([{ path: 'a', content: '3' }], { parents: [root, side] })
    expect(await countOfGit(repository.path)).toBe((await repository.records()).length)
  })

  it('create an entity for each file and directory, and a relation from each to its entries', async () => {
    using repository = makeRepository()
    repository.commit([{ path: 'src/index.txt', content: 'x' }])

    const [record] = await repository.records()

    expect(record?.operations).toEqual([
      {
        op: 'createEntity',
        id: 'directory:',
        entityType: 'directory',
        metadata: { path: '', mode: '040000' },
      },
      {
        op: 'createEntity',
        id: 'directory:src',
        entityType: 'directory',
        metadata: { path: 'src', mode: '040000' },
      },
      {
        op: 'createEntity',
        id: 'file:src/index.txt',
        entityType: 'file',
        metadata: {
          path: 'src/index.txt',
          mode: '100644',
          blob: 'c1b0730e0133447badcfd47fd144e254807b06e1',
        },
      },
      {
        op: 'createRelation',
        // The SHA-256 of 'directory:', a line feed, 'directory:src'.
        id: 'contains:033ff976a8242bb7da17826c7bee612196cf8fc50cc543e4434b7653b1c2eb67',
        relationType: 'contains',
        from: 'directory:',
        to: 'directory:src',
        metadata: {},
      },
      expect.objectContaining({ from: 'directory:src', to: 'file:src/index.txt' }),
    ])
  })

  it('change what changed and no directory above it', async () => {
    using repository = makeRepository()
    repository.commit([
      { path: 'd/e/a', content: '1' },
      { path: 'd/e/b', content: '1' },
      { path: 'gone/c', content: '1' },
    ])
    repository.commit([
      { path: 'd/e/a', content: '2' },
      { path: 'd/e/b', content: '1', mode: '100755' },
      { path: 'gone/c', deleted: true },
      { path: 'new', content: '1' },
    ])

    const records = await repository.records()

    expect(linesOf(records[1], records)).toEqual([
      'deleteRelation directory: contains directory:gone',
      'deleteRelation directory:gone contains file:gone/c',
      'deleteEntity directory:gone',
      'deleteEntity file:gone/c',
      'createEntity file:new',
      'updateEntity file:d/e/a /blob',
      'updateEntity file:d/e/b /mode',
      'createRelation directory: contains file:new',
    ])
  })

  it('replace a file by a directory of its name, and back', async () => {
    using repository = makeRepository()
    repository.commit([{ path: 'a', content: '1' }])
    repository.commit([{ path: 'a/b', content: '1' }])
    repository.commit([{ path: 'a', content: '1' }])

    const records = await repository.records()

    expect(linesOf(records[1], records)).toEqual([
      'deleteRelation directory: contains file:a',
      'deleteEntity file:a',
      'createEntity directory:a',
      'createEntity file:a/b',
      expect.stringMatching(/^createRelation/),
      expect.stringMatching(/^createRelation/),
    ])
    expect(linesOf(records[2], records)).toContain('deleteEntity directory:a')
    expect(linesOf(records[2], records)).toContain('createEntity file:a')
  })

  it('know links, executables and submodules as files by their mode', async () => {
    using repository = makeRepository()
    const submodule = 'a94a8fe5ccb19ba61c4c0873d391e987982fbbd3'
    repository.commit([
      { path: 'link', content: 'target', mode: '120000' },
      { path: 'program', content: '#!', mode: '100755' },
      { path: 'sub', object: submodule, mode: '160000' },
    ])
    repository.commit([{ path: 'link', content: 'target' }])

    const records = await repository.records()

    expect(records[0]?.operations).toMatchObject([
      { id: 'directory:' },
      { id: 'file:link', entityType: 'file', metadata: { mode: '120000' } },
      { id: 'file:program', entityType: 'file', metadata: { mode: '100755' } },
      { id: 'file:sub', entityType: 'file', metadata: { mode: '160000', blob: submodule } },
      {},
      {},
      {},
    ])
    expect(records[1]?.operations).toEqual([
      {
        op: 'updateEntity',
        id: 'file:link',
        changes: [{ op: 'set', path: '/mode', value: '100644' }],
      },
    ])
  })

  it('follow first parents: a merge brings what it changed there, in one version', async () => {
    using repository = makeRepository()
    const root = repository.commit([{ path: 'a', content: '1' }])
    const side = repository.commit([{ path: 'side', content: '1' }], { parents: [root] })
    const ours = repository.commit([{ path: 'a', content: '2' }], { parents: [root] })
    const merge = repository.commit([{ path: 'side', content: '1' }], { parents: [ours, side] })

    const records = await repository.records()

    expect(records.map(({ version, parents }) => [version, ...parents])).toEqual([[root], [ours, root], [merge, ours]])
    expect(linesOf(records[2], records)).toEqual([
      'createEntity file:side',
      'createRelation directory: contains file:side',
    ])
  })

  it('are recorded even where nothing changed, be the tree empty', async () => {
    using repository = makeRepository()
    repository.commit([], { message: '' })
    repository.commit([{ path: 'a', content: '1' }], { message: '' })
    repository.commit([])

    const records = await repository.records()

    expect(records.map((record) => linesOf(record, records))).toEqual([
      ['createEntity directory:'],
      ['createEntity file:a', 'createRelation directory: contains file:a'],
      [],
    ])
    expect(records[1]?.description).toBe('')
  })

  it('are none where HEAD has no commit', async () => {
    using repository = makeRepository()
    expect(await repository.records()).toEqual([])

    repository.commit([{ path: 'a', content: '1' }])
    repository.git(['symbolic-ref', 'HEAD', 'refs/heads/other'])
    expect(await repository.records()).toEqual([])
  })

  it('can be very many, and one of them very large', async () => {
    using repository = makeRepository()
    const names = Array.from({ length: 20_000 }, (_, index) => `d${index % 100}/f${index}.js`)
    repository.commit(names.map((path) => ({ path, content: "import './f0.js'" })))
    const tree = repository.git(['rev-parse', 'main^{tree}'])
    const commits = Array.from({ length: 2_000 }, (_, index) => {
      const parent = index === 0 ? 'from refs/heads/main^0\n' : ''
      return `commit refs/heads/main\ncommitter A <a> ${index} +0000\ndata 0\n${parent}M 040000 ${tree} \n`
    })
    repository.git(['fast-import', '--quiet'], commits.join(''))

    const records = await repository.records()

    expect(records).toHaveLength(2_001)
    // Files and 100 directories with their relations, the root; in d0 all of the 200 import d0/f0.js.
    expect(records[0]?.operations).toHaveLength(2 * 20_000 + 2 * 100 + 1 + 200)
  })

  it('stop where the reader stops, and leave no git behind', async () => {
    using repository = makeRepository()
    for (const content of ['1', '2', '3']) repository.commit([{ path: 'a.js', content }])

    for await (const record of versionsOfGit(repository.path)) {
      expect(record.parents).toEqual([])
      break
    }
    await expect.poll(() => process.getActiveResourcesInfo()).not.toContain('ProcessWrap')
  })

  it('stop with AbortError when the signal says so', async () => {
    using repository = makeRepository()
    for (const content of ['1', '2', '3']) repository.commit([{ path: 'a', content }])

    const abort = new AbortController()
    const versions = versionsOfGit(repository.path, { signal: abort.signal })
    await versions.next()
    abort.abort()

    await expect(versions.next()).rejects.toMatchObject({ code: 'ABORT' })
    const late = versionsOfGit(repository.path, { signal: AbortSignal.abort() })
    await expect(late.next()).rejects.toMatchObject({ code: 'ABORT' })
  })
})

describe('all versions of a git repository', () => {
  const heads = async (universe: Awaited<ReturnType<typeof openUniverse>>) =>
    Object.fromEntries((await universe.branches()).map(({ name, head }) => [name, head?.versionId]))

  it('keep merges, roots and the names of branches, each with the tree that git has of it', async () => {
    using repository = makeRepository()
    const { git } = repository
    const root = repository.commit([
      { path: 'a/x.ts', content: 'import "./y"' },
      { path: 'a/y.ts', content: '' },
    ])
    const side = repository.commit([{ path: 'b/z.ts', content: 'import "../a/x"' }], { parents: [root] })
    git(['update-ref', 'refs/heads/side', side])
    const trunk = repository.commit(
      [
        { path: 'a/y.ts', deleted: true },
        { path: 'c', content: '1' },
      ],
      { parents: [root] },
    )
    const merge = repository.commit([{ path: 'b/z.ts', content: 'import "../a/x"' }], { parents: [trunk, side] })
    const alien = repository.commit([{ path: 'lone', content: '' }], { parents: [] })
    git(['update-ref', 'refs/heads/alien', alien])
    git(['update-ref', 'refs/heads/main', merge])
    git(['update-ref', 'refs/heads/same', merge])

    expect(await countOfGit(repository.path, { all: true })).toBe(5)
    await using universe = await openUniverse(':memory:')
    await universe.import(versionsOfGit(repository.path, { all: true }))
    expect(await heads(universe)).toEqual({ main: merge, alien, same: merge, side })
    expect(await universe.versions.get(merge)).toMatchObject({ parents: [trunk, side] })
    expect(await universe.versions.get(alien)).toMatchObject({ parents: [] })
    for (const commit of [root, side, trunk, merge, alien]) {
      const files = git(['ls-tree', '-r', '--name-only', commit]).split('\n')
      const found: string[] = []
      for await (const { id } of universe.at(commit).eachEntity({ type: 'file' })) found.push(id)
      expect(found).toEqual(files.map((path) => `file:${path}`))
    }
    const importers = async (commit: string) =>
      (await universe.at(commit).relations({ type: 'imports' })).items.map(({ from, to }) => `${from} ${to}`).sort()
    expect(await importers(side)).toEqual(['file:a/x.ts file:a/y.ts', 'file:b/z.ts file:a/x.ts'])
    expect(await importers(merge)).toEqual(['file:b/z.ts file:a/x.ts'])
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('call what is not HEAD by its full name, where it would be main', async () => {
    using repository = makeRepository()
    const first = repository.commit([{ path: 'a', content: '1' }])
    const second = repository.commit([{ path: 'a', content: '2' }])
    repository.git(['update-ref', 'refs/heads/develop', first])
    repository.git(['symbolic-ref', 'HEAD', 'refs/heads/develop'])

    await using universe = await openUniverse(':memory:')
    await universe.import(versionsOfGit(repository.path, { all: true }))
    expect(await heads(universe)).toEqual({ main: first, develop: first, 'refs/heads/main': second })
  })

  it('call a branch that is named as a commit, or as another is called in full, by its full name', async () => {
    using repository = makeRepository()
    const first = repository.commit([{ path: 'a', content: '1' }])
    const second = repository.commit([{ path: 'a', content: '2' }])
    for (const [name, commit] of [
      [first, second],
      [second, second],
      ['develop', first],
      ['refs/heads/main', first],
      ['refs/heads/develop', second],
      [`refs/heads/${second}`, first],
    ]) {
      repository.git(['update-ref', `refs/heads/${name}`, commit as string])
    }
    repository.git(['symbolic-ref', 'HEAD', 'refs/heads/develop'])

    await using universe = await openUniverse(':memory:')
    for (const [imported, skipped] of [
      [2, 0],
      [0, 2],
    ]) {
      expect(await universe.import(versionsOfGit(repository.path, { all: true }))).toEqual({ imported, skipped })
    }
    expect(await heads(universe)).toEqual({
      main: first,
      develop: first,
      'refs/heads/develop': second,
      'refs/heads/main': second,
      'refs/heads/refs/heads/main': first,
      [`refs/heads/${first}`]: second,
      [`refs/heads/${second}`]: second,
      [`refs/heads/refs/heads/${second}`]: first,
    })
  })

  it('leave what cannot be named without a name, and say so', async () => {
    using repository = makeRepository()
    const first = repository.commit([{ path: 'a', content: '1' }])
    const second = repository.commit([{ path: 'a', content: '2' }])
    const long = 'n'.repeat(200)
    const names = ['x\u00fe', 'x\u00ff', 'c\u00c2\u0085', `${long}/${long}/${long}`, '-dash', '\u00e2\u0082\u00ac']
    const lines = names.map((name, at) => `${at % 2 ? first : second} refs/heads/${name}\n`).sort()
    writeFileSync(join(repository.path, 'packed-refs'), Buffer.from(lines.join(''), 'latin1'))

    const omissions: string[] = []
    const onOmission = (omission: string) => omissions.push(omission)
    await using universe = await openUniverse(':memory:')
    expect(await universe.import(versionsOfGit(repository.path, { all: true, onOmission }))).toMatchObject({
      imported: 2,
    })

    expect(await heads(universe)).toEqual({ main: second, 'refs/heads/-dash': second, '\u20ac': first })
    expect(omissions.sort()).toEqual([
      expect.stringMatching(/"c\u0085".*control character/),
      expect.stringMatching(/"n+\/n+\/n+".*longer/),
      expect.stringMatching(/"x\ufffd".*no UTF-8/),
      expect.stringMatching(/"x\ufffd".*no UTF-8/),
    ])
  })

  it('are those of the branches where HEAD has no commit yet; main is the longest chain or the branch of that name', async () => {
    using repository = makeRepository()
    const first = repository.commit([{ path: 'a', content: '1' }])
    const second = repository.commit([{ path: 'a', content: '2' }])
    repository.git(['update-ref', 'refs/heads/side', first])
    repository.git(['symbolic-ref', 'HEAD', 'refs/heads/unborn'])
    const omissions: string[] = []
    const onOmission = (omission: string) => omissions.push(omission)
    const take = async (all: boolean) => {
      const universe = await openUniverse(':memory:')
      await universe.import(versionsOfGit(repository.path, { all, onOmission }))
      return universe
    }

    await using named = await take(true)
    expect(await heads(named)).toEqual({ main: second, side: first })
    repository.git(['branch', '--move', 'main', 'trunk'])
    await using unnamed = await take(true)
    expect(await heads(unnamed)).toEqual({ main: second, trunk: second, side: first })
    expect(await countOfGit(repository.path, { all: true })).toBe(2)
    expect(omissions).toEqual([])

    await using none = await take(false)
    expect(await heads(none)).toEqual({ main: undefined })
    expect(await countOfGit(repository.path)).toBe(0)
    using empty = makeRepository()
    for (const all of [true, false]) await collect(versionsOfGit(empty.path, { all, onOmission }))
    const nothing = 'The repository has no commit yet.'
    expect(omissions).toEqual(['HEAD has no commit yet; branches have, and --all takes them.', nothing, nothing])
  })
})
