/**
 * One of many writers, in a process of its own: told where to write it says that it is ready, told for how
 * long it commits and says how often a second. It says that it is there once, when it is.
 */
import { once } from 'node:events'
import { type Operation, openUniverse } from '../../src/index.js'
import { PostgresFloor } from './postgres-floor.js'
import { serverAddress } from './server.js'
import { Story } from './story.js'

export interface WriterTask {
  side: 'universe' | 'floor'
  schema: string
  branch: string
  durability: 'normal' | 'full'
}

export interface Writer {
  /** No two have the same: their ids follow from it. */
  number: number
  /** What stands in the universe and on the floor. */
  entityIds: string[]
}

type Commit = (operations: Operation[]) => Promise<unknown>

const { number, entityIds } = JSON.parse(process.argv[2] as string) as Writer
const story = new Story(1_000 + number)
story.entityIds.push(...entityIds)

process.send?.('there')
for (;;) {
  const [task] = (await once(process, 'message')) as [WriterTask]
  const { commit, close } = await open(task)
  // Prepares the statements, and opens the branch's lane.
  await commit(few())
  process.send?.('ready')
  const [ms] = (await once(process, 'message')) as [number]
  const start = performance.now()
  let commits = 0
  do {
    await commit(few())
    commits++
  } while (performance.now() < start + ms)
  const perSecond = (commits / (performance.now() - start)) * 1_000
  await close()
  process.send?.(perSecond)
}

async function open({ side, schema, branch, durability }: WriterTask): Promise<{
  commit: Commit
  close(): Promise<void>
}> {
  if (side === 'floor') {
    const floor = await PostgresFloor.open(schema)
    return {
      commit: (operations) => floor.commit(operations, Date.now(), { durability, counted: true }),
      close: () => floor.close(),
    }
  }
  const universe = await openUniverse(serverAddress({ schema }), {
    ...{ durability, auditLog: false, busyTimeoutMs: 60_000 },
    postgres: { poolSize: 1 },
  })
  return {
    commit: (operations) => universe.commit('few', operations, { branch }),
    close: () => universe.close(),
  }
}

/** An entity, its relation to another, and an update of a third. */
function few(): Operation[] {
  const update = story.updateField()
  const relation = story.createRelation()
  const entity = story.createEntity()
  // What was created on one side is not there on the other.
  story.entityIds.pop()
  if (entity.op !== 'createEntity' || relation.op !== 'createRelation') throw new TypeError('not creations')
  return [entity, { ...relation, from: entity.id }, update]
}
