/** The commands that make, fill and copy a universe: init, import, import-git, migrate, export, backup, verify. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { openDriver } from '../../src/database/sqlite/driver.js'
import { runGit } from '../stream/git/made.js'
import { errorOf, makeFolder, makeSample, run, stream } from './run.js'

const folder = makeFolder()
afterAll(() => folder[Symbol.dispose]())

const parsed = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe.concurrent('init', () => {
  it('makes a universe once', async () => {
    const db = folder.at('init.db')
    const first = await run(['init', '--db', db])
    expect(first).toEqual({ status: 0, stdout: `${db}\n`, stderr: '' })
    const again = await run(['init', '--db', db, '--json'])
    expect(JSON.parse(again.stdout)).toEqual({ path: db, created: false })
    const inMemory = await run(['init', '--db', ':memory:', '--json'])
    expect([inMemory.status, errorOf(inMemory).code]).toEqual([2, 'USAGE'])
    expect(JSON.parse((await run(['stats', '--db', db, '--json'])).stdout)).toMatchObject({ versions: 0, branches: 1 })
  })
})

describe.concurrent('import', () => {
  it('takes a file or stdin, plain or gzip, and passes over what is there', async () => {
    const [db, file] = [folder.at('import.db'), folder.at('stream.ndjson')]
    writeFileSync(file, stream)
    const first = await run(['import', file, '--db', db])
    expect(first).toEqual({ status: 0, stdout: 'imported 3, skipped 0\n', stderr: '' })
    const again = await run(['import', '-', '--db', db, '--json'], { input: gzipSync(stream) })
    expect(JSON.parse(again.stdout)).toEqual({ imported: 0, skipped: 3 })
  })

  it('keeps what came before a bad line, and goes on where it ended', async () => {
    const db = folder.at('resumed.db')
    const lines = stream.split('\n')
    const bad = await run(['import', '-', '--json', '--db', db], { input: `${lines[0]}\n{"version":9007199254740993}` })
    expect([bad.status, errorOf(bad).code]).toEqual([5, 'VALIDATION'])
    expect(errorOf(bad).details).toMatchObject({ line: 2 })
    const rest = await run(['import', '-', '--db', db], { input: stream })
    expect(rest.stdout).toBe('imported 2, skipped 1\n')
  })

  it('makes no universe for a file or a repository that is not there', async () => {
    const db = folder.at('nothing.db')
    const ended = await Promise.all([
      run(['import', folder.at('nothing.ndjson'), '--db', db]),
      run(['import-git', folder.at('.'), '--db', db], { env: { GIT_CEILING_DIRECTORIES: folder.at('..') } }),
    ])
    expect(ended.map(({ status }) => status)).toEqual([3, 3])
    expect(existsSync(db)).toBe(false)
  })

  it('stops at SIGINT with 130, and the next import goes on', async () => {
    const db = folder.at('interrupted.db')
    const ended = run(['import', '-', '--db', db], {
      // Only the signal can end it.
      keepStdin: true,
      onStart: (child) => {
        child.stdin.write(stream.split('\n')[0] ?? '')
        const isOpen = setInterval(() => {
          if (!existsSync(`${db}-wal`)) return
          clearInterval(isOpen)
          setTimeout(() => child.kill('SIGINT'), 200)
        }, 20)
      },
    })
    const { status, stdout, stderr } = await ended
    expect([status, stdout]).toEqual([130, ''])
    expect(stderr).toContain('Interrupted')
    expect((await run(['import', '-', '--db', db], { input: stream })).stdout).toBe('imported 3, skipped 0\n')
  })
})

describe.concurrent('import-git', () => {
  it('adds the history of a repository', async () => {
    const [db, repository] = [folder.at('git.db'), folder.at('repository')]
    runGit(folder.at('.'), ['init', '--quiet', '--initial-branch=main', repository])
    writeFileSync(`${repository}/a.ts`, "import './b.js'\n")
    writeFileSync(`${repository}/b.ts`, '')
    runGit(repository, ['add', '.'])
    runGit(repository, ['commit', '--quiet', '--message', 'Two modules'])
    const first = await run(['import-git', repository, '--db', db])
    expect(first).toEqual({ status: 0, stdout: 'imported 1, skipped 0\n', stderr: '' })
    const [again, neighbours] = await Promise.all([
      run(['import-git', repository, '--db', db, '--json']),
      run(['neighbours', 'file:a.ts', '--db', db]),
    ])
    expect(JSON.parse(again.stdout)).toEqual({ imported: 0, skipped: 1 })
    expect(neighbours.stdout).toBe('→  imports  file:b.ts  file\n')
  })
})

describe.concurrent('import-git of what cannot be named', () => {
  it('says on stderr what is left out, a line each, and is no failure', async () => {
    const [db, repository] = [folder.at('named.db'), folder.at('named')]
    runGit(folder.at('.'), ['init', '--quiet', '--initial-branch=main', repository])
    runGit(repository, ['commit', '--quiet', '--allow-empty', '--message', 'Begin'])
    runGit(repository, ['update-ref', 'refs/heads/c\u0085', 'main'])
    const ended = await run(['import-git', repository, '--all', '--db', db])
    expect(ended).toMatchObject({ status: 0, stdout: 'imported 1, skipped 0\n' })
    expect(ended.stderr).toMatch(/^warning: The branch "c\ufffd" .*control character\.\n$/)

    runGit(repository, ['symbolic-ref', 'HEAD', 'refs/heads/unborn'])
    const unborn = await run(['import-git', repository, '--json', '--db', db])
    expect(JSON.parse(unborn.stdout)).toEqual({ imported: 0, skipped: 0 })
    expect(JSON.parse(unborn.stderr).warning).toMatch(/^HEAD has no commit yet/)
  })
})

describe.concurrent('migrate', () => {
  it('brings a schema up to date step by step, and lists it', async () => {
    const db = folder.at('migrated.db')
    const up = await run(['migrate', 'up', '--db', db, '--json'])
    expect(JSON.parse(up.stdout).items).toHaveLength(1)
    const list = JSON.parse((await run(['migrate', 'list', '--db', db, '--json'])).stdout).items
    expect(list[0].executedAt).toBeTypeOf('number')
    expect(list.at(-1).executedAt).toBeNull()
    expect((await run(['log', '--db', db, '--json'])).status).toBe(1)
    await run(['migrate', 'latest', '--db', db])
    expect((await run(['migrate', 'latest', '--db', db])).stdout).toBe('up to date\n')
    expect((await run(['log', '--db', db, '--json'])).stdout).toBe('{\n  "items": []\n}\n')
  })

  it('runs once when two processes ask at once', async () => {
    const db = folder.at('raced.db')
    const ended = await Promise.all([1, 2, 3].map(() => run(['migrate', 'latest', '--db', db, '--json'])))
    expect(ended.map(({ status, stderr }) => [status, stderr])).toEqual([1, 2, 3].map(() => [0, '']))
    const ran = ended.flatMap(({ stdout }) => JSON.parse(stdout).items)
    const { items } = JSON.parse((await run(['migrate', 'list', '--db', db, '--json'])).stdout)
    expect(ran).toHaveLength(items.length)
  })

  it('takes nothing back that versions live in, unless forced', async () => {
    const db = await makeSample(folder.at('down.db'))
    const refused = await run(['migrate', 'down', '--db', db, '--json'])
    expect([refused.status, errorOf(refused).code]).toEqual([4, 'VERSIONS_LOST'])
    expect(errorOf(refused).details).toEqual({ versions: 3 })
    expect((await run(['stats', '--db', db])).status).toBe(0)
    const forced = await run(['migrate', 'down', '--force', '--db', db])
    expect([forced.status, forced.stdout]).toEqual([0, expect.stringMatching(/^down {2}\d{4}_/)])
  })
})

describe.concurrent('export', () => {
  it('writes what import reads, to stdout or a file', async () => {
    const db = await makeSample(folder.at('export.db'))
    const file = folder.at('out.ndjson.gz')
    const [all, some, toFile, nowhere] = await Promise.all([
      run(['export', '--db', db]),
      run(['export', '--db', db, '--from', 'aaaa1111-f', '--to', '2024-02-15']),
      run(['export', '--db', db, '-o', file]),
      run(['export', '--db', db, '-o', folder.at('no/such/folder'), '--json']),
    ])
    expect(parsed(all.stdout)).toMatchObject(parsed(stream))
    expect(parsed(some.stdout).map(({ version }) => version)).toEqual(['aaaa1111-second'])
    expect(toFile).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(gunzipSync(readFileSync(file)).toString()).toBe(all.stdout)
    expect([nowhere.status, errorOf(nowhere).code]).toEqual([3, 'NOT_FOUND'])
  })
})

describe.concurrent('a file of an export', () => {
  it('is never a database, nor what SQLite keeps beside one', async () => {
    const db = await makeSample(folder.at('kept.db'))
    const other = await makeSample(folder.at('other.db'))
    symlinkSync(other, folder.at('link.db'))
    for (const output of [db, other, folder.at('link.db'), `${db}-wal`, `${db}-journal`]) {
      const ended = await run(['export', '-o', output, '--db', db, '--json'])
      expect([ended.status, errorOf(ended).code], output).toEqual([5, 'VALIDATION'])
    }
    for (const path of [db, other]) expect((await run(['log', '--db', path])).status).toBe(0)
    const plain = folder.at('note-wal')
    expect((await run(['export', '-o', plain, '--db', db])).status).toBe(0)
  })

  it('is what a link leads to, and keeps its permissions', async () => {
    const db = await makeSample(folder.at('linked.db'))
    const [target, link] = [folder.at('target'), folder.at('link')]
    const [later, early] = [folder.at('later'), folder.at('early')]
    writeFileSync(target, 'before', { mode: 0o600 })
    symlinkSync('target', link)
    symlinkSync('later', early)
    for (const path of [link, early]) expect((await run(['export', '-o', path, '--db', db])).stderr).toBe('')
    expect([readlinkSync(link), readlinkSync(early)]).toEqual(['target', 'later'])
    expect(statSync(target).mode & 0o777).toBe(0o600)
    for (const path of [target, later]) expect(parsed(readFileSync(path, 'utf8'))).toHaveLength(3)
    expect(readdirSync(folder.at('.')).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('is written to as it is where it is no file, and is no folder', async () => {
    const db = await makeSample(folder.at('piped.db'))
    const pipe = folder.at('pipe')
    execFileSync('mkfifo', [pipe])
    const [ended, read] = await Promise.all([run(['export', '-o', pipe, '--db', db]), readFile(pipe, 'utf8')])
    expect(ended).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(parsed(read)).toHaveLength(3)
    expect(statSync(pipe).isFIFO()).toBe(true)
    expect(parsed((await run(['export', '-o', '/dev/stdout', '--db', db])).stdout)).toHaveLength(3)
    const [inFolder, nowhere, unnamed] = await Promise.all([
      run(['export', '-o', folder.at('.'), '--db', db]),
      run(['export', '-o', folder.at('nowhere/x'), '--db', db]),
      run(['export', '-o', '', '--db', db]),
    ])
    expect([inFolder.status, nowhere.status, unnamed.status]).toEqual([5, 3, 5])
    expect(nowhere.stderr).toMatch(/^error: The folder ".*nowhere" does not exist\n$/)
  })
})

describe.concurrent('verify and backup', () => {
  it('prove a universe, its copy, and a receipt', async () => {
    const db = await makeSample(folder.at('proved.db'))
    const [copy, receipt, other] = [folder.at('copy.db'), folder.at('receipt.json'), folder.at('other.json')]
    const backup = await run(['backup', copy, '--db', db])
    expect(backup).toEqual({ status: 0, stdout: `${copy}\n`, stderr: '' })
    const version = JSON.parse((await run(['show', 'main', '--db', db, '--json'])).stdout)
    writeFileSync(receipt, JSON.stringify(version))
    writeFileSync(other, JSON.stringify({ ...version, versionHash: '0'.repeat(64) }))
    writeFileSync(folder.at('none.json'), '[]')
    const [proved, forged, none, missing] = await Promise.all(
      [receipt, other, folder.at('none.json'), folder.at('no.json')].map((path) =>
        run(['verify', '--db', copy, '--json', '--receipt', path]),
      ),
    )
    expect(JSON.parse(proved!.stdout)).toMatchObject({ ok: true, versions: 3, findings: [] })
    expect(forged!.status).toBe(6)
    expect(JSON.parse(forged!.stdout)).toMatchObject({ ok: false, findings: [{ versionId: 'bbbb2222-third' }] })
    expect([none!.status, missing!.status]).toEqual([5, 3])
  })

  it('prove the chain and the head quickly', async () => {
    const db = await makeSample(folder.at('quick.db'))
    const quick = await run(['verify', '--quick', '--db', db, '--json'])
    expect([quick.status, JSON.parse(quick.stdout)]).toEqual([0, { ok: true, versions: 3, findings: [], count: 0 }])
    const driver = openDriver(db)
    driver.exec("update entity set metadata = '{}'")
    driver.close()
    const found = await run(['verify', '--quick', '--db', db])
    expect(found.status).toBe(6)
    expect(found.stdout).toContain('the head of main: ')
  })

  it('are undone by restore, over a universe only where that is said', async () => {
    const db = await makeSample(folder.at('before.db'))
    const [backup, restored] = [folder.at('monday.db'), folder.at('restored.db')]
    await run(['backup', backup, '--db', db])
    const first = await run(['restore', backup, '--db', restored])
    expect(first).toEqual({ status: 0, stdout: `${restored}\n`, stderr: '' })
    const again = await run(['restore', backup, '--db', restored, '--json'])
    expect([again.status, errorOf(again).code]).toEqual([4, 'ALREADY_EXISTS'])
    expect(errorOf(again).hint).toContain('--force')
    const forced = await run(['restore', backup, '--db', restored, '--force', '--json'])
    expect([forced.status, JSON.parse(forced.stdout)]).toEqual([0, { path: restored }])
    expect((await run(['log', '--db', restored, '--json'])).stdout).toBe(
      (await run(['log', '--db', db, '--json'])).stdout,
    )
    const none = await run(['restore', folder.at('no.db'), '--db', restored, '--force', '--json'])
    expect([none.status, errorOf(none).code]).toEqual([3, 'NOT_FOUND'])
    expect((await run(['restore', '--db', restored])).status).toBe(2)
  })
})
