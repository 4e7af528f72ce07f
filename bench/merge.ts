/**
 * Merging: two branches of 10,000 changes each over the graph of the other benchmarks, and reverting
 * all of one, on a file system in memory.
 */
import { join } from 'node:path'
import { type Operation, openUniverse } from '../src/index.js'
import { measure, type Spread } from './support/compare.js'
import { sizes } from './support/fixture.js'
import { temporaryInMemory } from './support/folder.js'
import { reportValue } from './support/report.js'
import { Story } from './support/story.js'

const versions = 100
const rounds = 5
const story = new Story(8)

const universe = await openUniverse(join(temporaryInMemory(), 'merge.db'), { durability: 'normal' })
await universe.import(story.beginning(sizes.graph))
const ids = story.random.shuffle(story.entityIds)

/** 100 operations: updates of what stands, half of it of what the other side updates too, and creations with a relation each. */
function changes(side: string, turn: number): Operation[] {
  const operations: Operation[] = []
  const start = side === 'ours' ? 0 : versions * 30
  for (let index = 0; index < 60; index++) {
    const id = ids[(start + turn * 60 + index) % ids.length] as string
    operations.push({ op: 'updateEntity', id, changes: [{ op: 'set', path: `/${side}`, value: turn }] })
  }
  for (let index = 0; index < 20; index++) {
    const id = `${side}-${turn}-${index}`
    const to = ids[(start + turn * 60 + index) % ids.length] as string
    operations.push({ op: 'createEntity', id, entityType: 'Note', metadata: { turn } })
    operations.push({ op: 'createRelation', id: `${id}-about`, relationType: 'ABOUT', from: id, to, metadata: {} })
  }
  return operations
}

await universe.createBranch('theirs')
for (let turn = 0; turn < versions; turn++) await universe.commit('ours', changes('ours', turn))
for (let turn = 0; turn < versions; turn++)
  await universe.commit('theirs', changes('theirs', turn), { branch: 'theirs' })
const [head] = await universe.versions.history('main', { limit: 1 })
const base = (await universe.versions.mergeBases('main', 'theirs'))[0]
if (head === undefined || base === undefined) throw new TypeError('nothing to merge')

const into = (turn: number) => `round ${turn}`
for (let turn = 0; turn < rounds; turn++) await universe.createBranch(into(turn), { from: head.versionId })
const inSeconds = ({ p25, p50, p75 }: Spread) => ({ p25: p25 / 1e6, p50: p50 / 1e6, p75: p75 / 1e6 })
const each = (versions * 100).toLocaleString('en')

const merging = await measure((turn) => universe.merge('theirs', { into: into(turn) }), { rounds, turns: 1 })
reportValue(`merge of two branches of ${each} changes each`, inSeconds(merging), 's', 3)

const range = { from: base.versionId, to: head.versionId }
const reverting = await measure((turn) => universe.revert(range, { branch: into(turn) }), { rounds, turns: 1 })
reportValue(`revert of ${each} changes, under ${each} later ones`, inSeconds(reverting), 's', 3)
await universe.close()
