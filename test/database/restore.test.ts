import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { openDriver } from '../../src/database/sqlite/driver.js'
import { openUniverse, restoreUniverse } from '../../src/index.js'
import { library, pathOf, start } from '../given/child.js'
import { temporaryFolder } from '../given/folder.js'
import { refusalOf } from '../given/refused.js'

beforeAll(() => {
  execFileSync(process.execPath, [pathOf('../../ci/build.mjs'), '--if-stale'])
}, 60_000)

/** Makes a universe of so many versions, and gives the hash of its last. */
async function makeUniverse(path: string, name: string, versions: number): Promise<string> {
  await using universe = await openUniverse(path)
  for (let n = 0; n < versions; n++) {
    await universe.commit(name, (draft) => draft.createEntity('T', { name, n }, { id: `${name} ${n}` }))
  }
  return (await universe.versions.latest())?.versionHash as string
}

/** The hash of the last version of a universe that is whole. */
async function hashOf(path: string): Promise<string | undefined> {
  await using universe = await openUniverse(path)
  expect(await universe.verify()).toMatchObject({ findings: [] })
  const last = await universe.versions.latest()
  expect(await universe.head.count()).toEqual({ entities: last?.sequence, relations: 0 })
  return last?.versionHash
}

const partsIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.part'))

