import { describe, expect, it } from 'vitest'
import { configValue, insertConfig } from '../../queries/config.js'
import { tableNames } from '../../queries/maintenance.js'
import { all, each, first } from '../../src/database/work.js'
import { databaseOf } from '../given/fork.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'

const row = (key: string) => ({ key, value: 'x', description: '', updatedAt: 1, updatedBy: 'me' })
const configOf = (universe: Universe, key: string) =>
  databaseOf(universe).read(function* () {
    return (yield* first(configValue, { key }))?.value
  })

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
