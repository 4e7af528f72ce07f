import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type Driver from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { migrateDatabase } from '../../src/database/migrator.js'
import { openDriver } from '../../src/database/sqlite/driver.js'
import { migrateUp } from '../../src/database/sqlite/migrate.js'
import { openUniverse } from '../../src/index.js'
import { temporaryFolder } from '../given/folder.js'
import { asNobody } from '../given/nobody.js'
import { refusalOf } from '../given/refused.js'

describe('a universe in a file', () => {
  it('is what it was when it is opened again', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    const first = await openUniverse(path, { owner: 'ada' })
    const version = await first.commit('Start', (draft) => draft.createEntity('T', { n: 1 }, { id: 'a' }))
    const { universeId, formatVersion } = await first.stats()
    await first.close()
    for (const options of [{}, { readOnly: true }, { create: false }, { migrate: false }]) {
      await using again = await openUniverse(path, options)
      expect(await again.head.entity('a')).toMatchObject({ metadata: { n: 1 } })
      expect(await again.versions.latest()).toEqual(version)
      expect(await again.stats()).toMatchObject({ universeId, formatVersion, versions: 1 })
    }
  })

  it('shows each connection what another has committed', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    await using one = await openUniverse(path)
    await using other = await openUniverse(path)
    await using reader = await openUniverse(path, { readOnly: true })
    for (let n = 0; n < 5; n++) {
      const universe = n % 2 ? one : other
      const { sequence } = await universe.commit(`${n}`, (draft) => draft.createEntity('T', { n }, { id: `a${n}` }))
      expect(sequence).toBe(n + 1)
      for (const each of [one, other, reader]) {
        expect(await each.head.count()).toEqual({ entities: n + 1, relations: 0 })
        expect(await each.versions.latest()).toMatchObject({ sequence })
      }
    }
  })

  it('may be named by a URL, whatever its name', async () => {
    using folder = temporaryFolder()
    const path = folder.file('a b%ü#?.db')
    await (await openUniverse(pathToFileURL(path).href)).close()
    expect(readdirSync(folder.path)).toContain('a b%ü#?.db')
  })

  it('writes with the durability that was asked for, the first commit and the next', async () => {
    using folder = temporaryFolder()
    for (const [durability, level] of [
      ['full', 2],
      ['normal', 1],
      [undefined, 2],
    ] as const) {
      const path = folder.file(`${durability}.db`)
      for (let time = 0; time < 2; time++) {
        await using universe = await openUniverse(path, { durability })
        const { writer } = (universe as unknown as { database: { writer: { driver: Driver.Database } } }).database
        const synchronous = () => writer.driver.pragma('synchronous', { simple: true })
        expect(synchronous()).toBe(level)
        for (let n = 0; n < 2; n++) {
          await universe.commit('x', (draft) => draft.createEntity('T'))
          expect(synchronous()).toBe(level)
        }
        expect(writer.driver.pragma('journal_mode', { simple: true })).toBe('wal')
      }
    }
  })

  it('drops the statistics that make every read plan anew', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    const universe = await openUniverse(path)
    await universe.commit('Many', (draft) => {
      for (let n = 0; n < 500; n++) draft.createEntity(`T${n % 3}`)
    })
    await universe.close()
    const driver = openDriver(path)
    driver.exec('analyze')
    const tables = () =>
      driver.prepare("select name from sqlite_master where name like 'sqlite_stat%' order by name").pluck().all()
    expect(tables()).toEqual(['sqlite_stat1', 'sqlite_stat4'])
    await (await openUniverse(path, { readOnly: true })).close()
    expect(tables()).toEqual(['sqlite_stat1', 'sqlite_stat4'])
    await (await openUniverse(path)).close()
    expect(tables()).toEqual(['sqlite_stat1'])
    driver.close()
  })

  it('is busy, and says so in time, while another connection keeps the lock; the process goes on', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    await using universe = await openUniverse(path, { busyTimeoutMs: 300 })
    const driver = openDriver(path)
    driver.exec('begin immediate')
    let ticks = 0
    const timer = setInterval(() => ticks++, 10)
    const start = performance.now()
    const error = await refusalOf(() => universe.commit('Wait', (draft) => draft.createEntity('T')))
    const waited = performance.now() - start
    clearInterval(timer)

    expect(error).toMatchObject({ code: 'BUSY' })
    expect(waited).toBeGreaterThan(250)
    expect(waited).toBeLessThan(1_500)
    expect(ticks).toBeGreaterThan(5)
    expect(await universe.head.count()).toEqual({ entities: 0, relations: 0 })
    const waiting = universe.commit('Wait', (draft) => draft.createEntity('T'))
    setTimeout(() => driver.exec('commit'), 50)
    expect(await waiting).toMatchObject({ sequence: 1 })
    driver.close()
  })

  it('is copied whole, while it is open, and never over another file', async () => {
    using folder = temporaryFolder()
    await using universe = await openUniverse(folder.file('universe.db'))
    const version = await universe.commit('x', (draft) => draft.createEntity('T', {}, { id: 'a' }))
    await universe.backup(folder.file('copy.db'))
    await universe.commit('y', (draft) => draft.createEntity('T'))
    await using copy = await openUniverse(folder.file('copy.db'), { readOnly: true })
    expect(await copy.versions.latest()).toEqual(version)
    expect(await copy.verify({ receipt: version })).toMatchObject({ ok: true })

    const bytes = readFileSync(folder.file('copy.db'))
    expect(await refusalOf(() => universe.backup(folder.file('copy.db')))).toMatchObject({ code: 'ALREADY_EXISTS' })
    expect(readFileSync(folder.file('copy.db')).equals(bytes)).toBe(true)
    expect(await refusalOf(() => universe.backup(folder.file('none/copy.db')))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await refusalOf(() => universe.backup(folder.path))).toBeDefined()
    // SQLite ends a path at U+0000: what it would write must be in the folder.
    for (const path of [undefined, null, 5, {}, '', folder.file('a\u0000b')]) {
      expect(await refusalOf(() => universe.backup(path as string))).toMatchObject({ code: 'VALIDATION' })
    }
  })
})

