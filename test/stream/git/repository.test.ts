import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { versionsOfGit } from '../../../src/stream/git.js'
import { makeRepository, recordsOf, runGit, type TestRepository } from './made.js'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'git-'))
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** Two commits: a module, then another that it imports. */
function makeHistory(...options: string[]): TestRepository {
  const repository = makeRepository(...options)
  repository.commit([{ path: 'src/a.js', content: "import './b.js'" }])
  repository.commit([{ path: 'src/b.js', content: '' }])
  return repository
}

describe('a repository', () => {
  it('is found at its folder, from inside its work tree, and in a linked work tree', async () => {
    using repository = makeHistory()
    const expected = await repository.records()
    const clone = join(folder, 'clone')
    runGit(folder, ['clone', '--quiet', repository.path, clone])
    runGit(clone, ['worktree', 'add', '--quiet', '--detach', join(folder, 'linked')])

    expect(expected).toHaveLength(2)
    for (const path of ['clone', 'clone/.git', 'clone/src', 'linked', 'linked/src']) {
      expect(await recordsOf(join(folder, path)), path).toEqual(expected)
    }
  })

  it('may have its HEAD at any commit', async () => {
    using repository = makeHistory()
    const root = repository.git(['rev-parse', 'main^'])
    repository.git(['update-ref', '--no-deref', 'HEAD', root])

    expect(await repository.records()).toMatchObject([{ version: root, branch: 'main' }])
  })

  it('may be shallow: it begins where the clone does', async () => {
    using repository = makeHistory()
    const [, last] = await repository.records()
    const shallow = join(folder, 'shallow')
    runGit(folder, ['clone', '--quiet', '--depth=1', `file://${repository.path}`, shallow])

    const [record, ...others] = await recordsOf(shallow)

    expect(others).toEqual([])
    expect(record).toMatchObject({ version: last?.version, parents: [], branch: 'main' })
    const created = record?.operations.filter(({ op }) => op === 'createEntity')
    expect(created?.map(({ id }) => id)).toEqual(['directory:', 'directory:src', 'file:src/a.js', 'file:src/b.js'])
  })

  it('may use SHA-256', async () => {
    using repository = makeHistory('--object-format=sha256')

    const records = await repository.records()

    expect(records.map(({ version }) => version.length)).toEqual([64, 64])
    expect(records[1]?.operations).toMatchObject([
      { metadata: { blob: expect.stringMatching(/^[0-9a-f]{64}$/) } },
      { relationType: expect.any(String) },
      { relationType: expect.any(String) },
    ])
  })

  it('may lack blobs: nothing is fetched, and what is missing imports nothing', async () => {
    using repository = makeHistory()
    repository.git(['config', 'uploadpack.allowFilter', 'true'])
    const partial = join(folder, 'partial')
    const filter = ['--filter=blob:none', '--no-checkout']
    runGit(folder, ['clone', '--quiet', ...filter, `file://${repository.path}`, partial])
    const trap = join(folder, 'fetched')
    runGit(partial, ['config', 'remote.origin.url', `ext::touch ${trap}`])
    runGit(partial, ['config', 'protocol.ext.allow', 'always'])

    const records = await recordsOf(partial)

    const relations = records
      .flatMap(({ operations }) => operations)
      .flatMap((operation) => ('relationType' in operation ? [operation.relationType] : []))
    expect(records).toHaveLength(2)
    expect(new Set(relations)).toEqual(new Set(['contains']))
    expect(existsSync(trap)).toBe(false)
    // The trap is one: any git that is run in the clone itself steps into it.
    expect(() => runGit(partial, ['cat-file', 'blob', 'main:src/a.js'])).toThrow()
    expect(existsSync(trap)).toBe(true)
  })

  it('says the same whatever it and its user configure, and runs nothing for them', async () => {
    using repository = makeHistory()
    const expected = await repository.records()
    const trap = join(folder, 'ran')
    const program = join(folder, 'program')
    writeFileSync(program, `#!/bin/sh\ntouch "${trap}"\n`, { mode: 0o755 })
    const settings = [
      ...['core.fsmonitor', 'core.pager', 'core.sshCommand', 'diff.external', 'gpg.program'],
      ...['diff.x.textconv', 'diff.x.command', 'filter.x.smudge', 'filter.x.process', 'pager.log'],
    ].map((name) => [name, program])
    settings.push(
      ['log.showSignature', 'true'],
      ['log.showRoot', 'false'],
      ['log.mailmap', 'true'],
      ['diff.renames', 'copies'],
      ['diff.relative', 'true'],
      ['diff.noprefix', 'true'],
      ['diff.ignoreSubmodules', 'all'],
      ['diff.orderFile', program],
      ['color.ui', 'always'],
      ['core.abbrev', '5'],
      ['core.hooksPath', folder],
      ['i18n.logOutputEncoding', 'UTF-16'],
      ['format.pretty', 'oneline'],
      ['alias.rev-list', `!${program}`],
    )
    const user = join(folder, 'user')
    for (const [name = '', value = ''] of settings) {
      repository.git(['config', name, value])
      runGit(folder, ['config', '--file', user, name, value])
    }
    mkdirSync(join(repository.path, 'info'), { recursive: true })
    writeFileSync(join(repository.path, 'info/attributes'), '* diff=x filter=x\n')
    writeFileSync(join(repository.path, 'index'), 'broken')
    vi.stubEnv('GIT_CONFIG_GLOBAL', user)
    vi.stubEnv('GIT_CONFIG_COUNT', '1')
    vi.stubEnv('GIT_CONFIG_KEY_0', 'core.fsmonitor')
    vi.stubEnv('GIT_CONFIG_VALUE_0', program)
    vi.stubEnv('GIT_EXTERNAL_DIFF', program)
    vi.stubEnv('LC_ALL', 'tr_TR.UTF-8')

    expect(await repository.records()).toEqual(expected)
    expect(existsSync(trap)).toBe(false)
    spawnSync('git', ['log', '--patch', '--ext-diff', 'main'], { cwd: repository.path })
    expect(existsSync(trap)).toBe(true) // else it was no trap
  })

  it('is the one asked for, whichever the environment names', async () => {
    using repository = makeHistory()
    const expected = await repository.records()
    using other = makeRepository()
    vi.stubEnv('GIT_DIR', other.path)
    vi.stubEnv('GIT_WORK_TREE', folder)
    vi.stubEnv('GIT_OBJECT_DIRECTORY', join(other.path, 'objects'))
    vi.stubEnv('GIT_NAMESPACE', 'elsewhere')

    expect(await repository.records()).toEqual(expected)
  })

  it('is read as it was written, without replacements and grafts', async () => {
    using repository = makeHistory()
    const expected = await repository.records()
    const [root = '', head = ''] = expected.map(({ version }) => version)
    using other = makeRepository()
    other.commit([{ path: 'other', content: '1' }])
    repository.git(['fetch', '--quiet', other.path, 'main:other'])
    repository.git(['replace', root, 'other'])
    mkdirSync(join(repository.path, 'info'), { recursive: true })
    writeFileSync(join(repository.path, 'info/grafts'), `${head}\n`)
    expect(repository.git(['rev-list', 'main'])).toBe(head) // else the graft was none

    expect(await repository.records()).toEqual(expected)
  })

  it('is not written to', async () => {
    using repository = makeHistory()
    const list = () => readdirSync(repository.path, { recursive: true }).sort()
    const before = list()

    await repository.records()

    expect(list()).toEqual(before)
  })
})

