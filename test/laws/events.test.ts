import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventsOf, type ModelEvent } from '../model/events.js'
import { stepIntents } from '../model/generator.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { play } from './play.js'
import { readPages } from './questions.js'

type Event = Awaited<ReturnType<Universe['events']['publish']>>
type EventFilter = { type?: string; source?: string; from?: number; to?: number }

describe.each(dialects)('events on %s', { timeout: lawTimeout }, (dialect) => {
  it('tell of every operation, every version and everything published, in order', async () => {
    const size = { numRuns: 20, leastOperations: 350 }
    await holdLaw(fc.tuple(stepIntents(45), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const before = await newestFirst(universe)
      const expected: (ModelEvent | Event)[] = before.toReversed()
      await play(universe, intents, course, async ({ version, isNew }) => {
        if (version && isNew) expected.push(...eventsOf(version))
        if (dice.chance(30)) expected.push(await publish(universe, dice))
      })

      const events = await newestFirst(universe)
      expect(events.toReversed()).toMatchObject(expected)
      expect(events.map(({ seq }) => seq).toReversed()).toEqual(events.map((_, index) => index + 1))
      for (let round = 0; events.length > 0 && round < 20; round++) {
        const filter = randomFilter(events, dice)
        const limit = 1 + dice.roll(20)
        const listed = await readPages((next) => universe.events.list({ ...filter, limit, ...next }))
        expect(listed, JSON.stringify(filter)).toEqual(events.filter((event) => matches(event, filter)))
      }
    })
  })

  it('of commits are not kept without an audit log', async () => {
    const size = { numRuns: 5, leastOperations: 50 }
    await holdLaw(stepIntents(30), size, async (intents, course) => {
      await using universe = await openUniverseOn(dialect, { auditLog: false })
      await play(universe, intents, course)
      const ofCommits = (await newestFirst(universe)).filter(({ versionId }) => versionId !== null)
      expect(ofCommits).toEqual([])
    })
  })
})

function newestFirst(universe: Universe): Promise<Event[]> {
  return readPages((next) => universe.events.list({ limit: 1_000, ...next }))
}

function publish(universe: Universe, dice: Dice): Promise<Event> {
  const source = dice.chance(50) ? { source: dice.pick(['a', 'b', '%']) } : {}
  return universe.events.publish(dice.pick(['NOTE', 'ENTITY_CREATED']), { at: [dice.roll(9), null] }, source)
}

function randomFilter(events: readonly Event[], dice: Dice): EventFilter {
  const { type, source } = dice.pick(events)
  const moments = [dice.pick(events).timestamp, dice.pick(events).timestamp + dice.roll(3) - 1]
  return {
    ...(dice.chance(50) ? { type } : {}),
    ...(dice.chance(40) && source !== null ? { source } : {}),
    ...(dice.chance(40) ? { from: Math.min(...moments) } : {}),
    ...(dice.chance(40) ? { to: Math.max(...moments) } : {}),
  }
}

function matches(event: Event, { type, source, from, to }: EventFilter): boolean {
  return (
    (type === undefined || event.type === type) &&
    (source === undefined || event.source === source) &&
    (from === undefined || event.timestamp >= from) &&
    (to === undefined || event.timestamp <= to)
  )
}