describe('a file that many open at once', () => {
  const made = {
    new: () => undefined,
    old: async (path: string) => {
      const driver = openDriver(path)
      driver.pragma('journal_mode = WAL')
      await migrateUp(driver)
      driver.close()
    },
  }

  it.each(Object.keys(made) as (keyof typeof made)[])(
    'opens for all of them, while the process goes on: %s',
    async (kind) => {
      using folder = temporaryFolder()
      const path = folder.file('universe.db')
      await made[kind](path)

      const { universes, stoodStillMs } = await whileTicking(async () => {
        const opening = Array.from({ length: 8 }, () => openUniverse(path))
        const [, ...universes] = await Promise.all([migrateDatabase(path, 'latest'), ...opening])
        return { universes }
      })

      expect(stoodStillMs).toBeLessThan(1_000)
      const ids = await Promise.all(universes.map(async (universe) => (await universe.stats()).universeId))
      expect(new Set(ids).size).toBe(1)
      for (const universe of universes) await universe.close()
      // The last connection takes the log and its index with it.
      expect(readdirSync(folder.path)).toEqual(['universe.db'])
    },
  )

  it('and that another keeps locked is busy in time, while the process goes on', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    await made.old(path)
    const driver = openDriver(path)
    driver.exec('begin immediate')
    const { refused, waitedMs, stoodStillMs } = await whileTicking(async () => {
      const start = performance.now()
      const refused = await refusalOf(() => openUniverse(path, { busyTimeoutMs: 1_500 }))
      return { refused, waitedMs: performance.now() - start }
    })

    expect(refused).toMatchObject({ code: 'BUSY', message: expect.stringContaining(path) })
    expect(waitedMs).toBeGreaterThan(1_400)
    expect(stoodStillMs).toBeLessThan(1_000)
    const opening = openUniverse(path)
    setTimeout(() => driver.exec('commit'), 50)
    await (await opening).close()
    driver.close()
    expect(readdirSync(folder.path)).toEqual(['universe.db'])
  })
})

