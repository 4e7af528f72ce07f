import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Driver from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openDriver } from '../../../src/database/sqlite/driver.js'
import { openUniverse, type Verification } from '../../../src/index.js'
import { temporaryFolder } from '../../given/folder.js'
import { fork } from '../../given/fork.js'
import { snapshotOften, storedSnapshots } from '../../given/snapshots.js'

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
  branch: ['name'],
  snapshot: ['version_id', 'position'],
}
type Value = string | number | null | Buffer
type Row = Record<string, Value>

const childPath = fileURLToPath(new URL('../../database/child.mjs', import.meta.url))
const library = new URL('../../../dist/src/index.js', import.meta.url).href

/** The first two events of a version, each in the place of the other. */
const swapped = `
  update event_log set seq = -1 where state_version_id = 'm1' and position = 0;
  update event_log set seq = seq - 1 where state_version_id = 'm1' and position = 1;
  update event_log set seq = (select seq + 1 from event_log where state_version_id = 'm1' and position = 1) where seq = -1;`

/** The first two chunks of a snapshot, each in the place of the other. */
const reordered = `
  update snapshot set position = -1 where position = 1;
  update snapshot set position = 1 where position = 2;
  update snapshot set position = 2 where position = -1;`

describe('damage on sqlite', { timeout: 60_000 }, () => {
  it.each(Object.keys(tables) as (keyof typeof tables)[])('to any cell or row of %s is named', async (table) => {
    using folder = temporaryFolder()
    const whole = await makeUniverse(folder.file('whole.db'))
    const path = folder.file('damaged.db')
    const unnamed: string[] = []
    let done = 0
    for (const [name, damage] of damages(whole, table)) {
      const driver = openDriver(whole.serialize())
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

  it.each([
    [
      'main stands behind the end of its lane',
      "update branch set head_version_id = 'm3' where name = 'main'",
      'branch main',
    ],
    [
      'main stands on another lane',
      "update branch set head_version_id = 'x5', lane_id = 2 where name = 'main'",
      'branch main',
    ],
    ['a branch says another lane than its head has', "update branch set lane_id = 1 where name = 'x'", 'branch x'],
    ['a lane forks elsewhere', 'update lane set fork_sequence = 2 where lane_id = 2', 'lane 2'],
    ['a lane is missing', 'delete from lane where lane_id = 2', 'lane 2'],
    ['no version is on a lane', 'insert into lane values (9, 1, 3, 2)', 'lane 9'],
    [
      'a version is on another lane',
      "update state_version set lane_id = 1 where version_id = 'y7'",
      'delta of version y7',
    ],
    [
      'a version has another parent',
      "update state_version set parent_version_id = 'm0' where version_id = 'm3'",
      'version m3',
    ],
    ['two events are in the other order', swapped, 'event 2:'],
    [
      'an event of one’s own is edited',
      "update event_log set data = '{\"n\":2}' where event_type = 'SEEN' and data is not null",
      'event ',
    ],
    ['an event of one’s own is gone', "delete from event_log where event_type = 'SEEN' and data is not null", 'event '],
    [
      'a snapshot is that of the version before',
      "update snapshot set version_id = 'm1' where version_id = (select version_id from snapshot where position = 0 and version_id like 'm%' order by version_id desc limit 1)",
      'snapshot of version m1',
    ],
    ['two chunks of a snapshot are in the other order', reordered, 'snapshot of version '],
  ])('names the place where %s', async (_, damage, place) => {
    using folder = temporaryFolder()
    const whole = await makeUniverse(folder.file('whole.db'))
    whole.pragma('foreign_keys = OFF')
    whole.exec(damage)
    whole.close()
    const { findings } = (await verifyFile(folder.file('whole.db'))) as Verification

    expect(findings.map((finding) => finding.place)).toEqual(
      expect.arrayContaining([expect.stringMatching(new RegExp(`^${place}`))]),
    )
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
      if (isOwnBusiness(table, column)) continue
      yield [
        `${label} ${column}`,
        (driver) =>
          driver.prepare(`update ${table} set ${column} = ? where ${where}`).run(changed(value, column), ...keys),
      ]
    }
    if (!isUnseen(table, row)) {
      yield [`${label} gone`, (driver) => driver.prepare(`delete from ${table} where ${where}`).run(...keys)]
    }
    if (table === 'branch') continue // one more branch
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

/**
 * Without its first row a snapshot is one that was never finished: no reader looks at the others. And
 * nothing but a receipt knows of a branch that is gone.
 */
function isUnseen(table: string, row: Row): boolean {
  return (table === 'snapshot' && row.position === 0) || (table === 'branch' && row.name !== 'main')
}

/** What no reader can see, and (of a branch) what nothing else knows. */
function isOwnBusiness(table: string, column: string): boolean {
  const own = ['delta_record.delta_id', 'version_parent.position', 'branch.created_at', 'branch.name']
  return own.includes(`${table}.${column}`)
}

function changed(value: Value, column: string): Value {
  if (Buffer.isBuffer(value)) return flipped(value)
  if (column === 'fork_sequence') return ((value ?? 0) as number) + 100
  if (column === 'late') return value === 0 ? 1 : 0
  if (value === null) return /^(to_sequence|valid|position|fork|parent_lane)/.test(column) ? 3 : '"damaged"'
  if (typeof value === 'number') return value + 1
  if (value.startsWith('{')) return value === '{}' ? '{"damaged":1}' : '{}'
  if (value.startsWith('[')) return value === '[]' ? '[{}]' : '[]'
  return `${value}x`
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy[copy.length >> 1] = (copy[copy.length >> 1] as number) ^ 1
  return copy
}

async function verifyFile(path: string): Promise<Verification | string> {
  try {
    await using universe = await openUniverse(path, { readOnly: true })
    return await universe.verify()
  } catch (error) {
    return String(error)
  }
}

/** Three lanes, one under another, a merge, tags, bounds, own events, snapshots: something in every table. */
async function makeUniverse(path: string): Promise<Driver.Database> {
  const universe = await openUniverse(path)
  snapshotOften(universe)
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
  await fork(universe, 'y', 'x4')
  for (const n of [5, 6, 7]) await commit(`y${n}`, n, 'y')
  await universe.events.publish('SEEN')
  expect((await storedSnapshots(universe)).length).toBeGreaterThan(2)
  await universe.close()
  const driver = openDriver(path)
  driver.pragma('journal_mode = DELETE') // so that it can be copied through memory
  return driver
}
