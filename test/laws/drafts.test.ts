import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyOperations } from '../model/apply.js'
import { type Command, operationsOf } from '../model/command.js'
import { stepIntents } from '../model/generator.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'
import { type Content, type Contents, type State, sameContent } from '../model/state.js'
import { ids } from '../model/values.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { type Draft, play, type Version, write } from './play.js'
import { askWhole } from './questions.js'

describe.each(dialects)('drafts on %s', { timeout: lawTimeout }, (dialect) => {
  it('show their own writes, and beside them the version they stand on', async () => {
    const size = { numRuns: 12, leastOperations: 300 }
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
        expectContent(await draft.entity(id), contents.entities.get(id))
        expectContent(await draft.relation(id), contents.relations.get(id))
      }
    }
    await askWhole(draft.base, before)
  }
  return universe.commit('Step by step', run, { timestamp })
}

/** What is not committed yet has no timestamps. */
function expectContent(given: Content | undefined, expected: Content | undefined): void {
  if (!sameContent(given, expected)) expect(given).toEqual(expected)
}
