/**
 * Writing on PostgreSQL: commits of 100 mixed operations, one of 100,000 creations, an import, and many
 * processes that commit at once; against hand-written SQL on the same server. Time is the clock's.
 */
import { openUniverse, type Universe } from '../src/index.js'
import { compare } from './support/compare.js'
import { sizes } from './support/fixture.js'
import { isQuick } from './support/folder.js'
import { onServer, type ServerRun } from './support/on-server.js'
import { PostgresFloor } from './support/postgres-floor.js'
import { report, reportRate } from './support/report.js'
import { writeSegments } from './support/segments.js'
import { serverAddress } from './support/server.js'
import { Story } from './support/story.js'
import { Writers } from './support/writers.js'

const commits = isQuick ? 120 : 600
const creations = isQuick ? 10_000 : 100_000
const rounds = 3
const writing = { rounds: isQuick ? 2 : 5, ms: isQuick ? 400 : 2_000 }
const writersGraph = { entities: 2_000, relations: 10_000 }
const ending = ', PostgreSQL'

await onServer(async (run) => {
  await measureCommits(run)
  await measureCreations(run)
  await measureImport(run)
  await measureWriters(run)
})

async function measureCommits(run: ServerRun): Promise<void> {
  const schema = run.schema('commits')
  const story = new Story(4)
  const begun = await open(schema, false)
  await begun.import(story.beginning(sizes.graph))
  const floor = await PostgresFloor.ofHead(run.schema('commits_floor'), begun)
  await begun.close()
  for (const auditLog of [false, true]) {
    const universe = await open(schema, auditLog)
    const lists = Array.from({ length: commits }, (_, index) => story.mixed(index))
    const list = (turn: number) => lists[turn] as (typeof lists)[number]
    const result = await compare({
      measured: (turn) => universe.commit('mixed', list(turn)),
      against: (turn) => floor.commit(list(turn), Date.now()),
      rounds: 60,
      turns: commits / 60,
      time: 'clock',
    })
    const name = `commit of 100 operations, audit log ${auditLog ? 'on' : 'off'}${ending}`
    report(name, result, { atLeastOfFloor: auditLog ? 0.25 : 0.4 })
    await universe.close()
  }
  await floor.close()
}

async function measureCreations(run: ServerRun): Promise<void> {
  const story = new Story(4)
  const creating = Array.from({ length: creations }, () => story.createEntity())
  const entities = creating.map((operation) => {
    if (operation.op !== 'createEntity') throw new TypeError('not a creation')
    const { id, entityType, metadata } = operation
    return { id, entityType, metadata }
  })
  const universes: Universe[] = []
  const floors: PostgresFloor[] = []
  for (let round = 0; round < rounds; round++) {
    universes.push(await open(run.schema(`many_${round}`)))
    floors.push(await PostgresFloor.create(run.schema(`many_${round}_floor`)))
  }
  const created = await compare({
    measured: (turn) => (universes[turn] as Universe).commit('many', (draft) => void draft.createEntities(entities)),
    against: (turn) => (floors[turn] as PostgresFloor).commit(creating, Date.now()),
    rounds,
    turns: 1,
    time: 'clock',
  })
  report(`createEntities of ${creations.toLocaleString('en')}${ending}`, created, { atLeastOfFloor: 0.35 })
  for (const floor of floors) await floor.close()
  for (const universe of universes) await universe.close()
}

/** A row is what an operation makes on the floor. */
async function measureImport(run: ServerRun): Promise<void> {
  const { operations, inSegment, files } = writeSegments()
  const universe = await open(run.schema('import'))
  const floor = await PostgresFloor.create(run.schema('import_floor'))
  const imported = await compare({
    measured: (turn) => universe.import(files[turn] as string),
    against: (turn) => floor.import(files[turn] as string),
    rounds: files.length,
    turns: 1,
    time: 'clock',
  })
  const name = `rows imported, of ${operations.toLocaleString('en')}${ending}`
  reportRate(name, imported, inSegment, { atLeastOfFloor: 0.3 })
  await floor.close()
  await universe.close()
}

/** On main they all move one head; on branches each has its own, and they wait for the counter alone. */
async function measureWriters(run: ServerRun): Promise<void> {
  const counts = [1, 8, 32]
  const most = Math.max(...counts)
  const [schema, floorSchema] = [run.schema('writers'), run.schema('writers_floor')]
  const story = new Story(9)
  const universe = await open(schema)
  await universe.import(story.beginning(writersGraph))
  await (await PostgresFloor.ofHead(floorSchema, universe)).close()
  for (let number = 0; number < most; number++) await universe.createBranch(`writer ${number}`)
  await universe.close()

  const writers = await Writers.start(most, story.entityIds)
  try {
    for (const durability of ['normal', 'full'] as const) {
      for (const where of ['main', 'branches'] as const) {
        for (const count of counts) {
          const branch = (number: number) => (where === 'main' ? 'main' : `writer ${number}`)
          const result = await writers.compare(count, {
            ...writing,
            tasks: {
              measured: (number) => ({ side: 'universe', schema, branch: branch(number), durability }),
              floor: () => ({ side: 'floor', schema: floorSchema, branch: 'main', durability }),
            },
          })
          const whose =
            where === 'main' ? 'on main' : `on ${count === 1 ? 'a branch of its own' : 'branches of their own'}`
          const name = `commits by ${count} ${count === 1 ? 'writer' : 'writers'} ${whose}, durability ${durability}`
          reportRate(`${name}${ending}`, result, 1, { atLeastOfFloor: 0.4 })
        }
      }
    }
  } finally {
    writers.stop()
  }
}

function open(schema: string, auditLog = true): Promise<Universe> {
  return openUniverse(serverAddress({ schema }), { durability: 'normal', auditLog })
}
