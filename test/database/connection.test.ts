import { describe, expect, it } from 'vitest'
import { configValue, insertConfig } from '../../queries/config.js'
import { tableNames } from '../../queries/maintenance.js'
import { insertTag } from '../../queries/projection.js'
import { statement } from '../../queries/statement.js'
import { all, each, first } from '../../src/database/work.js'
import { databaseOf } from '../given/fork.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'

const row = (key: string) => ({ key, value: 'x', description: '', updatedAt: 1, updatedBy: 'me' })
const configOf = (universe: Universe, key: string) =>
  databaseOf(universe).read(function* () {
    return (yield* first(configValue, { key }))?.value
  })

const tag = (from_sequence: number) => ({ tag: 'tagged', entity_id: `e${from_sequence}`, from_sequence })
const tagged = statement((db, _given: object) =>
  db.selectFrom('entity_tag').selectAll().where('tag', '=', 'tagged').orderBy('from_sequence'),
)

describe.each(dialects)('work on %s', (dialect) => {
  it('writes all of it or nothing', async () => {
    await using universe = await openUniverseOn(dialect)
    const database = databaseOf(universe)
    await database.write(() => each(insertConfig, [row('one'), row('two')]))
    expect([await configOf(universe, 'one'), await configOf(universe, 'two')]).toEqual(['x', 'x'])

    const failing = database.write(function* () {
      yield* each(insertConfig, [row('three')])
      expect((yield* first(configValue, { key: 'three' }))?.value).toBe('x')
      throw new RangeError('stop')
    })
    await expect(failing).rejects.toThrow(RangeError)
    expect(await configOf(universe, 'three')).toBeUndefined()
    await database.write(() => each(insertConfig, [row('three')]))
  })

  it('goes on after a statement that failed', async () => {
    await using universe = await openUniverseOn(dialect)
    const database = databaseOf(universe)
    await expect(database.write(() => each(insertConfig, [row('one'), row('one')]))).rejects.toThrow()
    expect(await configOf(universe, 'one')).toBeUndefined()
    await universe.commit('Still alive', (draft) => draft.createEntity('T'))
  })

  it('writes any number of rows, each with its own values, whatever fits into one statement', async () => {
    await using universe = await openUniverseOn(dialect)
    const database = databaseOf(universe)
    let written = 0
    for (let count = 0; count <= 40; count++) {
      const rows = Array.from({ length: count }, () => tag(++written))
      await database.write(() => each(insertTag, rows.values()))
    }
    expect(await database.all(tagged, {})).toEqual(Array.from({ length: written }, (_, index) => tag(index + 1)))
  })

  it('keeps nothing of rows of which one cannot be written, wherever it stands', async () => {
    await using universe = await openUniverseOn(dialect)
    const database = databaseOf(universe)
    for (const bad of [1, 7, 15, 16, 20, 37]) {
      const rows = Array.from({ length: 38 }, (_, index) => tag(index === bad ? 0 : index))
      await expect(database.write(() => each(insertTag, rows))).rejects.toThrow()
    }
    expect(await database.all(tagged, {})).toEqual([])
  })

  it('gives a statement’s rows, its first row, or nothing', async () => {
    await using universe = await openUniverseOn(dialect)
    const database = databaseOf(universe)
    const names = await database.read(() => all(tableNames, {}))
    expect(names.map(({ name }) => name)).toContain('entity')
    expect(await database.first(configValue, { key: 'format_version' })).toEqual({ value: '1' })
    expect(await database.first(configValue, { key: 'none' })).toBeUndefined()
    await database.write(() => each(insertConfig, []))
  })
})