describe('what is no universe', () => {
  const options = [{}, { readOnly: true }, { create: false }]

  it('is refused by one clear error, and is left as it was', async () => {
    using folder = temporaryFolder()
    const foreign = folder.file('foreign.db')
    const driver = openDriver(foreign)
    driver.exec('create table entity (id text); create table config (key text); insert into entity values (1)')
    driver.close()
    const text = folder.file('text.db')
    writeFileSync(text, 'Dear diary, '.repeat(1_000))
    const short = folder.file('short.db')
    writeFileSync(short, 'x')
    const cut = folder.file('cut.db')
    await (await openUniverse(cut)).close()
    writeFileSync(cut, readFileSync(cut).subarray(0, 5_000))
    mkdirSync(folder.file('folder'))
    for (const path of [foreign, text, short, cut, folder.file('folder')]) {
      for (const option of options) {
        const before = snapshot(folder.path)
        const error = await refusalOf(() => openUniverse(path, option))
        expect(error, path).toMatchObject({ code: 'INTEGRITY', message: expect.stringContaining(path) })
        expect(snapshot(folder.path)).toEqual(before)
      }
    }
  })

  it('is not made where it may not be', async () => {
    using folder = temporaryFolder()
    const missing = { code: 'NOT_FOUND' }
    for (const option of [{ readOnly: true }, { create: false }]) {
      expect(await refusalOf(() => openUniverse(folder.file('none.db'), option))).toMatchObject(missing)
      expect(await refusalOf(() => openUniverse(folder.file('none/x.db'), option))).toMatchObject(missing)
    }
    expect(await refusalOf(() => openUniverse(folder.file('none/x.db')))).toMatchObject(missing)
    expect(readdirSync(folder.path)).toEqual([])
  })

  it('as an empty file becomes one, unless nothing may be made', async () => {
    using folder = temporaryFolder()
    const path = folder.file('empty.db')
    writeFileSync(path, '')
    for (const option of [{ readOnly: true }, { create: false }]) {
      expect(await refusalOf(() => openUniverse(path, option))).toBeDefined()
      expect(statSync(path).size).toBe(0)
    }
    await using universe = await openUniverse(path)
    expect((await universe.stats()).versions).toBe(0)
  })

  it('is not begun where migrations may not run', async () => {
    using folder = temporaryFolder()
    const path = folder.file('new.db')
    expect(await refusalOf(() => openUniverse(path, { migrate: false }))).toMatchObject({ code: 'MIGRATION' })
    expect(existsSync(path)).toBe(false)
  })

  it('is an address of another kind, or none', async () => {
    const refused = { code: 'VALIDATION' }
    const addresses = [
      undefined,
      null,
      5,
      {},
      '',
      'a\u0000b',
      'postgres://localhost/x?schema=',
      'http://x/y',
      'file://%zz',
    ]
    for (const address of addresses)
      expect(await refusalOf(() => openUniverse(address as string))).toMatchObject(refused)
    expect(await refusalOf(() => openUniverse(':memory:', { readOnly: true }))).toBeDefined()
  })

  it('is opened with options that there are', async () => {
    const bad = [
      null,
      5,
      'x',
      { readonly: true },
      { owner: '' },
      { owner: 5 },
      { owner: 'a\n' },
      { durability: 'none' },
      { durability: null },
      { readOnly: 1 },
      { create: 'yes' },
      { auditLog: null },
      { migrate: 0 },
      { busyTimeoutMs: -1 },
      { busyTimeoutMs: 1.5 },
      { busyTimeoutMs: 'x' },
      { maxMetadataDepth: 0 },
      { maxMetadataDepth: 997 },
      { maxMetadataBytes: Number.NaN },
    ]
    for (const option of bad) {
      const error = await refusalOf(() => openUniverse(':memory:', option as never))
      expect(error, JSON.stringify(option)).toMatchObject({ code: 'VALIDATION' })
    }
  })
})

