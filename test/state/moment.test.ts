import { describe, expect, it } from 'vitest'
import { fork } from '../given/fork.js'
import { versionAt } from '../model/history.js'
import { dialects, openUniverseOn } from '../model/open.js'
import { ModelUniverse } from '../model/universe.js'

describe.each(dialects)('a moment on %s', (dialect) => {
  it('is the greatest sequence whose timestamp is not later, wherever the clock ran', async () => {
    await using universe = await openUniverseOn(dialect)
    const model = new ModelUniverse()
    const timestamps = [100, 300, 200, 200, 400, 50, 350, 400, 90, 500, 499, 10, 501]
    const records = timestamps.map((timestamp, index) => {
      const operations = [{ op: 'createEntity', id: `e${index}`, entityType: 'T', metadata: {} } as const]
      const record = {
        version: `v${index}`,
        parents: index ? [`v${index - 1}`] : [],
        timestamp,
        operations: [...operations],
      }
      model.append(record)
      return record
    })
    await universe.import(records)

    for (const moment of [...timestamps.flatMap((at) => [at - 1, at, at + 0.5]), -1e300, 1e300, Infinity, -Infinity]) {
      const expected = versionAt(model, moment)
      expect((await universe.versions.at(moment))?.versionId, `${moment}`).toBe(expected?.versionId)
      const count = { entities: expected?.sequence ?? 0, relations: 0 }
      expect(await universe.at({ time: moment }).count(), `${moment}`).toEqual(count)
    }
  })

  it('before the first version is the empty graph, and undefined as a version', async () => {
    await using universe = await openUniverseOn(dialect)
    expect(await universe.versions.at(0)).toBeUndefined()
    expect(await universe.at(new Date(0)).count()).toEqual({ entities: 0, relations: 0 })
    await universe.commit('Late', (draft) => draft.createEntity('T', {}, { id: 'a' }), { timestamp: 10 })

    expect(await universe.versions.at(9)).toBeUndefined()
    expect(await universe.at(new Date(9)).entity('a')).toBeUndefined()
    expect((await universe.at(new Date(9)).entities()).items).toEqual([])
    expect((await universe.at(new Date(10)).entities()).items).toHaveLength(1)
  })

  it('of a branch goes past the fork into its parents, and no further than the fork on their lane', async () => {
    await using universe = await openUniverseOn(dialect)
    const main: string[] = []
    for (const timestamp of [10, 30, 20, 40]) {
      main.push(await importOne(universe, `m${timestamp}`, main.at(-1), timestamp))
    }
    await fork(universe, 'x', 'm20')
    await universe.commit('x1', [], { branch: 'x', versionId: 'x1', timestamp: 35 })
    await universe.commit('x2', [], { branch: 'x', versionId: 'x2', timestamp: 60 })
    const at = async (moment: number) => (await universe.versions.at(moment, 'x'))?.versionId

    expect([await at(60), await at(59), await at(35)]).toEqual(['x2', 'x1', 'x1'])
    expect([await at(34), await at(30), await at(20), await at(19), await at(9)]).toEqual([
      'm20',
      'm20',
      'm20',
      'm10',
      undefined,
    ])
  })

  it('is resolved at the first read and stays, whatever joins later', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.import([{ version: 'a', parents: [], timestamp: 10, operations: [] }])
    const early = universe.at({ time: 50 })
    const asked = universe.at({ time: 50 })
    expect(await asked.count()).toEqual({ entities: 0, relations: 0 })
    const create = { op: 'createEntity', id: 'e', entityType: 'T', metadata: {} } as const
    await universe.import([{ version: 'b', parents: ['a'], timestamp: 20, operations: [create] }])

    expect(await asked.count()).toEqual({ entities: 0, relations: 0 })
    expect(await early.count()).toEqual({ entities: 1, relations: 0 })
  })
})

async function importOne(
  universe: Awaited<ReturnType<typeof openUniverseOn>>,
  version: string,
  parent: string | undefined,
  timestamp: number,
): Promise<string> {
  await universe.import([{ version, parents: parent === undefined ? [] : [parent], timestamp, operations: [] }])
  return version
}