describe('what is no repository', () => {
  beforeEach(() => vi.stubEnv('GIT_CEILING_DIRECTORIES', tmpdir()))

  it('is not found', async () => {
    const missing = join(folder, 'missing')
    for (const path of [folder, missing]) {
      await expect(recordsOf(path)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        what: 'Git repository',
        id: path,
      })
    }
  })

  it('is told from a missing program', async () => {
    using repository = makeHistory()
    vi.stubEnv('PATH', folder)

    await expect(repository.records()).rejects.toMatchObject({ code: 'NOT_FOUND', id: 'git' })
  })

  it('is told from a damaged one, which gives versions up to the damage', async () => {
    using repository = makeHistory()
    repository.commit([{ path: 'c', content: '' }])
    const tree = repository.git(['rev-parse', 'main^{tree}'])
    rmSync(join(repository.path, 'objects', tree.slice(0, 2), tree.slice(2)))

    const versions = versionsOfGit(repository.path)

    expect(await versions.next()).toMatchObject({ value: { parents: [] } })
    await expect(versions.next()).rejects.toMatchObject({ code: 'INTEGRITY' })
  })

  it('has a HEAD that names no commit', async () => {
    using repository = makeHistory()
    for (const broken of ['0'.repeat(39).concat('1'), 'garbage']) {
      writeFileSync(join(repository.path, 'refs/heads/main'), `${broken}\n`)
      await expect(repository.records()).rejects.toMatchObject({ code: 'INTEGRITY' })
    }
  })
})
