import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyOperations } from '../model/apply.js'
import { type Command, operationsOf } from '../model/command.js'
import { stepIntents } from '../model/generator.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'
import type { Content, Contents, Entity, Relation, State } from '../model/state.js'
import { ids } from '../model/values.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { type Draft, play, type Version, write } from './play.js'
import { askWhole } from './questions.js'

describe.each(dialects)('drafts on %s', { timeout: lawTimeout }, (dialect) => {
  it('show their own writes, and beside them the version they stand on', async () => {
    const size = { numRuns: 12, leastOperations: 150 }
    await holdLaw(fc.tuple(stepIntents(25), fc.nat()), size, async ([intents, seed], course) => {
      await using source = await openUniverseOn(dialect)
      await using universe = await openUniverseOn(dialect)
      const dice = new Dice(seed)
      await play(source, intents, course, async ({ model, step, version, isNew }) => {
        if (!version || !isNew) return
        const before = model.stateBefore(version)
        const made = await writeAndRead(universe, step.commands, before, version.timestamp, dice)
        expect(made.dataHash).toBe(version.dataHash)
      })
    })
  })
})

/** Commits the commands and reads, after each of them, what it touched and something else. */
async function writeAndRead(
  universe: Universe,
  commands: readonly Command[],
  before: State,
  timestamp: number,
  dice: Dice,
): Promise<Version> {
  const run = async (draft: Draft) => {
    let contents: Contents = before
    for (const command of commands) {
      const operations = operationsOf(command, contents)
      write(draft, command)
      contents = applyOperations(contents, operations)
      for (const id of [...operations.map((operation) => operation.id), dice.pick(ids)]) {
        expect(contentOf(await draft.entity(id))).toEqual(contentOf(contents.entities.get(id)))
        expect(contentOf(await draft.relation(id))).toEqual(contentOf(contents.relations.get(id)))
      }
    }
    await askWhole(draft.base, before)
  }
  return universe.commit('Step by step', run, { timestamp })
}

/** The timestamps come with the commit. */
function contentOf(element: Content | undefined): Content | undefined {
  if (!element) return undefined
  const { createdAt: _created, updatedAt: _updated, ...content } = element as Entity | Relation
  return content
}
