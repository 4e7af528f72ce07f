import { execFile, execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { listMigrationsOf, migrateDatabase } from '../../../src/database/migrator.js'
import { openUniverse } from '../../../src/index.js'
import { pathOf, start } from '../../given/child.js'
import { refusalOf } from '../../given/refused.js'
import { catalogueOf, freshSchema, hasServer, type TestSchema } from '../../given/server.js'

describe.skipIf(!hasServer)('migrations on a PostgreSQL server', { timeout: 60_000 }, () => {
  beforeAll(() => {
    execFileSync(process.execPath, [pathOf('../../ci/build.mjs'), '--if-stale'])
  }, 60_000)

  it('give the same schema down and up again, step by step', async () => {
    await using schema = await freshSchema()
    await migrateDatabase(schema.address(), 'latest')
    expect(await migrateDatabase(schema.address(), 'latest')).toEqual([])
    const whole = await catalogueOf(schema)

    const steps: unknown[] = []
    const listed = await listMigrationsOf(schema.address())
    expect(listed.every(({ executedAt }) => executedAt !== null)).toBe(true)
    for (const { name } of listed.toReversed()) {
      steps.unshift(await catalogueOf(schema))
      expect(await migrateDatabase(schema.address(), 'down')).toEqual([{ name, direction: 'down' }])
    }
    expect(await migrateDatabase(schema.address(), 'down')).toEqual([])
    expect((await tablesOf(schema)).filter((name) => !name.startsWith('kysely_'))).toEqual([])
    expect((await listMigrationsOf(schema.address())).every(({ executedAt }) => executedAt === null)).toBe(true)
    for (const [index, { name }] of listed.entries()) {
      expect(await migrateDatabase(schema.address(), 'up')).toEqual([{ name, direction: 'up' }])
      expect(await catalogueOf(schema)).toEqual(steps[index])
    }
    expect(await catalogueOf(schema)).toEqual(whole)
  })

  it('by kysely-ctl give that schema too, and know what ran', async () => {
    await using schema = await freshSchema()
    await using other = await freshSchema()
    const kysely = (step: string) =>
      promisify(execFile)('npx', ['kysely', `migrate:${step}`], {
        env: { ...process.env, INNER_UNIVERSE_DB: schema.address() },
      })
    await kysely('latest')
    await migrateDatabase(other.address(), 'latest')
    const unnamed = (catalogue: unknown) => JSON.parse(JSON.stringify(catalogue).replaceAll(other.name, schema.name))
    expect(await catalogueOf(schema)).toEqual(unnamed(await catalogueOf(other)))
    expect(await migrateDatabase(schema.address(), 'latest')).toEqual([])
    await using universe = await openUniverse(schema.address())
    await universe.commit('Works', (draft) => draft.createEntity('T'))
  })

  it('are not taken back where versions would be lost, unless they are forced', async () => {
    await using schema = await freshSchema()
    {
      await using universe = await openUniverse(schema.address())
      await universe.commit('One', (draft) => draft.createEntity('T', {}, { id: 'a' }))
    }
    const before = await catalogueOf(schema)
    const refused = await refusalOf(() => migrateDatabase(schema.address(), 'down'))
    expect(refused).toMatchObject({ code: 'VERSIONS_LOST', versions: 1, hint: expect.stringContaining('pg_dump') })
    expect(await catalogueOf(schema)).toEqual(before)
    {
      await using universe = await openUniverse(schema.address(), { readOnly: true })
      expect(await universe.head.entity('a')).toBeDefined()
    }
    expect(await migrateDatabase(schema.address(), 'down', { force: true })).toHaveLength(1)
  })

  it('are taken back before a commit or not at all', async () => {
    let lost = 0
    let kept = 0
    for (let round = 0; round < 6; round++) {
      await using schema = await freshSchema()
      await using universe = await openUniverse(schema.address())
      const commit = universe.commit('One', (draft) => draft.createEntity('T')).catch((error: unknown) => error)
      await sleep(Math.random() * 25)
      const down = await migrateDatabase(schema.address(), 'down').catch((error: unknown) => error)
      if (down instanceof Error) {
        expect(down).toMatchObject({ code: 'VERSIONS_LOST', versions: 1 })
        expect(await commit).toMatchObject({ sequence: 1 })
        kept++
      } else {
        expect(await commit).toBeInstanceOf(Error)
        lost++
      }
    }
    expect(kept + lost).toBe(6)
  })

  it('neither list nor take back what is not there, and make nothing then', async () => {
    await using schema = await freshSchema()
    for (const call of [
      () => listMigrationsOf(schema.address()),
      () => migrateDatabase(schema.address(), 'down'),
      () => migrateDatabase(schema.address(), 'down', { force: true }),
    ]) {
      expect(await refusalOf(call)).toMatchObject({ code: 'NOT_FOUND' })
    }
    expect(await schema.run('select 1 from pg_namespace where nspname = $1', [schema.name])).toEqual([])
  })

  it('are all or none: one that fails is an error of its own and leaves the schema as it was', async () => {
    await using schema = await freshSchema()
    await migrateDatabase(schema.address(), 'up')
    await schema.run('create table snapshot (x int)') // in the way of the last step of the next migration
    const before = await catalogueOf(schema)
    expect(await refusalOf(() => openUniverse(schema.address()))).toMatchObject({ code: 'MIGRATION' })
    expect(await refusalOf(() => migrateDatabase(schema.address(), 'latest'))).toMatchObject({ code: 'MIGRATION' })
    expect(await catalogueOf(schema)).toEqual(before)
    await schema.run('drop table snapshot')
    for (const options of [{ migrate: false }, { readOnly: true }]) {
      const refused = await refusalOf(() => openUniverse(schema.address(), options))
      expect(refused).toMatchObject({ code: 'MIGRATION', message: expect.stringContaining('0002') })
    }
    await (await openUniverse(schema.address())).close()
  })

  it('are refused where one has run that this program does not know, and where a newer format is said', async () => {
    await using schema = await freshSchema()
    await (await openUniverse(schema.address())).close()
    await schema.run("insert into kysely_migration values ('9999_future', '2099')")
    const unknown = { code: 'MIGRATION', message: expect.stringContaining('9999_future') }
    for (const step of ['latest', 'up', 'down'] as const) {
      expect(await refusalOf(() => migrateDatabase(schema.address(), step, { force: true }))).toMatchObject(unknown)
    }
    for (const readOnly of [true, false]) {
      expect(await refusalOf(() => openUniverse(schema.address(), { readOnly }))).toMatchObject(unknown)
    }
    await schema.run("delete from kysely_migration where name = '9999_future'")
    await schema.run("update config set value = '77' where key = 'format_version'")
    const newer = await refusalOf(() => openUniverse(schema.address()))
    expect(newer).toMatchObject({ code: 'MIGRATION', message: expect.stringContaining('77') })
  })

  it('wait for each other, and no longer than they are told', async () => {
    await using schema = await freshSchema()
    await schema.run('begin')
    await schema.run('select pg_advisory_xact_lock(452857095538)')
    const refused = await refusalOf(() => openUniverse(schema.address(), { busyTimeoutMs: 200 }))
    expect(refused).toMatchObject({ code: 'BUSY' })
    const waiting = migrateDatabase(schema.address(), 'latest')
    await sleep(200)
    await schema.run('commit')
    expect(await waiting).toHaveLength((await listMigrationsOf(schema.address())).length)
  })

  it('that many processes run at once run once, and all of them open the same universe', async () => {
    await using schema = await freshSchema()
    const children = Array.from({ length: 4 }, () => start('open', schema.address()))
    await Promise.all(children.map(({ ended }) => ended))
    const said = children.map(({ lines }) => lines.at(-1))
    expect(said[0]).toMatch(/^OPEN /)
    expect(new Set(said).size).toBe(1)
  })

  it('that are killed in the middle leave a schema that others can finish', async () => {
    await using whole = await freshSchema()
    await migrateDatabase(whole.address(), 'latest')
    const expected = JSON.stringify(await catalogueOf(whole))
    for (let round = 0; round < 6; round++) {
      await using schema = await freshSchema()
      const child = start('open', schema.address())
      await child.says('READY')
      await sleep(Math.random() * 120)
      child.process.kill('SIGKILL')
      await child.ended
      await using universe = await openUniverse(schema.address())
      expect((await universe.stats()).versions).toBe(0)
      expect(JSON.stringify(await catalogueOf(schema)).replaceAll(schema.name, whole.name)).toEqual(expected)
    }
  })
})

async function tablesOf({ name, run }: TestSchema): Promise<string[]> {
  return (await run('select tablename from pg_tables where schemaname = $1', [name])).map(
    ({ tablename }) => tablename as string,
  )
}
