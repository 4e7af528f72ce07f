import { describe, expect, it } from 'vitest'
import type { VersionRecord } from '../../../src/model/record.js'
import { type Change, makeRepository, type TestRepository } from './made.js'

/** What begins (`+`) and ends (`-`) to be imported in each version: `+ importer → imported`. */
async function importsOf(repository: TestRepository): Promise<string[][]> {
  const records = await repository.records()
  const ends = new Map<string, string>()
  const changes = ({ operations }: VersionRecord) =>
    operations.flatMap((operation) => {
      if (operation.op === 'createRelation' && operation.relationType === 'imports') {
        const [from, to] = [operation.from.replace('file:', ''), operation.to.replace('file:', '')]
        ends.set(operation.id, `${from} → ${to}`)
        return [`+ ${from} → ${to}`]
      }
      const isImport = operation.op === 'deleteRelation' && ends.has(operation.id)
      return isImport ? [`- ${ends.get(operation.id)}`] : []
    })
  return records.map((record) => changes(record).sort())
}

/** Each step is a commit: contents by path; null deletes. */
async function importsIn(...steps: Record<string, string | null>[]): Promise<string[][]> {
  using repository = makeRepository()
  for (const step of steps) {
    const changes = Object.entries(step).map(
      ([path, content]): Change => (content === null ? { path, deleted: true } : { path, content }),
    )
    repository.commit(changes)
  }
  return await importsOf(repository)
}

describe('imports', () => {
  it('lead from a module to the files of the same commit that its specifiers mean', async () => {
    const [imports] = await importsIn({
      'src/a.ts': "import './b.js'\nimport 'c'\nexport * from '../lib'\nimport './missing'",
      'src/b.ts': "import type { A } from './a'",
      'lib/index.tsx': "import './style.css'",
      'lib/style.css': '',
      'c.js': '',
    })

    expect(imports).toEqual([
      '+ lib/index.tsx → lib/style.css',
      '+ src/a.ts → lib/index.tsx',
      '+ src/a.ts → src/b.ts',
      '+ src/b.ts → src/a.ts',
    ])
  })

  it('are one for a pair, however many specifiers mean it, and may lead back', async () => {
    const [imports] = await importsIn({
      'a.js': "import './b'\nimport './b.js'\nimport './a'",
      'b.js': '',
    })
    expect(imports).toEqual(['+ a.js → a.js', '+ a.js → b.js'])
  })

  it('end and begin with the specifiers of the module', async () => {
    const imports = await importsIn(
      { 'a.js': "import './b'\nimport './c'", 'b.js': '', 'c.js': '' },
      { 'a.js': "import './c'" },
      { 'a.js': "// import './c'" },
      { 'a.js': "import './b'" },
      { 'a.js': null },
    )
    expect(imports.slice(1)).toEqual([['- a.js → b.js'], ['- a.js → c.js'], ['+ a.js → b.js'], ['- a.js → b.js']])
  })

  it('follow the files that appear and disappear, though the module stays as it is', async () => {
    const imports = await importsIn(
      { 'a.js': "import './b'" },
      { 'b/index.js': '' },
      { 'b.js': '' },
      { 'b.ts': '' },
      { b: '', 'b/index.js': null },
      { b: null, 'b.ts': null },
      { 'b.js': null },
    )
    expect(imports).toEqual([
      [],
      ['+ a.js → b/index.js'],
      ['+ a.js → b.js', '- a.js → b/index.js'],
      ['+ a.js → b.ts', '- a.js → b.js'],
      ['+ a.js → b', '- a.js → b.ts'],
      ['+ a.js → b.js', '- a.js → b'],
      ['- a.js → b.js'],
    ])
  })

  it('of a moved module are resolved from where it is now', async () => {
    const source = "import './b'"
    const imports = await importsIn({ 'a.js': source, 'b.js': '', 'd/b.js': '' }, { 'a.js': null, 'd/a.js': source })
    expect(imports[1]).toEqual(['+ d/a.js → d/b.js', '- a.js → b.js'])
  })

  it('are of regular files that are text and no larger than 1 MiB', async () => {
    using repository = makeRepository()
    const source = "import './b'\n"
    const large = source + ' '.repeat(1_048_576 - source.length)
    repository.commit([
      { path: 'b.js', content: '' },
      { path: 'link.js', content: source, mode: '120000' },
      { path: 'program.js', content: source, mode: '100755' },
      { path: 'sub.js', object: '1'.repeat(40), mode: '160000' },
      { path: 'binary.js', content: `\0${source}` },
      { path: 'large.js', content: large },
      { path: 'larger.js', content: `${large} ` },
      { path: 'text.md', content: source },
      { path: 'source.d.mts', content: source },
      { path: 'source.cjs', content: source },
    ])
    repository.commit([{ path: 'link.js', content: source }])
    repository.commit([{ path: 'program.js', content: source, mode: '120000' }])

    expect(await importsOf(repository)).toEqual([
      [...['+ large.js → b.js', '+ program.js → b.js', '+ source.cjs → b.js'], '+ source.d.mts → b.js'],
      ['+ link.js → b.js'],
      ['- program.js → b.js'],
    ])
  })

  it('lead to links, never to submodules', async () => {
    using repository = makeRepository()
    repository.commit([
      { path: 'a.js', content: "import './link.js'\nimport './sub'" },
      { path: 'link.js', content: 'b.js', mode: '120000' },
      { path: 'sub', object: '1'.repeat(40), mode: '160000' },
    ])
    repository.commit([{ path: 'sub', content: '' }])
    repository.commit([{ path: 'sub', object: '1'.repeat(40), mode: '160000' }])

    expect(await importsOf(repository)).toEqual([['+ a.js → link.js'], ['+ a.js → sub'], ['- a.js → sub']])
  })

  it('compare paths by bytes, whatever their encoding', async () => {
    using repository = makeRepository()
    repository.commit([
      { path: 'a.js', content: Buffer.from("import './caf\xe9'\nimport './é'", 'latin1') },
      { path: 'u.js', content: "import './é'" },
      { path: Buffer.from('caf\xe9.js', 'latin1'), content: '' },
      { path: 'é.js', content: '' },
    ])

    const [imports] = await importsOf(repository)

    expect(imports).toEqual([expect.stringMatching(/^\+ a\.js → sha256:/), '+ u.js → é.js'])
  })

  it('are found again in a source that was forgotten', async () => {
    const many = (name: string) => Array.from({ length: 60_000 }, (_, index) => `import'./${name}${index}'`).join('\n')
    const [a, b] = [many('a'), many('b')]
    const imports = await importsIn(
      { 'a1.js': '', 'b1.js': '', 'first.js': a },
      { 'second.js': b },
      { 'third.js': a, 'fourth.js': b },
    )
    expect(imports).toEqual([
      ['+ first.js → a1.js'],
      ['+ second.js → b1.js'],
      ['+ fourth.js → b1.js', '+ third.js → a1.js'],
    ])
  })
})
