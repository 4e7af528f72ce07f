import { describe, expect, it } from 'vitest'
import { deltaOfVersion } from '../../queries/delta.js'
import { timelineOfId } from '../../queries/history.js'
import { tagsSince } from '../../queries/lane.js'
import { all } from '../../src/database/work.js'
import { databaseOf } from '../given/fork.js'
import { randomOperations } from '../given/operations.js'
import { Dice } from '../laws/dice.js'
import { recordOf } from '../laws/play.js'
import { askAll } from '../laws/questions.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'
import { emptyState } from '../model/state.js'
import { ModelUniverse } from '../model/universe.js'
import { ids } from '../model/values.js'

describe.each(dialects)('lane 1 on %s', (dialect) => {
  it('holds the same rows whether versions are written one by one or many at once', async () => {
    const model = new ModelUniverse()
    const dice = new Dice(31)
    for (let index = 0; index < 120; index++) {
      const operations = randomOperations(model.head?.state ?? emptyState, dice, 5)
      const parents = model.head ? [model.head.versionId] : []
      // Clocks run back here and there, as in imported histories.
      const timestamp = 1_000 + index * 2 - (dice.chance(20) ? dice.roll(40) : 0)
      model.append({ version: `v${index}`, parents, timestamp, operations, description: `${index}` })
    }
    const records = model.versions.map(recordOf) as never[]
    await using atOnce = await openUniverseOn(dialect)
    await using inParts = await openUniverseOn(dialect)
    await using byOne = await openUniverseOn(dialect)
    await atOnce.import(records)
    for (let from = 0; from < records.length; from += 17) await inParts.import(records.slice(from, from + 17))
    for (const record of records) await byOne.import([record])

    const rows = await rowsOf(atOnce)
    expect(await rowsOf(inParts)).toEqual(rows)
    expect(await rowsOf(byOne)).toEqual(rows)
    const count = async (universe: Universe) => {
      const { universeId: _id, bytes: _bytes, ...stats } = await universe.stats()
      return stats
    }
    expect(await count(byOne)).toEqual(await count(atOnce))
    for (const version of model.versions.filter(({ sequence }) => sequence % 7 === 0)) {
      await askAll(atOnce.at(version.versionId), version.state, dice, 1)
      await askAll(byOne.at(version.versionId), version.state, dice, 1)
    }
    await askAll(atOnce.head, model.head?.state ?? emptyState, dice, 5)
  })
})

/** The timelines of all ids, the tags that stand, and the deltas. */
async function rowsOf(universe: Universe): Promise<unknown[]> {
  return databaseOf(universe).read(function* () {
    const rows: unknown[] = []
    for (const id of ids) {
      for (const element of ['entity', 'relation'] as const) {
        const shape = { element, trunk: true }
        rows.push(yield* all(timelineOfId(shape), { laneId: 1, id, bound: Number.MAX_SAFE_INTEGER }))
      }
      const pairs = ['red', 'green', 'réd', ''].map((tag) => JSON.stringify([tag, id]))
      const tags = yield* all(tagsSince({ trunk: true }), { laneId: 1, pairs })
      rows.push(tags.sort((a, b) => (a.tag < b.tag ? -1 : 1)))
    }
    for (let index = 0; index < 120; index += 11) rows.push(yield* all(deltaOfVersion, { id: `v${index}` }))
    return rows
  })
}
