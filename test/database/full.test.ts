import type Driver from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openUniverse, type VersionRecord } from '../../src/index.js'
import { databaseOf } from '../given/fork.js'
import { expectRefused, refusalOf } from '../given/refused.js'
import type { Universe } from '../model/open.js'

/** The writer's connection: what SQLite says where no page is left is what it says where no disk is. */
function writerOf(universe: Universe): Driver.Database {
  return (databaseOf(universe) as unknown as { writer: { driver: Driver.Database } }).writer.driver
}

/** Lets the database grow by so many pages and no more; undefined: as it likes. */
function leave(universe: Universe, pages: number | undefined): void {
  const driver = writerOf(universe)
  const now = driver.pragma('page_count', { simple: true }) as number
  driver.pragma(`max_page_count = ${pages === undefined ? 1_000_000 : now + pages}`)
}

const full = { code: 'LIMIT_EXCEEDED', limit: 'bytes of free disk', message: expect.stringContaining('disk is full') }
const entity = (index: number) => ({ id: `e${index}`, entityType: 'T', metadata: { note: 'x'.repeat(500) } })
const entities = (count: number, from = 0) => Array.from({ length: count }, (_, index) => entity(from + index))

describe('a disk without room', () => {
  it('refuses a commit whole, and takes it once there is some', async () => {
    await using universe = await openUniverse(':memory:')
    await universe.commit('Some', (draft) => void draft.createEntities(entities(50)))
    leave(universe, 3)
    const many = () => universe.commit('Many', (draft) => void draft.createEntities(entities(500, 50)))
    await expectRefused(universe, many, full)
    await universe.commit('One', (draft) => draft.updateEntity('e0', { note: null }))
    await expectRefused(universe, many, full)

    leave(universe, undefined)
    await many()
    expect(await universe.head.count()).toEqual({ entities: 550, relations: 0 })
    expect(await universe.verify()).toMatchObject({ ok: true, findings: [] })
  })

  it('stops an import where it is, and the same import goes on from there', async () => {
    const records = Array.from({ length: 60 }, (_, index): VersionRecord => {
      const operations = entities(200, index * 200).map((entity) => ({ op: 'createEntity' as const, ...entity }))
      return {
        version: `v${index}`,
        parents: index === 0 ? [] : [`v${index - 1}`],
        timestamp: index,
        description: '',
        operations,
      }
    })
    await using whole = await openUniverse(':memory:')
    await whole.import(records)
    await using universe = await openUniverse(':memory:')
    leave(universe, 1_500)
    expect(await refusalOf(() => universe.import(records))).toMatchObject(full)
    const { versions } = await universe.stats()
    expect(versions).toBeGreaterThan(0)
    expect(versions).toBeLessThan(60)
    expect(await universe.verify()).toMatchObject({ ok: true, findings: [] })

    leave(universe, undefined)
    expect(await universe.import(records)).toEqual({ imported: 60 - versions, skipped: versions })
    expect((await universe.versions.latest())?.versionHash).toBe((await whole.versions.latest())?.versionHash)
  })
})
