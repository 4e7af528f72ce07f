/** Reading through a lineage of twenty lanes against main's head, and a universe of ten thousand branches against one of one. */
import { join } from 'node:path'
import { openUniverse, type Universe } from '../src/index.js'
import { compare } from './support/compare.js'
import { folder, isQuick } from './support/folder.js'
import { Random } from './support/random.js'
import { report } from './support/report.js'
import { Story } from './support/story.js'

const scale = isQuick ? 0.1 : 1
const size = { entities: 20_000 * scale, relations: 100_000 * scale }
const depth = 20
const manyBranches = 10_000 * scale
const options = { durability: 'normal', auditLog: false } as const

const few = await build('few')
const many = await build('many')
await deepen(few.universe, few.entityIds)
for (let number = 0; number < manyBranches; number++) await many.universe.createBranch(`branch ${number}`)

const id = (turn: number) => few.entityIds[turn % few.entityIds.length] as string
const { head } = few.universe
const deep = few.universe.at({ branch: `depth ${depth}` })
const limits = { entity: { atMost: 5 }, neighbours: { atMost: 8 } }
report(
  `entity through ${depth} lanes`,
  await compare({ measured: (turn) => deep.entity(id(turn)), against: (turn) => head.entity(id(turn)) }),
  limits.entity,
)
report(
  `neighbours through ${depth} lanes`,
  await compare({ measured: (turn) => deep.neighbours(id(turn)), against: (turn) => head.neighbours(id(turn)) }),
  limits.neighbours,
)

// The same graph on both sides: only the number of branches differs.
const single = await build('single')
const names = { single: await branchOf(single.universe), many: `branch ${manyBranches / 2}` }
const of = `of ${manyBranches} branches`
report(
  `entity on one ${of}`,
  await compare({
    measured: (turn) => many.universe.at({ branch: names.many }).entity(id(turn)),
    against: (turn) => single.universe.at({ branch: names.single }).entity(id(turn)),
  }),
  { atMost: 1.2 },
)
report(
  `commit on one ${of}`,
  await compare({
    measured: (turn) => change(many.universe, id(turn), names.many, turn),
    against: (turn) => change(single.universe, id(turn), names.single, turn),
  }),
  { atMost: 1.2 },
)
for (const { universe } of [few, many, single]) await universe.close()
report(
  `openUniverse, ${manyBranches} branches`,
  await compare({ measured: () => openAndClose('many'), against: () => openAndClose('single') }),
  { atMost: 1.2 },
)

async function build(name: string): Promise<{ universe: Universe; entityIds: string[] }> {
  const story = new Story(1)
  const universe = await openUniverse(pathOf(name), options)
  await universe.import(story.beginning(size, []))
  const entityIds = new Random(2).shuffle(story.entityIds)
  await universe.import(story.middle(50))
  return { universe, entityIds }
}

/** Branches from the middle of branches: each lane forks from the one before it, and changes a part of the graph. */
async function deepen(universe: Universe, entityIds: readonly string[]): Promise<void> {
  let from = (await universe.versions.latest())?.parentVersionId as string
  for (let level = 1; level <= depth; level++) {
    const name = level === depth ? `depth ${depth}` : `level ${level}`
    await universe.createBranch(name, { from })
    const middle = await change(universe, entityIds[level] as string, name, level)
    await universe.commit(
      'Much',
      (draft) => {
        for (const one of entityIds.slice(level * 50, level * 50 + 50)) draft.updateEntity(one, { level })
      },
      { branch: name },
    )
    from = middle.versionId
  }
}

async function branchOf(universe: Universe): Promise<string> {
  return (await universe.createBranch('alone')).name
}

function change(universe: Universe, entityId: string, branch: string, turn: number) {
  return universe.commit('One', (draft) => draft.updateEntity(entityId, { turn }), { branch })
}

async function openAndClose(name: string): Promise<void> {
  await (await openUniverse(pathOf(name), options)).close()
}

function pathOf(name: string): string {
  return join(folder, `branches-${name}.db`)
}
