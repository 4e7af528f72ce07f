import { describe, expect, it } from 'vitest'
import { operationGuard } from '../../../src/model/operation.js'
import { guardRecord, type VersionRecord } from '../../../src/model/record.js'
import { applyOperations } from '../../model/apply.js'
import type { Contents } from '../../model/state.js'
import { type Change, makeRepository, recordsOf, type TestRepository } from './made.js'

const groups = [...['deleteRelation', 'deleteEntity', 'createEntity', 'updateEntity', 'createRelation']]

/** The states after each record; each record passes the guard, its operations are in order. */
function replay(records: VersionRecord[]): Contents[] {
  const guard = operationGuard()
  let state: Contents = { entities: new Map(), relations: new Map() }
  return records.map((record, index) => {
    guardRecord(record, index + 1, guard)
    const keys = record.operations.map(({ op, id }) =>
      Buffer.concat([Buffer.from([groups.indexOf(op)]), Buffer.from(id)]),
    )
    expect(keys).toEqual([...keys].sort(Buffer.compare))
    state = applyOperations(state, record.operations)
    return state
  })
}

/** What `ls-tree` lists, one a line: mode, object (of a file), path. */
function listed(repository: TestRepository, commit: string): string[] {
  const entries = repository.git(['ls-tree', '-r', '-t', '-z', commit]).split('\0').filter(Boolean)
  return entries
    .map((entry) => {
      const [about = '', path] = entry.split('\t')
      const [mode, , object] = about.split(' ')
      return mode === '040000' ? `${mode} ${path}` : `${mode} ${object} ${path}`
    })
    .sort()
}

/** The same of a state, without the root. */
function held({ entities }: Contents): string[] {
  return [...entities.values()]
    .filter(({ id }) => id !== 'directory:')
    .map(({ metadata: { mode, blob, path } }) => [mode, blob, path].filter((x) => x).join(' '))
    .sort()
}

/** What is contained, and by what: the path of each, from the relations. */
function contained({ entities, relations }: Contents): Map<unknown, unknown> {
  const contains = [...relations.values()].filter((relation) => relation.relationType === 'contains')
  const pathOf = (id: string) => entities.get(id)?.metadata.path
  return new Map(contains.map(({ from, to }) => [pathOf(to), pathOf(from)]))
}

