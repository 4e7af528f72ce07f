/**
 * Writing: commits of 100 mixed operations and one of 100,000 creations, on a file system in memory,
 * against the same changes to tables without a history.
 */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { openUniverse, type Universe } from '../src/index.js'
import { compare } from './support/compare.js'
import { sizes } from './support/fixture.js'
import { Floor } from './support/floor.js'
import { isQuick, memoryFolder, temporaryInMemory } from './support/folder.js'
import { note, report } from './support/report.js'
import { Story } from './support/story.js'

const commits = 600
const creations = isQuick ? 10_000 : 100_000
const rounds = 3

if (memoryFolder === undefined) note('no file system in memory here: these commits are on the disk')
const folder = temporaryInMemory()
const path = (name: string) => join(folder, name)
const story = new Story(4)

const universe = await openUniverse(path('off.db'), { durability: 'normal', auditLog: false })
await universe.import(story.beginning(sizes.graph))
;(await Floor.ofHead(path('off-floor.db'), universe)).close()
await universe.close()
for (const file of ['.db', '-floor.db']) copyFileSync(path(`off${file}`), path(`on${file}`))

const lists = asFromOutside(Array.from({ length: commits }, (_, index) => story.mixed(index)))
for (const auditLog of [false, true]) {
  const name = auditLog ? 'on' : 'off'
  const universe = await openUniverse(path(`${name}.db`), { durability: 'normal', auditLog })
  const floor = Floor.open(path(`${name}-floor.db`))
  const list = (turn: number) => lists[turn % commits] as (typeof lists)[number]
  const result = await compare({
    measured: (turn) => universe.commit('mixed', list(turn)),
    against: (turn) => floor.commit(list(turn), Date.now()),
    rounds: 60,
    turns: commits / 60,
  })
  report(`commit of 100 operations, audit log ${name}`, result, { atLeastOfFloor: auditLog ? 0.25 : 0.4 })
  floor.close()
  await universe.close()
}

const entities = asFromOutside(
  Array.from({ length: creations }, () => {
    const operation = story.createEntity()
    if (operation.op !== 'createEntity') throw new TypeError('not a creation')
    const { id, entityType, metadata } = operation
    return { id, entityType, metadata }
  }),
)
const creating = entities.map((entity) => ({ op: 'createEntity' as const, ...entity }))
const universes: Universe[] = []
const floors: Floor[] = []
for (let round = 0; round < rounds; round++) {
  universes.push(await openUniverse(path(`many-${round}.db`), { durability: 'normal' }))
  floors.push(Floor.create(path(`many-${round}-floor.db`)))
}
const created = await compare({
  measured: (turn) => (universes[turn] as Universe).commit('many', (draft) => void draft.createEntities(entities)),
  against: (turn) => (floors[turn] as Floor).commit(creating, Date.now()),
  rounds,
  turns: 1,
})
report(`createEntities of ${creations.toLocaleString('en')}`, created, { atLeastOfFloor: 0.35 })
for (const floor of floors) floor.close()
for (const universe of universes) await universe.close()

/** A story's texts are made of pieces, which the engine puts together for whoever reads them first. */
function asFromOutside<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
