import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Conditions, listEntities, listRelations, valuesAt } from '../model/filter.js'
import { stepIntents } from '../model/generator.js'
import { dialects, openUniverseOn, type View } from '../model/open.js'
import type { Element, State } from '../model/state.js'
import { operators, randomMetadata, typeOf } from './conditions.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { play } from './play.js'
import { collect } from './questions.js'

describe.each(dialects)('filters on %s', { timeout: lawTimeout }, (dialect) => {
  it('on metadata keep what the model keeps, at any version', async () => {
    const size = { numRuns: 12, leastOperations: 200 }
    const counts = new Counts()
    await holdLaw(fc.tuple(stepIntents(40), fc.nat()), size, async ([intents, seed], course) => {
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      const model = await play(universe, intents, course)
      if (!model.head) return
      for (let round = 0; round < 15; round++) await ask(universe.head, model.head.state, dice, counts)
      for (let round = 0; round < 40; round++) {
        const { versionId, state } = dice.pick(model.versions)
        await ask(universe.at({ version: versionId }), state, dice, counts)
      }
    })
    if (Number(process.env.LAWS_SCALE ?? 1) >= 1) counts.assertGates()
  })
})

async function ask(view: View, state: State, dice: Dice, counts: Counts): Promise<void> {
  const entities = [...state.entities.values()]
  const metadata = randomMetadata(dice, [...entities, ...state.relations.values()])
  counts.add(metadata, entities)
  const message = JSON.stringify(metadata)

  const kept = { entities: listEntities(state, { metadata }), relations: listRelations(state, { metadata }) }
  expect(await collect(view.eachEntity({ metadata })), message).toEqual(kept.entities)
  expect(await collect(view.eachRelation({ metadata })), message).toEqual(kept.relations)
  const { entities: some, relations: others } = kept
  expect(await view.count({ metadata }), message).toEqual({ entities: some.length, relations: others.length })
}

/** What the questions were really about: a condition that keeps all or nothing proves little. */
class Counts {
  private readonly decided = new Map<string, number>()

  /** Counts each condition that keeps some of the elements and not others, by itself. */
  add(metadata: Record<string, Conditions>, elements: readonly Element[]): void {
    if (Object.values(metadata).flatMap(Object.keys).length > 2) this.count('more than two')
    for (const [path, conditions] of Object.entries(metadata)) {
      const values = valuesAt(elements, path)
      if (path.split(/[./]/).filter((token) => /^\d+$/.test(token)).length > 1) this.count('several indexes')
      if (new Set(values.map(typeOf)).size > 2) this.count('mixed types')
      for (const [operator, wanted] of Object.entries(conditions)) {
        const kept = listOf(elements, { [path]: { [operator]: wanted } })
        if (kept === 0 || kept === elements.length) continue
        this.count(operator)
        if (values.includes(undefined)) this.count('missing in some')
      }
    }
  }

  assertGates(): void {
    const least: Record<string, number> = {
      ...Object.fromEntries(operators.map((operator) => [operator, 5])),
      'more than two': 100,
      'several indexes': 10,
      'mixed types': 100,
      'missing in some': 150,
    }
    const tame = Object.entries(least).filter(([name, count]) => (this.decided.get(name) ?? 0) < count)
    expect(tame.map(([name, count]) => `${name}: ${this.decided.get(name) ?? 0}, at least ${count}`)).toEqual([])
  }

  private count(name: string): void {
    this.decided.set(name, (this.decided.get(name) ?? 0) + 1)
  }
}

function listOf(elements: readonly Element[], metadata: Record<string, Conditions>): number {
  const entities = new Map(elements.map((element) => [element.id, element as never]))
  return listEntities({ entities, relations: new Map() }, { metadata }).length
}