describe('a history', () => {
  it('replayed is at each commit what git lists there', async () => {
    using repository = makeRepository()
    const random = generator(7)
    const commits: string[] = []
    let paths: string[] = []
    for (let round = 0; round < 50; round++) {
      const changes = changesOf(random, paths)
      const merged = round % 10 === 9 ? [commits[round - 1] ?? '', commits[random(round)] ?? ''] : undefined
      commits.push(repository.commit(changes, merged ? { parents: merged } : {}))
      const files = repository.git(['ls-tree', '-r', '-z', '--name-only', 'main'])
      paths = files.split('\0').filter(Boolean)
    }

    const records = await repository.records()
    const states = replay(records)

    const counts = { replacements: 0, imports: 0 }
    expect(records.map(({ version }) => version)).toEqual(commits)
    for (const [index, state] of states.entries()) {
      const commit = commits[index] ?? ''
      expect(held(state)).toEqual(listed(repository, commit))
      const holders = contained(state)
      expect(holders.size).toBe(state.entities.size - 1)
      for (const [path, holder] of holders) {
        expect(holder).toBe(String(path).split('/').slice(0, -1).join('/'))
      }
      // The same tree without a history: what is kept from commit to commit is what is there.
      const alone = repository.git(['commit-tree', `${commit}^{tree}`, '-m', 'alone'])
      repository.git(['update-ref', '--no-deref', 'HEAD', alone])
      expect(state).toEqual(replay(await recordsOf(repository.path))[0])

      const { operations } = records[index] ?? { operations: [] }
      const touched = operations.map(({ op, id }) => `${op} ${id.replace(/^\w+:/, '')}`)
      const deleted = touched.filter((line) => line.startsWith('deleteEntity '))
      counts.replacements += deleted.filter((line) => touched.includes(line.replace('delete', 'create'))).length
      counts.imports += operations.filter(({ id }) => id.startsWith('imports:')).length
    }
    expect(counts.replacements).toBeGreaterThan(10) // else no file became a directory
    expect(counts.imports).toBeGreaterThan(100)
  })

  it('may hold empty directories', async () => {
    using repository = makeRepository()
    const empty = repository.git(['mktree'])
    const outer = repository.git(['mktree'], `040000 tree ${empty}\tinner\n`)
    commitTree(repository, `040000 tree ${outer}\touter\n`)
    commitTree(repository, '')

    const [full, none] = replay(await repository.records())

    expect(full && held(full)).toEqual(['040000 outer', '040000 outer/inner'])
    expect(none && held(none)).toEqual([])
  })

  it('stays whole where a tree is broken: every entry has its directory', async () => {
    using repository = makeRepository()
    const blob = repository.git(['hash-object', '-w', '--stdin'], '1')
    commitTree(repository, `100644 ${blob}\ta/b\n100644 ${blob}\tc\n`)
    commitTree(repository, `100644 ${blob}\ta/b\n100664 ${blob}\tc\n100644 ${blob}\tc\n`)
    commitTree(repository, `100644 ${blob}\tc\n`)

    const [first] = replay(await repository.records())

    expect(first && held(first)).toEqual(['040000 a', `100644 ${blob} a/b`, `100644 ${blob} c`])
  })
})

/** A commit of a tree that no porcelain would write: one entry a line, `mode object TAB name`. */
function commitTree(repository: TestRepository, entries: string): void {
  const lines = entries.split('\n').filter(Boolean)
  const content = lines.flatMap((line) => {
    const [about = '', name = ''] = line.split('\t')
    const [mode = '', ...rest] = about.split(' ')
    const id = Buffer.from(rest.at(-1) ?? '', 'hex')
    return [Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`), id]
  })
  const write = ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally']
  const tree = repository.git(write, Buffer.concat(content))
  const head = repository.git(['for-each-ref', '--format=%(objectname)', 'refs/heads/main'])
  const author = 'Ada <ada@example.org> 1 +0000'
  const parent = head ? `parent ${head}\n` : ''
  repository.rawCommit(`tree ${tree}\n${parent}author ${author}\ncommitter ${author}\n\nx\n`)
}

/** Whole numbers below a bound, the same in every run (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Few names, each both a file's and a directory's, so that they take each other's place. */
function changesOf(random: (below: number) => number, paths: string[]): Change[] {
  const names = ['a', 'b', 'index', 'a.ts', 'b.js', 'index.js', 'a.js', 'b.tsx', 'ä.js', 'index.ts']
  const name = () => names[random(names.length)] ?? ''
  const content = () => `import '${['./', './', '../', './a/'][random(4)]}${name()}'\n`
  const modes = ['100644', '100644', '100644', '100755', '120000']
  const changes: Change[] = []
  const isClear = (path: string) => changes.every((change) => !overlap(path, String(change.path)))

  for (let count = random(6); count > 0; count--) {
    const path = Array.from({ length: 1 + random(3) }, name).join('/')
    if (!isClear(path)) continue
    const file = { path, content: Array.from({ length: 5 }, content).join('') }
    if (random(12) === 0) changes.push({ path, object: '1'.repeat(40), mode: '160000' })
    else changes.push({ ...file, mode: modes[random(modes.length)] ?? '' })
  }
  for (const path of paths) {
    if (random(12) === 0 && isClear(path)) changes.push({ path, deleted: true })
  }
  return changes
}

/** Whether one path is the other or stands below it. */
function overlap(a: string, b: string): boolean {
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`)
}
