import { describe, expect, it } from 'vitest'
import { collect } from '../given/collect.js'
import { damage } from '../given/damage.js'
import { refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'

const wholeOf = (operation: string) => `'[${operation}]'`
const unreadable = [
  ['is no JSON', `'[{"op":'`],
  ['is no list', `'5'`],
  ['holds no object', wholeOf('null')],
  ['holds another kind', wholeOf('{"id":"b","op":"creatfEntity"}')],
  ['has no metadata', wholeOf('{"entityType":"T","id":"b","metadatb":{},"op":"createEntity"}')],
  ['has no id', wholeOf('{"entityType":"T","ie":"b","metadata":{},"op":"createEntity"}')],
  ['has no ends', wholeOf('{"from":"a","id":"r","metadata":{},"op":"createRelation","relationType":"R","tp":"a"}')],
  ['has no change', wholeOf('{"changes":[null],"id":"a","op":"updateEntity"}')],
  ['has a change without a value', wholeOf('{"changes":[{"op":"set","path":"/x"}],"id":"a","op":"updateEntity"}')],
  ['has a change of another kind', wholeOf('{"changes":[{"op":"sft","path":"/x"}],"id":"a","op":"updateEntity"}')],
] as const
const unfit = [
  ['creates what is there', wholeOf('{"entityType":"T","id":"a","metadata":{},"op":"createEntity"}')],
  ['deletes what is not there', wholeOf('{"id":"c","op":"deleteEntity"}')],
  ['changes what is not there', wholeOf('{"changes":[{"op":"delete","path":"/x"}],"id":"a","op":"updateEntity"}')],
] as const

describe.each(dialects)('a damaged delta on %s', (dialect) => {
  it.each(unreadable)('that %s is named by every call that reads it', async (_, operations) => {
    await using universe = await makeThree(dialect, operations)
    for (const call of [
      () => collect(universe.export()),
      () => universe.versions.operations('v2'),
      () => universe.diff('v1', 'v3'),
      () => universe.revert('v2'),
      () => universe.materialise('v3', { from: 'deltas' }),
      () => universe.rebuild(),
    ]) {
      expect(await refusalOf(call)).toMatchObject({
        code: 'INTEGRITY',
        message: expect.stringContaining('v2'),
        hint: expect.stringContaining('verify'),
      })
    }
    await expectNamed(universe)
  })

  it.each(unfit)('that %s is named by every call that replays it', async (_, operations) => {
    await using universe = await makeThree(dialect, operations)
    for (const call of [() => universe.materialise('v3', { from: 'deltas' }), () => universe.rebuild()]) {
      expect(await refusalOf(call)).toMatchObject({ code: 'INTEGRITY', message: expect.stringContaining('v2') })
    }
    await expectNamed(universe)
  })
})

/** `verify` names it, and goes on with a lane that does not build on it. */
async function expectNamed(universe: Universe): Promise<void> {
  const { findings } = await universe.verify()
  const places = findings.map(({ place }) => place)
  expect(places).toContain('delta of version v2')
  expect(places).toContain('version w2')
}

/** v1, v2, v3, where v2 has another delta than it had; and beside them w1, w2, where w2 has another description. */
async function makeThree(dialect: (typeof dialects)[number], operations: string): Promise<Universe> {
  const universe = await openUniverseOn(dialect)
  const record = (version: string, id: string, parents: string[], branch: string) => ({
    ...{ version, parents, timestamp: 1, branch },
    operations: [{ op: 'createEntity', id, entityType: 'T', metadata: {} } as const],
  })
  await universe.import([
    record('v1', 'a', [], 'main'),
    record('v2', 'b', ['v1'], 'main'),
    record('v3', 'c', ['v2'], 'main'),
    record('w1', 'a', [], 'w'),
    record('w2', 'b', ['w1'], 'w'),
  ])
  await damage(
    universe,
    `update delta_record set operations = ${operations} where state_version_id = 'v2';
     update state_version set description = 'other' where version_id = 'w2'`,
  )
  return universe
}