describe('a backup', { timeout: 60_000 }, () => {
  it('is restored where nothing was, with the same hashes, and stays as it was', async () => {
    using folder = temporaryFolder()
    const [path, backup, restored] = [folder.file('universe.db'), folder.file('backup.db'), folder.file('restored.db')]
    const hash = await makeUniverse(path, 'old', 5)
    await using universe = await openUniverse(path)
    await universe.backup(backup)
    await makeUniverse(path, 'new', 1)
    const bytes = readFileSync(backup)

    expect(await restoreUniverse(backup, restored)).toBeUndefined()
    expect(await hashOf(restored)).toBe(hash)
    expect(readFileSync(backup).equals(bytes)).toBe(true)
    await using again = await openUniverse(restored)
    expect((await again.stats()).universeId).toBe((await universe.stats()).universeId)
    await again.commit('And on', (draft) => draft.createEntity('T'))
    expect(partsIn(folder.path)).toEqual([])
  })

  it('takes the place of a file only where that is said, with whatever stood beside it', async () => {
    using folder = temporaryFolder()
    const [path, backup] = [folder.file('universe.db'), folder.file('backup.db')]
    const hash = await makeUniverse(backup, 'old', 3)
    const live = folder.file('live.db')
    await using universe = await openUniverse(live)
    await universe.commit('Not in the file yet', (draft) => draft.createEntity('T'))
    // As a process leaves them that was killed: the commit is in the log alone.
    for (const suffix of ['', '-wal', '-shm']) copyFileSync(live + suffix, path + suffix)

    expect(await refusalOf(() => restoreUniverse(backup, path))).toMatchObject({ code: 'ALREADY_EXISTS' })
    await restoreUniverse(backup, path, { overwrite: true })
    expect(await hashOf(path)).toBe(hash)

    // A log whose database is gone would be replayed onto whatever comes under its name.
    const orphan = folder.file('orphan.db')
    for (const suffix of ['-wal', '-shm']) copyFileSync(live + suffix, orphan + suffix)
    await restoreUniverse(backup, orphan)
    expect(await hashOf(orphan)).toBe(hash)
  })

  it('takes the place of what is no database any more', async () => {
    using folder = temporaryFolder()
    const [path, backup] = [folder.file('universe.db'), folder.file('backup.db')]
    const hash = await makeUniverse(backup, 'old', 3)
    for (const rubbish of [Buffer.alloc(0), Buffer.from('rubbish'), Buffer.alloc(8_192, 7)]) {
      writeFileSync(path, rubbish)
      writeFileSync(`${path}-wal`, 'rubbish')
      await restoreUniverse(backup, path, { overwrite: true })
      expect(await hashOf(path)).toBe(hash)
    }
  })

  it('may be a universe that is open: what was committed is restored', async () => {
    using folder = temporaryFolder()
    await using universe = await openUniverse(folder.file('live.db'))
    const { versionHash } = await universe.commit('In the log', (draft) => draft.createEntity('T'))
    await restoreUniverse(folder.file('live.db'), folder.file('restored.db'))

    expect(await hashOf(folder.file('restored.db'))).toBe(versionHash)
  })

  it('goes to where a link leads, and leaves what has another name', async () => {
    using folder = temporaryFolder()
    const [real, path, other] = [folder.file('real.db'), folder.file('link.db'), folder.file('other.db')]
    const old = await makeUniverse(real, 'old', 2)
    const hash = await makeUniverse(folder.file('backup.db'), 'new', 3)
    symlinkSync(real, path)
    linkSync(real, other)
    await restoreUniverse(folder.file('backup.db'), path, { overwrite: true })

    expect(await hashOf(real)).toBe(hash)
    expect(await hashOf(path)).toBe(hash)
    expect(await hashOf(other)).toBe(old)
  })

  it('waits for a universe that is open, here or in another process, and gives up', async () => {
    using folder = temporaryFolder()
    const [path, backup] = [folder.file('universe.db'), folder.file('backup.db')]
    const old = await makeUniverse(path, 'old', 2)
    const hash = await makeUniverse(backup, 'new', 3)
    const restore = (busyTimeoutMs = 50) => restoreUniverse(backup, path, { overwrite: true, busyTimeoutMs })
    const here = await openUniverse(path)
    expect(await refusalOf(restore)).toMatchObject({ code: 'BUSY' })
    await here.close()
    const child = start('hold', path)
    await child.says('OPEN')
    expect(await refusalOf(restore)).toMatchObject({ code: 'BUSY' })
    expect(partsIn(folder.path)).toEqual([])
    setTimeout(() => child.process.kill('SIGKILL'), 200)
    await restore(10_000)

    expect(await hashOf(path)).toBe(hash)
    expect(hash).not.toBe(old)
  })

  it('that is none, or cannot be trusted, is refused, and nothing is written', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    const hash = await makeUniverse(path, 'old', 3)
    const file = (name: string, content: string | Buffer) => {
      writeFileSync(folder.file(name), content)
      return folder.file(name)
    }
    const changed = (name: string, damage: string) => {
      copyFileSync(path, folder.file(name))
      const driver = openDriver(folder.file(name))
      driver.pragma('foreign_keys = OFF')
      driver.exec(damage)
      driver.close()
      return folder.file(name)
    }
    const foreign = openDriver(folder.file('foreign.db'))
    foreign.exec('create table something (x)')
    foreign.close()
    mkdirSync(folder.file('folder'))
    const whole = changed('whole.db', 'select 1')
    const before = readFileSync(path)
    const cases: [backup: unknown, target: unknown, code: string][] = [
      [folder.file('nowhere.db'), path, 'NOT_FOUND'],
      [file('empty.db', ''), path, 'NOT_FOUND'],
      [folder.file('folder'), path, 'INTEGRITY'],
      [file('text.db', 'just text'), path, 'INTEGRITY'],
      [folder.file('foreign.db'), path, 'INTEGRITY'],
      [file('cut.db', before.subarray(0, before.length >> 1)), path, 'INTEGRITY'],
      [changed('new.db', "update config set value = '99' where key = 'format_version'"), path, 'MIGRATION'],
      [changed('no.db', 'delete from config'), path, 'INTEGRITY'],
      [changed('row.db', "update entity set metadata = '{}'"), path, 'INTEGRITY'],
      [changed('version.db', "update state_version set owner = 'eve' where sequence = 2"), path, 'INTEGRITY'],
      [whole, folder.file('folder'), 'INTEGRITY'],
      [whole, folder.file('no/universe.db'), 'NOT_FOUND'],
      [path, path, 'VALIDATION'],
      [':memory:', path, 'VALIDATION'],
      [whole, ':memory:', 'VALIDATION'],
      [whole, 'postgres://localhost/x', 'VALIDATION'],
      [5, path, 'VALIDATION'],
      [whole, '', 'VALIDATION'],
    ]
    const files = readdirSync(folder.path)
    for (const [backup, target, code] of cases) {
      const refusal = await refusalOf(() => restoreUniverse(backup as string, target as string, { overwrite: true }))
      expect(refusal, `${backup} to ${target}`).toMatchObject({ code })
    }
    for (const options of [{ overwrite: 1 }, { force: true }, { busyTimeoutMs: -1 }]) {
      expect(await refusalOf(() => restoreUniverse(whole, path, options as never))).toMatchObject({
        code: 'VALIDATION',
      })
    }
    expect(await refusalOf(() => restoreUniverse(whole, path, { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'ABORT',
    })
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(folder.path).filter((name) => !/-(wal|shm)$/.test(name))).toEqual(files)
    expect(await hashOf(path)).toBe(hash)
  })
})

