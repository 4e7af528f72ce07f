import type Driver from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openDriver } from '../../src/database/sqlite/driver.js'
import { listMigrations, migrateDown, migrateToLatest, migrateUp } from '../../src/database/sqlite/migrate.js'
import { openUniverse } from '../../src/index.js'
import { temporaryFolder } from '../given/folder.js'
import { refusalOf } from '../given/refused.js'

/** Tables and indexes as they were declared. */
function schemaOf(driver: Driver.Database): unknown[] {
  return driver.prepare('select type, name, tbl_name, sql from sqlite_master order by type, name').all()
}

describe('migrations on sqlite', () => {
  it('give the same schema down and up again, step by step', async () => {
    const driver = openDriver(':memory:')
    await migrateToLatest(driver)
    const whole = schemaOf(driver)
    const count = (await listMigrations(driver)).length
    expect(await migrateToLatest(driver)).toEqual([])

    const steps: unknown[][] = []
    for (let step = 0; step < count; step++) {
      steps.unshift(schemaOf(driver))
      expect(await migrateDown(driver)).toMatchObject([{ direction: 'Down', status: 'Success' }])
    }
    const left = schemaOf(driver) as { name: string }[]
    expect(left.filter(({ name }) => !/^(kysely|sqlite)_/.test(name))).toEqual([])
    for (const schema of steps) {
      expect(await migrateUp(driver)).toMatchObject([{ direction: 'Up', status: 'Success' }])
      expect(schemaOf(driver)).toEqual(schema)
    }
    expect(schemaOf(driver)).toEqual(whole)
    driver.close()
  })

  it('name every table and index that the store is said to have', async () => {
    const driver = openDriver(':memory:')
    await migrateToLatest(driver)
    const names = (schemaOf(driver) as { name: string }[]).map(({ name }) => name)
    const tables =
      'entity relation state_version event_log delta_record config client_connection subscription entity_history relation_history entity_tag entity_tag_history version_parent lane branch snapshot'
    const indexes =
      'entity_type_idx entity_created_idx from_entity_idx to_entity_idx relation_type_idx parent_version_idx state_version_timestamp_idx owner_idx event_type_idx event_log_timestamp_idx source_idx state_version_idx delta_record_timestamp_idx client_connection_identity_idx subscription_identity_idx'

    expect(names).toEqual(expect.arrayContaining([...tables.split(' '), ...indexes.split(' ')]))
    for (const { sql } of driver
      .prepare("select sql from sqlite_master where type = 'table' and name = 'entity'")
      .all() as {
      sql: string
    }[]) {
      expect(sql).toMatch(/strict$/i)
    }
    driver.close()
  })

  it('are all or none: one that fails is an error of its own and leaves the schema as it was', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    const driver = openDriver(path)
    driver.pragma('journal_mode = WAL')
    await migrateUp(driver)
    driver.exec('create table snapshot (x)') // in the way of the last step of the next migration
    const before = schemaOf(driver)

    expect(await refusalOf(() => openUniverse(path))).toMatchObject({ code: 'MIGRATION' })
    expect(schemaOf(driver)).toEqual(before)
    driver.exec('drop table snapshot')
    await (await openUniverse(path)).close()
    driver.close()
  })

  it('are refused where one has run that this program does not know, and where a newer format is said', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    await (await openUniverse(path)).close()
    const change = (statement: string) => {
      const driver = openDriver(path)
      driver.exec(statement)
      driver.close()
    }
    for (const readOnly of [true, false]) {
      change("insert into kysely_migration values ('9999_future', '2099')")
      const unknown = await refusalOf(() => openUniverse(path, { readOnly }))
      expect(unknown).toMatchObject({ code: 'MIGRATION', message: expect.stringContaining('9999_future') })
      change("delete from kysely_migration where name = '9999_future'")
      change("update config set value = '77' where key = 'format_version'")
      const newer = await refusalOf(() => openUniverse(path, { readOnly }))
      expect(newer).toMatchObject({ code: 'MIGRATION', message: expect.stringContaining('77') })
      change("update config set value = '1' where key = 'format_version'")
    }
    await (await openUniverse(path)).close()
  })

  it('that are missing are named where they may not be run', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    const driver = openDriver(path)
    driver.pragma('journal_mode = WAL')
    await migrateUp(driver)
    driver.close()

    for (const options of [{ migrate: false }, { readOnly: true }]) {
      const refused = await refusalOf(() => openUniverse(path, options))
      expect(refused).toMatchObject({ code: 'MIGRATION', message: expect.stringContaining('0002') })
    }
    await using universe = await openUniverse(path)
    expect((await universe.stats()).versions).toBe(0)
  })
})
