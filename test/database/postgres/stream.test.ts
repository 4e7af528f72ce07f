/** One history in both databases: the same versions, states and hashes, whichever it came from. */
import { describe, expect, it } from 'vitest'
import type { Universe, Version } from '../../../src/index.js'
import { collect } from '../../given/collect.js'
import { makeTree } from '../../given/trees.js'
import { Dice } from '../../laws/dice.js'
import { openUniverseOn } from '../../model/open.js'

describe('a version stream', () => {
  it('goes from SQLite to PostgreSQL and back, with the same hashes and answers at every version', async () => {
    const { records } = makeTree(new Dice(11), 60, 'lines')
    await using file = await openUniverseOn('sqlite')
    await using server = await openUniverseOn('postgres')
    await using back = await openUniverseOn('sqlite')
    await file.import(records)
    await server.import(file.export())
    await back.import(server.export())

    const versions = await versionsOf(file)
    expect(versions).toHaveLength(records.length)
    expect(await versionsOf(server)).toEqual(versions)
    expect(await versionsOf(back)).toEqual(versions)
    expect(await collect(server.export())).toEqual(await collect(file.export()))
    for (const { versionId } of new Dice(12).some(versions, 20)) {
      // To the letter: members stand in the same order too.
      expect(JSON.stringify(await stateOf(server, versionId))).toBe(JSON.stringify(await stateOf(file, versionId)))
    }
    expect(await server.verify()).toMatchObject({ ok: true, versions: records.length })
  })
})

/** All versions, by sequence, with their hashes. */
async function versionsOf(universe: Universe): Promise<Version[]> {
  const ids = (await collect(universe.export())).map(({ version }) => version)
  return Promise.all(ids.map(async (id) => (await universe.versions.get({ version: id })) as Version))
}

async function stateOf(universe: Universe, version: string) {
  const view = universe.at({ version })
  const { entities, relations } = await universe.materialise({ version })
  const [entity] = entities
  return {
    ...{ entities: [...entities], relations: [...relations], counts: await view.count() },
    neighbours: entity && (await view.neighbours(entity.id, { direction: 'both' })),
    tagged: await view.entities({ tag: 'a', orderBy: 'updatedAt', order: 'desc' }),
  }
}
