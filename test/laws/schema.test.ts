import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineSchema, type StandardSchema } from '../../src/index.js'
import { randomOperations } from '../given/operations.js'
import { refusalOf } from '../given/refused.js'
import { stepIntents } from '../model/generator.js'
import { type Dialect, dialects, openTypedUniverseOn, openUniverseOn, type Universe } from '../model/open.js'
import { emptyState } from '../model/state.js'
import { ModelUniverse } from '../model/universe.js'
import { entityTypes, relationTypes } from '../model/values.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { play, versionsOf } from './play.js'
import { askAll, collect } from './questions.js'

type Json = Record<string, unknown>

/** A schema of everything that histories are made of, all of it validated alike. */
function everything(validate: (metadata: Json) => unknown) {
  const metadata: StandardSchema<object, object> = {
    '~standard': { version: 1, vendor: 'law', validate: validate as never },
  }
  const relation = { from: entityTypes, to: entityTypes, metadata }
  return defineSchema({
    entities: Object.fromEntries(entityTypes.map((type) => [type, metadata])),
    relations: Object.fromEntries(relationTypes.map((type) => [type, relation])),
  })
}

/** Drops what it does not know, and adds what is missing: the same again for its own output. */
function settle({ n, tags }: Json): Json {
  return { n: n === 2 ? 1 : (n ?? 0), seen: true, ...(Array.isArray(tags) ? { tags: [...new Set(tags)] } : {}) }
}

describe.each(dialects)('schemas on %s', { timeout: lawTimeout }, (dialect) => {
  it('that accept everything unchanged change nothing: equal refusals, hashes and answers', async () => {
    const schema = everything((value) => ({ value }))
    const size = { numRuns: 20, leastOperations: 500 }
    await holdLaw(fc.tuple(stepIntents(60), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect, { schema, validateReads: true } as never)
      const { versions, head } = await play(universe, intents, course)
      if (!head) return
      expect(await universe.versions.history(head.versionId)).toEqual(versionsOf(versions).reverse())
      const dice = new Dice(seed)
      for (const { versionId, state } of dice.some(versions, 30)) {
        await askAll(universe.at({ version: versionId }), state, dice, 1)
      }
      await askAll(universe.head, head.state, dice, 2)

      await using copy = await openUniverseOn(dialect, { schema } as never)
      await copy.import(universe.export(), { validate: true })
      expect(await collect(copy.export())).toEqual(await collect(universe.export()))
    })
  })

  it('record what their validators return, whatever is written, and a stream of it passes them', async () => {
    let changed = 0
    const schema = everything((value) => {
      const output = settle(value)
      if (JSON.stringify(output) !== JSON.stringify(value)) changed++
      return { value: output }
    })
    const property = fc.asyncProperty(fc.nat(), async (seed) => {
      const dice = new Dice(seed)
      await using universe = await openUniverseOn(dialect, { schema } as never)
      // What an update leaves depends on what was recorded; which operations can be applied does not.
      const model = new ModelUniverse()
      for (let sequence = 1; sequence <= 12; sequence++) {
        const operations = randomOperations(model.head?.state ?? emptyState, dice, 5)
        const parents = model.head ? [model.head.versionId] : []
        model.append({ version: `v${sequence}`, parents, timestamp: sequence, operations })
        await universe.commit('x', operations as never, { versionId: `v${sequence}`, timestamp: sequence })
        await universe.commit('x', operations as never, { versionId: `v${sequence}`, timestamp: sequence })
      }
      await expectSettled(universe, dialect, schema)
    })
    await fc.assert(property, { numRuns: 40, seed: 20_261_121 })
    expect(changed).toBeGreaterThan(1_000) // else nothing was made of anything
  })

  it('refuse all that their validators refuse: what stands has passed them', async () => {
    let refusals = 0
    const schema = everything((value) => (value.n === 2 ? { issues: [{ message: 'is two', path: ['n'] }] } : { value }))
    const property = fc.asyncProperty(fc.nat(), async (seed) => {
      const dice = new Dice(seed)
      await using universe = await openUniverseOn(dialect, { schema } as never)
      const model = new ModelUniverse()
      for (let sequence = 1; sequence <= 12; sequence++) {
        const operations = randomOperations(model.head?.state ?? emptyState, dice, 3)
        const given = {
          version: `v${sequence}`,
          parents: model.head ? [model.head.versionId] : [],
          timestamp: sequence,
        }
        const after = new ModelUniverse()
        after.versions.push(...model.versions)
        const next = after.append({ ...given, operations })
        const isTwo = operations.some((one) => JSON.stringify(one).includes('"n":2'))
        const commit = () =>
          universe.commit('x', operations as never, { versionId: given.version, timestamp: sequence })
        if (isTwo) {
          refusals++
          expect(await refusalOf(commit)).toMatchObject({ code: 'VALIDATION', issues: [{ path: '/metadata/n' }] })
        } else {
          expect((await commit()).dataHash).toBe(next.dataHash)
          model.versions.push(next)
        }
      }
      expect(await universe.verify()).toMatchObject({ findings: [] })
    })
    await fc.assert(property, { numRuns: 40, seed: 20_261_121 })
    expect(refusals).toBeGreaterThan(100)
  })
})

/** Every element is what its validator makes of it, by every way of reading, and the stream says so too. */
async function expectSettled(universe: Universe, dialect: Dialect, schema: ReturnType<typeof everything>) {
  const { entities, relations } = await universe.materialise('main')
  for (const { metadata } of [...entities, ...relations]) expect(metadata).toEqual(settle(metadata))
  const replayed = await universe.materialise('main', { from: 'deltas' })
  expect([...replayed.entities, ...replayed.relations]).toEqual([...entities, ...relations])
  expect(await universe.verify()).toMatchObject({ findings: [] })

  await using copy = await openTypedUniverseOn(dialect, { schema })
  await copy.import(universe.export(), { validate: true })
  expect(await collect(copy.export())).toEqual(await collect(universe.export()))
}
