import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { serverAddress } from '../../../bench/support/server.js'
import { openUniverse } from '../../../src/index.js'
import { pathOf } from '../../given/child.js'
import { canRunCluster, startCluster } from '../../given/cluster.js'
import { temporaryFolder } from '../../given/folder.js'
import { refusalOf } from '../../given/refused.js'
import { catalogueOf, freshSchema, hasServer } from '../../given/server.js'

/** The refusal of an address with a password, which no message has, and which comes soon. */
async function refusalSoon(address: string, options: Parameters<typeof openUniverse>[1] = {}) {
  const start = performance.now()
  const refused = await refusalOf(() => openUniverse(address, options))
  expect(performance.now() - start).toBeLessThan(2_000)
  const { message, hint } = refused
  expect(JSON.stringify({ ...refused, message, hint })).not.toMatch(/gehe1m|se%/)
  return refused
}

describe('an address of PostgreSQL', () => {
  it('is refused where it is none', async () => {
    const addresses = [
      'postgres://',
      'postgres://me:gehe1m@:5432/x',
      'postgres://me:gehe1m@host:99999/x',
      'postgres://me:gehe1m%@host/x',
      'postgres://me:gehe1m@host/x%ff',
      'postgres://me:gehe1m@host/x%00',
      ...['sslrootcert=/no/such', 'sslcert=/no/such', 'sslkey=/', 'replication=true'],
      ...['schema=', 'schema=pg_mine', 'schema=information_schema', `schema=${'ü'.repeat(32)}`, 'schema=a%00b'],
      ...['pool_size=0', 'pool_size=ten', 'pool_size=-1', 'pool_size=1.5', 'connect_timeout=0', 'connect_timeout=x'],
    ].map((text) => (text.includes('://') ? text : `postgres://me:gehe1m@host/x?${text}`))
    for (const address of addresses) {
      expect([address, await refusalSoon(address)]).toMatchObject([address, { code: 'VALIDATION' }])
    }
    for (const postgres of [{ poolSize: 0 }, { ssl: 'yes' }, { idleTimeoutMs: 1.5 }, { pool: 1 }, 3]) {
      const refused = refusalSoon('postgres://me:gehe1m@host/x', { postgres: postgres as object })
      expect(await refused).toMatchObject({ code: 'VALIDATION' })
    }
  })

  it('needs the package pg, and says how it is installed', async () => {
    execFileSync(process.execPath, [pathOf('../../ci/build.mjs'), '--if-stale'])
    using folder = temporaryFolder()
    cpSync(pathOf('../../dist'), folder.file('dist'), { recursive: true })
    cpSync(pathOf('../../package.json'), folder.file('package.json'))
    mkdirSync(folder.file('node_modules'))
    for (const name of ['better-sqlite3', 'graphology', 'graphology-types']) {
      symlinkSync(pathOf(`../../node_modules/${name}`), join(folder.file('node_modules'), name))
    }
    const library = pathToFileURL(folder.file('dist/src/index.js')).href
    writeFileSync(
      folder.file('open.mjs'),
      `const { openUniverse } = await import('${library}')
      await (await openUniverse(':memory:')).close()
      const error = await openUniverse('postgres://me:gehe1m@127.0.0.1/x').catch((error) => error)
      console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }))`,
    )
    const { stdout, stderr } = spawnSync(process.execPath, [folder.file('open.mjs')], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({ code: 'VALIDATION', hint: expect.stringContaining('npm install pg') })
    expect(stdout).not.toContain('gehe1m')
  }, 60_000)
})

describe.skipIf(!hasServer)('a universe on a PostgreSQL server', { timeout: 60_000 }, () => {
  beforeAll(() => {
    execFileSync(process.execPath, [pathOf('../../ci/build.mjs'), '--if-stale'])
  }, 60_000)

  it('is what it was when it is opened again', async () => {
    await using schema = await freshSchema()
    const first = await openUniverse(schema.address(), { owner: 'ada' })
    const version = await first.commit('Start', (draft) => draft.createEntity('T', { n: 1 }, { id: 'a' }))
    const { universeId, formatVersion } = await first.stats()
    await first.close()
    for (const options of [{}, { readOnly: true }, { create: false }, { migrate: false }]) {
      await using again = await openUniverse(schema.address(), options)
      expect(await again.head.entity('a')).toMatchObject({ metadata: { n: 1 } })
      expect(await again.versions.latest()).toEqual(version)
      expect(await again.stats()).toMatchObject({ universeId, formatVersion, versions: 1 })
    }
    expect(await refusalOf(() => first.head.count())).toMatchObject({ code: 'CLOSED' })
  })

  it('is not made where it must not be, and not written where it is only read', async () => {
    await using schema = await freshSchema()
    for (const options of [{ create: false }, { readOnly: true }]) {
      const refused = await refusalOf(() => openUniverse(schema.address(), options))
      expect(refused).toMatchObject({ code: 'NOT_FOUND', what: 'The universe' })
    }
    expect(await refusalOf(() => openUniverse(schema.address(), { migrate: false }))).toMatchObject({
      code: 'MIGRATION',
    })
    expect(await schema.run('select 1 from pg_namespace where nspname = $1', [schema.name])).toEqual([])

    await using universe = await openUniverse(schema.address())
    await using reader = await openUniverse(schema.address(), { readOnly: true })
    await universe.commit('Seen', (draft) => draft.createEntity('T'))
    expect(await reader.head.count()).toMatchObject({ entities: 1 })
    for (const call of [
      () => reader.commit('No', (draft) => draft.createEntity('T')),
      () => reader.events.publish('no'),
      () => reader.createBranch('no'),
      () => reader.rebuild(),
    ]) {
      expect(await refusalOf(call)).toMatchObject({ code: 'INTEGRITY' })
    }
    expect(await refusalOf(() => universe.backup('x'))).toMatchObject({ code: 'VALIDATION' })
  })

  it('sees nothing of another in the same database, whatever their schemas are called', async () => {
    const stem = `test ${process.pid} ${Math.random().toString(36).slice(2)}`
    await using plain = await freshSchema(stem)
    await using strange = await freshSchema(`${stem} Über "x" 'y' \\ $1`)
    await using same = await freshSchema(stem.toUpperCase())
    const schemas = [plain, strange, same]
    for (const [index, schema] of schemas.entries()) {
      await using universe = await openUniverse(schema.address())
      for (let n = 0; n <= index; n++) {
        await universe.commit(schema.name, (draft) => draft.createEntity('T', { n }, { id: `${index} ${n}` }))
      }
      await universe.createBranch('side')
      await universe.commit('Aside', (draft) => draft.createEntity('Aside'), { branch: 'side' })
    }
    const ids = new Set<string>()
    for (const [index, schema] of schemas.entries()) {
      await using universe = await openUniverse(schema.address(), { create: false })
      ids.add((await universe.stats()).universeId)
      expect(await universe.head.count()).toEqual({ entities: index + 1, relations: 0 })
      expect((await universe.head.entities()).items.map(({ id }) => id)).toContain(`${index} 0`)
      expect((await universe.versions.latest())?.description).toBe(schema.name)
      expect(await universe.verify()).toMatchObject({ ok: true })
    }
    expect(ids.size).toBe(3)
  })

  it('is refused where somebody else has tables of its names, which stay as they are', async () => {
    await using schema = await freshSchema()
    await schema.run(`create schema ${schema.name}`)
    await schema.run('create table config (id int primary key, setting text)')
    await schema.run("insert into config values (1, 'mine')")
    const before = await catalogueOf(schema)
    for (const options of [{}, { readOnly: true }, { create: false }]) {
      const refused = await refusalOf(() => openUniverse(schema.address(), options))
      expect(refused).toMatchObject({ code: 'INTEGRITY', message: expect.stringContaining('config') })
    }
    expect(await catalogueOf(schema)).toEqual(before)
    expect(await schema.run('select * from config')).toEqual([{ id: 1, setting: 'mine' }])
    await schema.run('create table state_version (id int)')
    for (const options of [{}, { readOnly: true }]) {
      const refused = await refusalOf(() => openUniverse(schema.address(), options))
      expect(refused).toMatchObject({ code: 'INTEGRITY', message: expect.stringContaining('state_version, config') })
    }
    await schema.run('drop table config, state_version')
    await schema.run('create table tables_of_mine (id int)')
    await using universe = await openUniverse(schema.address())
    expect((await universe.stats()).versions).toBe(0)
  })

  it('can be opened by who may not make schemas, in one that was made for them, and read by who may only read', async () => {
    await using schema = await freshSchema()
    const [writer, reader] = ['writer', 'reader'].map((kind) => `${kind}_${schema.name}`) as [string, string]
    for (const role of [writer, reader]) await schema.run(`create role ${role} login`)
    try {
      const as = (user: string) => {
        const url = new URL(schema.address())
        url.username = user
        return url.href
      }
      expect(await refusalOf(() => openUniverse(as(writer)))).toMatchObject({ code: 'INTEGRITY' })
      await schema.run(`create schema ${schema.name}`)
      await schema.run(`grant usage on schema ${schema.name} to ${writer}`)
      expect(await refusalOf(() => openUniverse(as(writer)))).toMatchObject({
        ...{ code: 'INTEGRITY', message: expect.stringContaining('permission denied for schema') },
        hint: expect.stringContaining('rights on the schema'),
      })
      await schema.run(`alter schema ${schema.name} owner to ${writer}`)
      await using universe = await openUniverse(as(writer))
      await universe.commit('May', (draft) => draft.createEntity('T'))
      expect(await refusalOf(() => openUniverse(as(reader), { readOnly: true }))).toMatchObject({ code: 'INTEGRITY' })
      await schema.run(`grant usage on schema ${schema.name} to ${reader}`)
      await schema.run(`grant select on all tables in schema ${schema.name} to ${reader}`)
      await using seen = await openUniverse(as(reader), { readOnly: true })
      expect(await seen.head.count()).toMatchObject({ entities: 1 })
    } finally {
      await schema.run(`drop schema if exists ${schema.name} cascade`)
      for (const role of [writer, reader]) await schema.run(`drop owned by ${role}; drop role ${role}`)
    }
  })

  it('has as many connections as it is told, and gives them back', async () => {
    await using schema = await freshSchema()
    for (const [name, parameters, postgres, most] of [
      ['by address', { pool_size: '2' }, {}, 2],
      ['by option', { pool_size: '9' }, { poolSize: 3 }, 3],
    ] as const) {
      const application = `${name} ${schema.name}`.slice(0, 63)
      const count = async () =>
        (await schema.run('select 1 from pg_stat_activity where application_name = $1', [application])).length
      const universe = await openUniverse(schema.address({ ...parameters, application_name: application }), {
        postgres,
      })
      const work = Array.from({ length: 30 }, (_, n) =>
        n % 5 ? universe.head.count() : universe.commit(`${n}`, (draft) => draft.createEntity('T')),
      )
      const counts = [await count(), await count()]
      await Promise.all(work)
      counts.push(await count())
      expect(Math.max(...counts)).toBe(most)
      await universe.close()
      for (let wait = 0; wait < 50 && (await count()) > 0; wait++)
        await new Promise((resolve) => setTimeout(resolve, 20))
      expect(await count()).toBe(0)
    }
  })

  it('is refused where the database cannot hold every character', async () => {
    await using schema = await freshSchema()
    const name = `latin_${schema.name}`
    await schema.run(`create database ${name} template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'`)
    try {
      const url = Object.assign(new URL(serverAddress()), { pathname: `/${name}` })
      const refused = await refusalOf(() => openUniverse(url.href))
      expect(refused).toMatchObject({ code: 'INTEGRITY', hint: expect.stringContaining('UTF8') })
      expect(refused.message).toContain('LATIN1')
    } finally {
      await schema.run(`drop database ${name} with (force)`)
    }
  })

  it('is an error of its own where there is no such host, port, database or TLS', async () => {
    const change = (part: Partial<Pick<URL, 'hostname' | 'port' | 'pathname'>>, more = {}) => {
      const url = new URL(serverAddress(more))
      url.password = 'gehe1m'
      return Object.assign(url, part).href
    }
    expect(await refusalSoon(change({ hostname: 'no-such-host.invalid' }))).toMatchObject({ code: 'BUSY' })
    expect(await refusalSoon(change({ port: '1' }))).toMatchObject({ code: 'BUSY' })
    expect(await refusalSoon(change({ hostname: '192.0.2.1' }))).toMatchObject({ code: 'BUSY' })
    expect(await refusalSoon(change({ pathname: '/no_such_database' }))).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe.skipIf(!hasServer || !canRunCluster)('a PostgreSQL server with passwords and TLS', { timeout: 60_000 }, () => {
  it('lets in who has the password, and says so of others without it', async () => {
    using cluster = await startCluster()
    await (await openUniverse(cluster.address())).close()
    const wrong = new URL(cluster.address())
    wrong.password = 'gehe1m'
    expect(await refusalSoon(wrong.href)).toMatchObject({ code: 'VALIDATION' })
    wrong.password = ''
    expect(await refusalSoon(wrong.href)).toMatchObject({ code: 'VALIDATION' })
    wrong.username = 'nobody'
    wrong.password = 'gehe1m'
    expect(await refusalSoon(wrong.href)).toMatchObject({ code: 'VALIDATION' })
  })

  it('is spoken to over TLS as it is asked for, in the options before the address', async () => {
    using cluster = await startCluster()
    const name = 'over tls'
    const address = cluster.address({ application_name: name })
    const encrypted = async (universe: Awaited<ReturnType<typeof openUniverse>>) => {
      await universe.head.count()
      const { default: pg } = await import('pg')
      const client = new pg.Client(cluster.address())
      await client.connect()
      const { rows } = await client.query(
        'select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = $1',
        [name],
      )
      await client.end()
      return rows
    }
    {
      await using universe = await openUniverse(address)
      expect(await encrypted(universe)).toEqual([{ ssl: false }])
    }
    {
      await using universe = await openUniverse(address, { postgres: { ssl: { rejectUnauthorized: false } } })
      expect(await encrypted(universe)).toEqual([{ ssl: true }])
    }
    {
      const unasked = cluster.address({ application_name: name, sslmode: 'no-verify' })
      await using universe = await openUniverse(unasked, { postgres: { ssl: false } })
      expect(await encrypted(universe)).toEqual([{ ssl: false }])
    }
    const unknown = await refusalSoon(address, { postgres: { ssl: true } })
    expect(unknown).toMatchObject({ code: 'VALIDATION', message: expect.stringMatching(/certificate/) })
  })

  it('that has no TLS is refused where it is asked for', async () => {
    using cluster = await startCluster({ tls: false })
    const refused = await refusalSoon(cluster.address(), { postgres: { ssl: true } })
    expect(refused).toMatchObject({ code: 'VALIDATION', message: expect.stringMatching(/SSL/) })
  })
})
