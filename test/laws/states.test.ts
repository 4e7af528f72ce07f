import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stepIntents } from '../model/generator.js'
import { canonical } from '../model/json.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'
import { byId, contentTuple, type Element, type State } from '../model/state.js'
import type { ModelUniverse } from '../model/universe.js'
import { holdLaw, lawTimeout } from './law.js'
import { play } from './play.js'

describe.each(dialects)('states on %s', { timeout: lawTimeout }, (dialect) => {
  it('read through the indexes and replayed from deltas are the same, at every version', async () => {
    const size = { numRuns: 20, leastOperations: 500 }
    await holdLaw(stepIntents(60), size, async (intents, course) => {
      await using universe = await openUniverseOn(dialect)
      const model = await play(universe, intents, course, async ({ model }) => {
        if (model.head) await expectState(universe, model.head.versionId, model.head.state)
      })
      for (const { versionId, state } of model.versions) await expectState(universe, versionId, state)
    })
  })

  it('have one hash for one content, and another for any other', async () => {
    const size = { numRuns: 25, leastOperations: 750 }
    await holdLaw(stepIntents(60), size, async (intents, course) => {
      await using universe = await openUniverseOn(dialect)
      const model = await play(universe, intents, course)
      const contents = await contentsByHash(universe, model)
      for (const same of contents.values()) expect(same.size).toBe(1)
      expect(new Set([...contents.values()].flatMap((same) => [...same])).size).toBe(contents.size)
    })
  })

  it('pass verification after any history', async () => {
    const size = { numRuns: 20, leastOperations: 500 }
    await holdLaw(fc.tuple(stepIntents(60), fc.boolean()), size, async ([intents, auditLog], course) => {
      await using universe = await openUniverseOn(dialect, { auditLog })
      await play(universe, intents, course)
      expect(await universe.verify()).toMatchObject({ findings: [] })
    })
  })
})

async function expectState(universe: Universe, versionId: string, state: State): Promise<void> {
  for (const from of ['index', 'deltas'] as const) {
    const { version, entities, relations } = await universe.materialise(versionId, { from })
    expect(version?.versionId).toBe(versionId)
    expect(byId(entities), from).toEqual(byId(state.entities.values()))
    expect(byId(relations), from).toEqual(byId(state.relations.values()))
  }
}

async function contentsByHash(universe: Universe, model: ModelUniverse): Promise<Map<string, Set<string>>> {
  const contents = new Map<string, Set<string>>()
  for (const { versionId, state } of model.versions) {
    const dataHash = (await universe.versions.get(versionId))?.dataHash ?? 'none'
    contents.set(dataHash, (contents.get(dataHash) ?? new Set()).add(contentOf(state)))
  }
  return contents
}

function contentOf({ entities, relations }: State): string {
  const elements: Element[] = [...byId(entities.values()), ...byId(relations.values())]
  return canonical(elements.map(contentTuple))
}
