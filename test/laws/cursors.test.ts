import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listEntities, listRelations } from '../model/filter.js'
import { stepIntents } from '../model/generator.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'
import { emptyState, type State } from '../model/state.js'
import { entityTypes, ids, tags } from '../model/values.js'
import { neighbours, validAt } from '../model/walk.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { randomMoment } from './moments.js'
import { play } from './play.js'
import { collect } from './questions.js'

type Page = { items: unknown[]; cursor?: string }

/** A list that is being read, a page between any two steps, and what it must come to. */
interface Reading {
  expected: unknown[]
  items: unknown[]
  cursor: string | undefined
  read: (next: { cursor?: string }) => Promise<Page>
}

describe.each(dialects)('cursors on %s', { timeout: lawTimeout }, (dialect) => {
  it('read one state, whatever is committed between the pages', async () => {
    const size = { numRuns: 25, leastOperations: 500 }
    let acrossCommits = 0
    await holdLaw(fc.tuple(stepIntents(45), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      let readings: Reading[] = []
      await play(universe, intents, course, async ({ model }) => {
        readings = readings.filter(({ cursor }) => cursor !== undefined)
        for (const reading of readings) {
          await readOn(reading)
          acrossCommits++
        }
        readings.push(await begin(universe, model.head?.state ?? emptyState, dice))
      })
      for (const reading of readings) while (reading.cursor !== undefined) await readOn(reading)
    })
    expect(acrossCommits).toBeGreaterThan(0)
  })

  it('belong to their question, and on a fixed view to its version', async () => {
    await using universe = await openUniverseOn(dialect)
    const create = (id: string) => ({ op: 'createEntity', id, entityType: 'P', metadata: {} }) as const
    const first = await universe.commit('First', ['a', 'b', 'c'].map(create))
    const second = await universe.commit('Second', ['d'].map(create))
    const { cursor } = await universe.at({ version: first.versionId }).entities({ limit: 1 })
    if (cursor === undefined) throw new Error('The first page has no cursor')

    const refused = { code: 'VALIDATION' }
    const head = universe.head
    await expect(head.entities({ limit: 1, type: 'P', cursor })).rejects.toMatchObject(refused)
    await expect(head.entities({ limit: 1, order: 'desc', cursor })).rejects.toMatchObject(refused)
    await expect(head.relations({ limit: 1, cursor })).rejects.toMatchObject(refused)
    await expect(head.entities({ limit: 1, cursor: 'nonsense' })).rejects.toMatchObject(refused)
    const later = universe.at({ version: second.versionId })
    await expect(later.entities({ limit: 1, cursor })).rejects.toMatchObject(refused)
    await expect(head.validAt(0).entities({ limit: 1, cursor })).rejects.toMatchObject(refused)
    const valid = await head.validAt(0).entities({ limit: 1 })
    for (const other of [head, head.validAt(1), later.validAt(1)]) {
      const outcome = await other.entities({ limit: 1, cursor: valid.cursor }).catch((error: unknown) => error)
      expect(outcome).toMatchObject(refused)
    }
    const rest = await universe.at({ version: first.versionId }).entities({ limit: 10, cursor })
    expect(rest.items.map(({ id }) => id)).toEqual(['b', 'c'])
  })

  it('stand behind the iterables: what is committed meanwhile is not seen', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Many', (draft) => {
      for (let n = 0; n < 2_500; n++) draft.createEntity('P', { n }, { id: `e${n}` })
    })
    let seen = 0
    for await (const entity of universe.head.eachEntity({})) {
      if (seen++ % 500 === 0) {
        await universe.commit('Meanwhile', (draft) => {
          draft.createEntity('P', {}, { id: `f${seen}` })
          if (entity.id !== 'e999') draft.deleteEntity('e999', {})
          draft.createEntity('P', {}, { id: 'e999' })
        })
      }
    }

    expect(seen).toBe(2_500)
    expect(await collect(universe.head.eachEntity({}))).toHaveLength(2_505)
  })
})

async function begin(universe: Universe, state: State, dice: Dice): Promise<Reading> {
  const reading = { items: [], cursor: undefined, ...question(universe, state, dice) }
  await readOn(reading)
  return reading
}

function question(universe: Universe, stands: State, dice: Dice): Pick<Reading, 'expected' | 'read'> {
  const moment = dice.chance(30) ? randomMoment(stands, dice) : undefined
  const head = moment === undefined ? universe.head : universe.head.validAt(moment)
  const state = moment === undefined ? stands : validAt(stands, moment)
  const limit = 1 + dice.roll(2)
  const order = {
    orderBy: dice.pick(['id', 'createdAt', 'updatedAt'] as const),
    order: dice.pick(['asc', 'desc'] as const),
  }
  switch (dice.roll(4)) {
    case 0: {
      const filter = dice.chance(50) ? order : { ...order, type: dice.pick(entityTypes) }
      return {
        expected: listEntities(state, filter),
        read: (next) => head.entities({ ...filter, limit, ...next }),
      }
    }
    case 1: {
      const filter = { ...order, tag: dice.pick(tags) }
      return {
        expected: listEntities(state, filter),
        read: (next) => head.entities({ ...filter, limit, ...next }),
      }
    }
    case 2:
      return {
        expected: listRelations(state, order),
        read: (next) => head.relations({ ...order, limit, ...next }),
      }
    default: {
      const id = dice.pick(state.entities.size > 0 ? [...state.entities.keys()] : ids)
      const walk = { direction: 'both' } as const
      return {
        expected: neighbours(state, id, walk),
        read: (next) => head.neighbours(id, { ...walk, limit, ...next }),
      }
    }
  }
}

async function readOn(reading: Reading): Promise<void> {
  const page = await reading.read(reading.cursor === undefined ? {} : { cursor: reading.cursor })
  reading.items.push(...page.items)
  reading.cursor = page.cursor
  if (page.cursor === undefined) expect(reading.items).toEqual(reading.expected)
}