/** Runs a task to its n-th call of the file system; whether it came to its end before. */
function runKilledAt(task: 'restore' | 'backup', n: number, from: string, to: string): boolean {
  const { stdout } = spawnSync(process.execPath, [pathOf('../database/killed.mjs'), library, task, `${n}`, from, to])
  return `${stdout}` === 'DONE'
}

describe('a process that is killed', { timeout: 120_000 }, () => {
  it('at any step of a restore leaves the old universe or the new one', async () => {
    using folder = temporaryFolder()
    const old = await makeUniverse(folder.file('old.db'), 'old', 2)
    const hash = await makeUniverse(folder.file('backup.db'), 'new', 3)
    const live = folder.file('live.db')
    copyFileSync(folder.file('old.db'), live)
    const universe = await openUniverse(live)
    const later = await universe.commit('In the log', (draft) => draft.createEntity('T'))
    const seen: (string | undefined)[] = []
    for (let n = 1, done = false; !done; n++) {
      const path = folder.file(`${n}.db`)
      for (const suffix of ['', '-wal', '-shm']) copyFileSync(live + suffix, path + suffix)
      done = runKilledAt('restore', n, folder.file('backup.db'), path)
      seen.push(await hashOf(path))
    }
    await universe.close()

    expect(seen.length).toBeGreaterThan(6)
    const turn = seen.indexOf(hash)
    expect(seen).toEqual(seen.map((_, index) => (index < turn ? later.versionHash : hash)))
    expect([turn > 2, turn < seen.length, later.versionHash === old]).toEqual([true, true, false])
  })

  it('at any step of a backup leaves a whole one or none', async () => {
    using folder = temporaryFolder()
    const hash = await makeUniverse(folder.file('universe.db'), 'x', 3)
    const seen: (string | undefined)[] = []
    for (let n = 1, done = false; !done; n++) {
      done = runKilledAt('backup', n, folder.file('universe.db'), folder.file(`${n}.db`))
      const isThere = readdirSync(folder.path).includes(`${n}.db`)
      seen.push(isThere ? await hashOf(folder.file(`${n}.db`)) : undefined)
    }

    const turn = seen.indexOf(hash)
    expect(seen).toEqual(seen.map((_, index) => (index < turn ? undefined : hash)))
    expect(turn).toBeGreaterThan(1)
  })
})

describe('backups while another process commits', { timeout: 60_000 }, () => {
  it('are whole, hold all that was acknowledged before, and are a state that was', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    const child = start('commit', path)
    await child.says('ACK')
    await using universe = await openUniverse(path)
    const backups: { file: string; acknowledged: number }[] = []
    for (let n = 0; n < 5; n++) {
      const file = folder.file(`${n}.db`)
      const acknowledged = child.lines.filter((line) => line.startsWith('ACK')).length
      await universe.backup(file)
      backups.push({ file, acknowledged })
      await child.saysMore()
    }
    child.process.kill('SIGKILL')
    await child.ended

    const hashes = new Map((await universe.versions.history('main')).map((one) => [one.sequence, one.versionHash]))
    for (const { file, acknowledged } of backups) {
      await using backup = await openUniverse(file, { readOnly: true })
      expect(await backup.verify()).toMatchObject({ ok: true, findings: [] })
      const last = await backup.versions.latest()
      expect(last?.versionHash).toBe(hashes.get(last?.sequence as number))
      expect(last?.sequence).toBeGreaterThanOrEqual(acknowledged)
    }
    expect(hashes.size).toBeGreaterThan(backups.at(-1)?.acknowledged as number)
  })
})
