import * as fc from 'fast-check'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { statement } from '../../queries/statement.js'
import { all } from '../../src/database/work.js'
import type { Operation } from '../../src/index.js'
import { windowsOf } from '../../src/state/window.js'
import { collect } from '../given/collect.js'
import { databaseOf } from '../given/fork.js'
import { makeForks } from '../given/forks.js'
import { randomOperations } from '../given/operations.js'
import { everythingOf, refusalOf } from '../given/refused.js'
import { layInWindows } from '../given/windows.js'
import { runs, seed } from '../laws/law.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'

const deletion = (id: string) => ({ op: 'deleteEntity', id }) as const

describe('the windows of a version', () => {
  it('follow one another, keep the operations of an id together, and are no longer than that takes', () => {
    const law = fc.property(
      fc.array(fc.constantFrom(...'abcdefghij'), { maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      (ids, size) => {
        const windows = windowsOf(ids.map(deletion), size)
        expect(windows.flatMap(({ from, to }) => ids.slice(from, to))).toEqual(ids)
        const seen = windows.map(({ from, to }) => new Set(ids.slice(from, to)))
        const distinct = new Set(ids).size
        expect(seen.reduce((sum, { size }) => sum + size, 0)).toBe(distinct)
        for (const { from, to } of windows.slice(0, -1)) {
          expect(to - from).toBeGreaterThanOrEqual(size)
          const mayEndBefore = (end: number) => !ids.slice(from, end).some((id) => ids.slice(end).includes(id))
          for (let end = from + size; end < to; end++) expect(mayEndBefore(end)).toBe(false)
        }
      },
    )
    fc.assert(law, { numRuns: runs(1_000), seed })
  })

  it('of what is created begin anywhere', () => {
    const operations = ['a', 'b', 'a', 'c', 'd'].map(
      (id) => ({ op: 'createEntity', id, entityType: 'T', metadata: {} }) as const,
    )
    expect(windowsOf(operations, 2)).toEqual([
      { from: 0, to: 2 },
      { from: 2, to: 4 },
      { from: 4, to: 5 },
    ])
  })

  it('are one where a cascade touches nobody knows what', () => {
    const operations = [deletion('a'), { ...deletion('b'), cascade: true as const }, deletion('c')]
    expect(windowsOf(operations, 1)).toEqual([{ from: 0, to: 3 }])
    expect(windowsOf([], 1)).toEqual([{ from: 0, to: 0 }])
  })
})

describe.each(dialects)('versions in windows on %s', (dialect) => {
  it('leave the same rows behind as whole ones, on every lane', async () => {
    const make = (size: number) =>
      makeForks(
        dialect,
        11,
        70,
        (before, dice) => randomOperations(before, dice, 12),
        (universe) => {
          layInWindows(universe, size)
        },
      )
    await using whole = await make(1_000)
    const rows = await rowsOf(whole.universe)
    expect(rows.map((table) => table.length > 0)).toEqual(rows.map(() => true))
    for (const size of [1, 3]) {
      await using inWindows = await make(size)
      expect(await rowsOf(inWindows.universe)).toEqual(rows)
      expect(await inWindows.universe.verify()).toMatchObject({ ok: true, findings: [] })
    }
    const records = await collect(whole.universe.export())
    await using imported = await openUniverseOn(dialect)
    await using windowed = await openUniverseOn(dialect)
    layInWindows(windowed, 2)
    await imported.import(records)
    await windowed.import(records)
    expect(await rowsOf(windowed)).toEqual(await rowsOf(imported))
    await windowed.rebuild()
    expect(await rowsOf(windowed)).toEqual(await rowsOf(imported))
  })

  it('are refused as whole ones are: with the place of the operation, and nothing is written', async () => {
    await using universe = await openUniverseOn(dialect)
    layInWindows(universe, 2)
    await universe.commit('beginning', (draft) => {
      for (const id of ['a', 'b', 'c', 'd', 'e']) draft.createEntity('Thing', {}, { id })
    })
    const before = await everythingOf(universe)
    const list = (...last: Operation[]): Operation[] => [...['f', 'g', 'h', 'i'].map((id) => creation(id)), ...last]
    const link: Operation = { op: 'createRelation', id: 'r', relationType: 'R', from: 'f', to: 'a', metadata: {} }
    for (const [operations, code, operation] of [
      [list(creation('a')), 'ALREADY_EXISTS', 4],
      [list({ op: 'deleteRelation', id: 'f' }), 'NOT_FOUND', 4],
      [list(link, creation('r')), 'ALREADY_EXISTS', 5],
      [list(link, creation('j'), creation('k'), { op: 'deleteEntity', id: 'a' }), 'ENTITY_IN_USE', 7],
      [[link, ...list()], 'NOT_FOUND', 0],
    ] as const) {
      expect(await refusalOf(() => universe.commit('bad', operations))).toMatchObject({ code, operation })
      const record = { version: 'v', parents: [before.stream.at(-1)?.version as string], timestamp: 1, operations }
      expect(await refusalOf(() => universe.import([record as never]))).toMatchObject({ code, operation })
    }
    expect(await everythingOf(universe)).toEqual(before)

    await universe.commit('good', list(link, creation('j'), creation('k'), { op: 'deleteRelation', id: 'r' }))
    expect(await universe.head.count()).toMatchObject({ entities: 11, relations: 0 })
  })
})

function creation(id: string): Operation {
  return { op: 'createEntity', id, entityType: 'Thing', metadata: {} }
}

const tables = ['entity', 'relation', 'entity_history', 'relation_history', 'entity_tag', 'entity_tag_history'] as const
const everyRow = tables.map((table) => statement<object, object>(() => sql`select * from ${sql.table(table)}`))

/** The rows of states and tags, as text, in an order of their own. */
async function rowsOf(universe: Universe): Promise<string[][]> {
  return databaseOf(universe).read(function* () {
    const rows: string[][] = []
    for (const each of everyRow) rows.push((yield* all(each, {})).map((row) => JSON.stringify(row)).sort())
    return rows
  })
}
