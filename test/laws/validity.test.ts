import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listEntities } from '../model/filter.js'
import { stepIntents } from '../model/generator.js'
import { dialects, openUniverseOn, type View } from '../model/open.js'
import { isValidAt, type State } from '../model/state.js'
import { tags } from '../model/values.js'
import { validAt } from '../model/walk.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { randomMoment } from './moments.js'
import { play } from './play.js'
import { askSeen, readPages } from './questions.js'

describe.each(dialects)('valid time on %s', { timeout: lawTimeout }, (dialect) => {
  it('shows what is valid at a moment, whatever is asked of any version', async () => {
    const size = { numRuns: 12, leastOperations: 200 }
    const counts = { hidden: 0, ceasing: 0, beginning: 0, never: 0, byEnd: 0, shown: 0 }
    await holdLaw(fc.tuple(stepIntents(40), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const model = await play(universe, intents, course)
      if (!model.head) return
      for (let round = 0; round < 15; round++) {
        const { versionId, state } = round < 4 ? model.head : dice.pick(model.versions)
        const view = round < 4 ? universe.head : universe.at({ version: versionId })
        const moment = randomMoment(state, dice)
        count(counts, state, moment)
        const at = dice.chance(50) ? moment : new Date(moment)
        await askSeen(view.validAt(at), validAt(state, moment), dice, 3)
        await askTags(view.validAt(at), validAt(state, moment))
        if (dice.chance(20)) await askSeen(view.validAt(moment + 1).validAt(at), validAt(state, moment), dice, 1)
      }
    })
    if (Number(process.env.LAWS_SCALE ?? 1) < 1) return
    expect(counts.shown).toBeGreaterThan(400)
    expect(counts.hidden).toBeGreaterThan(200)
    expect(counts.ceasing).toBeGreaterThan(50)
    expect(counts.beginning).toBeGreaterThan(50)
    expect(counts.never).toBeGreaterThan(20)
    expect(counts.byEnd).toBeGreaterThan(30)
  })
})

/** By tag alone, which past entities are found by without a look at them. */
async function askTags(view: View, state: State): Promise<void> {
  for (const tag of tags) {
    const bearing = listEntities(state, { tag })
    expect(await view.count({ tag })).toEqual({ entities: bearing.length, relations: 0 })
    const pages = readPages((next) => view.entities({ tag, limit: 1, ...next }))
    expect(await pages).toEqual(bearing)
  }
}

type Counts = Record<'hidden' | 'ceasing' | 'beginning' | 'never' | 'byEnd' | 'shown', number>

/** What the moment decides: a law about validity says nothing where all is valid. */
function count(counts: Counts, state: State, moment: number): void {
  const shown = validAt(state, moment)
  for (const element of [...state.entities.values(), ...state.relations.values()]) {
    const { id, validFrom, validTo } = element
    if (shown.entities.has(id) || shown.relations.has(id)) counts.shown++
    else counts.hidden++
    if (validTo === moment) counts.ceasing++
    if (validFrom === moment && validTo !== moment) counts.beginning++
    if (validFrom !== undefined && validFrom === validTo) counts.never++
    if (state.relations.has(id) && isValidAt(element, moment) && !shown.relations.has(id)) counts.byEnd++
  }
}
