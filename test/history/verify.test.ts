import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Driver from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openUniverse, type Verification } from '../../src/index.js'
import { temporaryFolder } from '../given/folder.js'
import { fork } from '../given/fork.js'
import { makeForks } from '../given/forks.js'
import { refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn } from '../model/open.js'

describe.each(dialects)('verify on %s', (dialect) => {
  it('finds nothing in what was written by the library, on however many lanes', async () => {
    await using empty = await openUniverseOn(dialect)
    expect(await empty.verify()).toEqual({ ok: true, versions: 0, findings: [], count: 0 })
    await using forks = await makeForks(dialect, 5, 80)
    expect(await forks.universe.verify()).toEqual({ ok: true, versions: 80, findings: [], count: 0 })
    await forks.universe.events.publish('SEEN', { by: 'me' })
    await using silent = await openUniverseOn(dialect, { auditLog: false })
    await silent.commit('x', (draft) => draft.createEntity('T'))
    for (const universe of [forks.universe, silent]) expect(await universe.verify()).toMatchObject({ ok: true })
  })

  it('goes on while others commit, and tells how far it is', async () => {
    await using universe = await openUniverseOn(dialect)
    const records = Array.from({ length: 400 }, (_, n) => ({
      ...{ version: `v${n}`, parents: n ? [`v${n - 1}`] : [], timestamp: n },
      operations: [{ op: 'createEntity', id: `e${n}`, entityType: 'T', metadata: {} } as const],
    }))
    await universe.import(records)
    const told: number[] = []
    const pending: Promise<unknown>[] = []
    const result = await universe.verify({
      onProgress: ({ versions }) => {
        told.push(versions)
        pending.push(universe.commit('Meanwhile', (draft) => draft.updateEntity('e0', { at: told.length })))
      },
    })
    await Promise.all(pending)

    expect(result).toMatchObject({ ok: true, findings: [] })
    expect(told.length).toBeGreaterThan(1)
    expect(await universe.verify()).toMatchObject({ ok: true, versions: 400 + pending.length })
  })

  it('proves a receipt: that very version is still there', async () => {
    await using universe = await openUniverseOn(dialect)
    const receipt = await universe.commit('x', (draft) => draft.createEntity('T'))
    await universe.commit('y', [])
    expect(await universe.verify({ receipt })).toMatchObject({ ok: true })
    await using other = await openUniverseOn(dialect)
    await other.commit('x', (draft) => draft.createEntity('T'))

    expect(await other.verify({ receipt })).toMatchObject({ ok: false, findings: [{ versionId: receipt.versionId }] })
    for (const change of [{ versionHash: 'f'.repeat(64) }, { sequence: 2 }, { versionId: 'lost' }]) {
      expect(await universe.verify({ receipt: { ...receipt, ...change } })).toMatchObject({ ok: false })
    }
  })

  it('stops when it is told to', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('x', [])
    expect(await refusalOf(() => universe.verify({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORT' })
    expect(await refusalOf(() => universe.verify({ deadline: 0 }))).toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })
})

/** Every table whose content a reader can see, and what tells its rows apart. */
const tables = {
  entity: ['id'],
  relation: ['id'],
  entity_history: ['lane_id', 'id', 'from_sequence'],
  relation_history: ['lane_id', 'id', 'from_sequence'],
  entity_tag: ['tag', 'entity_id'],
  entity_tag_history: ['lane_id', 'tag', 'entity_id', 'from_sequence'],
  state_version: ['version_id'],
  version_parent: ['version_id', 'position'],
  delta_record: ['delta_id'],
  event_log: ['event_id'],
  lane: ['lane_id'],
}
type Row = Record<string, string | number | null>

const childPath = fileURLToPath(new URL('../database/child.mjs', import.meta.url))
const library = new URL('../../dist/src/index.js', import.meta.url).href

describe('damage on sqlite', { timeout: 60_000 }, () => {
  it.each(Object.keys(tables) as (keyof typeof tables)[])('to any cell or row of %s is named', async (table) => {
    using folder = temporaryFolder()
    const whole = await makeUniverse(folder.file('whole.db'))
    const path = folder.file('damaged.db')
    const unnamed: string[] = []
    let done = 0
    for (const [name, damage] of damages(whole, table)) {
      const driver = new Driver(whole.serialize())
      driver.pragma('foreign_keys = OFF')
      try {
        damage(driver)
      } catch (error) {
        if (!(error instanceof Driver.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT'))) throw error
        continue // a constraint of the schema makes this damage impossible
      }
      writeFileSync(path, driver.serialize())
      driver.close()
      done++
      const found = await verifyFile(path)
      if (typeof found === 'string') unnamed.push(`${name}: ${found}`)
      else if (found.ok || found.findings.length === 0) unnamed.push(name)
    }
    whole.close()
    expect(unnamed).toEqual([])
    expect(done).toBeGreaterThan(2)
  })

  it('to the lanes’ parents is named too, and nothing goes round in circles', async () => {
    using folder = temporaryFolder()
    for (const parent of ['2', '1', '99', 'null']) {
      const path = folder.file(`${parent}.db`)
      const whole = await makeUniverse(path)
      whole.pragma('foreign_keys = OFF')
      whole.exec(`update lane set parent_lane_id = ${parent} where lane_id = ${parent === '1' ? 1 : 2}`)
      whole.close()
      const child = spawnSync(process.execPath, [childPath, library, 'verify', path], { timeout: 8_000 })
      expect(`${child.stdout}`, `a lane under ${parent}`).toContain('FOUND')
    }
  })

  it('to one version does not hide damage to another lane', async () => {
    using folder = temporaryFolder()
    const whole = await makeUniverse(folder.file('whole.db'))
    whole.exec(`update delta_record set operations = '[{"op":"deleteEntity","id":"nobody"}]' where delta_id like '2:%'`)
    whole.exec("update entity_history set metadata = '{}' where lane_id > 1 and metadata is not null")
    whole.close()
    const verification = await verifyFile(folder.file('whole.db'))
    expect(verification).toMatchObject({ ok: false })
    const { findings } = verification as Verification
    expect(findings.map(({ place }) => place)).toEqual(expect.arrayContaining([expect.stringMatching(/^delta/)]))
    expect(findings.length).toBeGreaterThan(1)
  })
})

/** Each cell of a few rows changed, each of them gone, one of them twice. */
function* damages(
  whole: Driver.Database,
  table: keyof typeof tables,
): Generator<[string, (driver: Driver.Database) => void]> {
  const key = tables[table]
  const rows = whole.prepare(`select * from ${table}`).all() as Row[]
  // A lost tail of events shows only against a receipt.
  const last = rows.at(table === 'event_log' ? -2 : -1)
  const some = [rows[0], rows[Math.floor(rows.length / 2)], last].filter((row) => row !== undefined)
  for (const row of new Set(some)) {
    const where = key.map((column) => `${column} = ?`).join(' and ')
    const keys = key.map((column) => row[column])
    const label = keys.join(' ')
    for (const [column, value] of Object.entries(row)) {
      if (isOwnBusiness(table, column) || (column === 'fork_sequence' && value === null)) continue
      yield [
        `${label} ${column}`,
        (driver) =>
          driver.prepare(`update ${table} set ${column} = ? where ${where}`).run(changed(value, column), ...keys),
      ]
    }
    yield [`${label} gone`, (driver) => driver.prepare(`delete from ${table} where ${where}`).run(...keys)]
    if (table === 'lane') continue // one more lane that no version is on
    const columns = Object.keys(row)
    const copy = columns.map((column) => (isTold(key, column) ? changed(row[column] ?? null, column) : row[column]))
    yield [
      `${label} twice`,
      (driver) =>
        driver.prepare(`insert into ${table} (${columns}) values (${columns.map(() => '?')})`).run(...(copy as [])),
    ]
  }
}

/** A copy keeps its lane: what lies on a lane that is not there no reader can see. */
function isTold(key: string[], column: string): boolean {
  return key.includes(column) && (column !== 'lane_id' || key.length === 1)
}

/** What no reader can see; and a lane that is its own ancestor has a test of its own. */
function isOwnBusiness(table: string, column: string): boolean {
  return ['delta_record.delta_id', 'version_parent.position', 'lane.depth', 'lane.parent_lane_id'].includes(
    `${table}.${column}`,
  )
}

function changed(value: string | number | null, column: string): string | number {
  if (column === 'fork_sequence') return (value as number) + 100
  if (column === 'late') return value === 0 ? 1 : 0
  if (value === null) return /^(to_sequence|valid|position|fork|parent_lane)/.test(column) ? 3 : '"damaged"'
  if (typeof value === 'number') return value + 1
  if (value.startsWith('{')) return value === '{}' ? '{"damaged":1}' : '{}'
  return value.startsWith('[') ? '[]' : `${value}x`
}

async function verifyFile(path: string): Promise<Verification | string> {
  try {
    await using universe = await openUniverse(path, { readOnly: true })
    return await universe.verify()
  } catch (error) {
    return String(error)
  }
}

/** Two lanes, a merge, tags, bounds, own events: something in every table. */
async function makeUniverse(path: string): Promise<Driver.Database> {
  const universe = await openUniverse(path)
  const commit = (versionId: string, n: number, branch = 'main') =>
    universe.commit(
      versionId,
      (draft) => {
        draft.createEntity('T', { n, tags: ['x', `t${n}`] }, { id: `e${n}`, validFrom: n, validTo: 100 })
        draft.createRelation('R', `e${n}`, 'e0', { n }, { id: `r${n}`, validFrom: n })
        if (n > 1) draft.updateEntity('e0', { n, tags: n % 2 ? ['x'] : ['y'] })
        if (n > 2) draft.updateRelation(`r${n - 1}`, { changed: n })
        if (n > 3) draft.deleteEntity(`e${n - 2}`, { cascade: true })
      },
      { versionId, branch, timestamp: n * 10, metadata: { n } },
    )
  await commit('m0', 0)
  await commit('m1', 1)
  await commit('m2', 2)
  await fork(universe, 'x', 'm2')
  for (const n of [3, 4, 5]) await commit(`x${n}`, n, 'x')
  await universe.events.publish('SEEN', { n: 1 }, { source: 'e0' })
  await universe.import([{ version: 'm3', parents: ['m2', 'x4'], timestamp: 5, operations: [] }])
  for (const n of [6, 7, 8]) {
    await universe.commit(
      `m${n}`,
      (draft) => {
        draft.updateEntity('e0', { n, tags: [`t${n}`] })
        draft.updateRelation('r1', { n })
        if (n === 7) draft.deleteEntity('e2', { cascade: true })
      },
      { timestamp: n * 10 },
    )
  }
  await universe.events.publish('SEEN')
  await universe.close()
  const driver = new Driver(path)
  driver.pragma('journal_mode = DELETE') // so that it can be copied through memory
  return driver
}