describe('a universe that may not be written', () => {
  it('opened to be read refuses every write, and reads', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    const writer = await openUniverse(path)
    await writer.commit('x', (draft) => draft.createEntity('T', {}, { id: 'a' }))
    await using universe = await openUniverse(path, { readOnly: true })
    const record = { version: 'v', parents: [], timestamp: 1, operations: [] }

    for (const write of [
      () => universe.commit('x', []),
      () => universe.commit('x', () => undefined),
      () => universe.events.publish('X'),
      () => universe.import([record]),
    ]) {
      expect(await refusalOf(write)).toMatchObject({ code: 'INTEGRITY' })
    }
    expect(await universe.head.entity('a')).toBeDefined()
    expect(await universe.verify()).toMatchObject({ ok: true })
    await writer.close()
  })

  it('by its file and folder is refused for writing with a hint', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    await (await openUniverse(path)).close()
    const before = snapshot(folder.path)
    chmodSync(path, 0o444)
    chmodSync(folder.path, 0o555)
    const error = await asNobody(() => refusalOf(() => openUniverse(path)))
    chmodSync(folder.path, 0o755)

    expect(error).toMatchObject({ code: 'INTEGRITY', hint: expect.stringContaining('readOnly') })
    expect(snapshot(folder.path)).toEqual(before)
  })
})

describe('a closed universe', () => {
  it.each(['memory', 'file'])('refuses every call, in %s', async (kind) => {
    using folder = temporaryFolder()
    const universe = await openUniverse(kind === 'memory' ? ':memory:' : folder.file('universe.db'))
    const version = await universe.commit('x', (draft) => draft.createEntity('T', {}, { id: 'a' }))
    const view = universe.at({ version: version.versionId })
    await view.count()
    const stream = universe.head.eachEntity()
    await universe.close()
    await universe.close()
    const record = { version: 'v', parents: [version.versionId], timestamp: 1, operations: [] }
    const calls: (() => unknown)[] = [
      () => universe.head.entity('a'),
      () => universe.head.entity('\ud800'),
      () => view.entity('a'),
      () => view.relation('a'),
      () => view.entities(),
      () => view.count(),
      () => view.neighbours('a'),
      () => view.degree('a'),
      () => stream.next(),
      () => universe.commit('x', []),
      () => universe.commit('x', () => undefined),
      () => universe.versions.get('x'),
      () => universe.versions.latest(),
      () => universe.versions.ancestors('main').next(),
      () => universe.versions.withPrefix('x'),
      () => universe.history('a'),
      () => universe.diff('main', 'main'),
      () => universe.materialise('main'),
      () => universe.events.list(),
      () => universe.events.publish('X'),
      () => universe.import([record]),
      () => universe.export().next(),
      () => universe.verify(),
      () => universe.stats(),
      () => universe.backup(folder.file('copy.db')),
    ]
    for (const call of calls) expect(await refusalOf(call), String(call)).toMatchObject({ code: 'CLOSED' })
  })

  it('waits for the commits that are under way', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    const universe = await openUniverse(path)
    const commits = Array.from({ length: 5 }, (_, n) =>
      universe.commit(`${n}`, async (draft) => {
        await draft.base.count()
        draft.createEntity('T')
      }),
    )
    await universe.close()
    expect((await Promise.all(commits)).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5])
  })
})

/** The answer of a call, and for how long at most the event loop stood still meanwhile. */
async function whileTicking<T extends object>(call: () => Promise<T>): Promise<T & { stoodStillMs: number }> {
  let [stoodStillMs, last] = [0, performance.now()]
  const tick = () => {
    const now = performance.now()
    stoodStillMs = Math.max(stoodStillMs, now - last)
    last = now
  }
  const timer = setInterval(tick, 10)
  try {
    const answer = await call()
    tick()
    return { ...answer, stoodStillMs }
  } finally {
    clearInterval(timer)
  }
}

/** Every file with its bytes. */
function snapshot(folder: string): [string, string][] {
  // A connection that only reads may leave an empty log and its index behind.
  const isSideFile = (name: string) =>
    name.endsWith('-shm') || (name.endsWith('-wal') && statSync(`${folder}/${name}`).size === 0)
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !isSideFile(name))
  return entries.map((entry) => {
    return [entry.name, entry.isFile() ? readFileSync(`${folder}/${entry.name}`).toString('base64') : '']
  })
}
