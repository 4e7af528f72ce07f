/**
 * Reads on PostgreSQL: the questions of the other benchmarks, against hand-written SQL on the same server,
 * before and after ANALYZE. The server is another process, so the time is the clock's.
 */
import { openUniverse } from '../src/index.js'
import { readEntities } from './reads/entity.js'
import { readHistory } from './reads/history.js'
import { readLists } from './reads/list.js'
import { readHubs, readNeighbours } from './reads/neighbours.js'
import type { Reads } from './reads/reads.js'
import { readTraversals } from './reads/traverse.js'
import { compare, measure } from './support/compare.js'
import { type Facts, stories, tell } from './support/fixture.js'
import { isQuick } from './support/folder.js'
import { onServer } from './support/on-server.js'
import { PostgresFloor } from './support/postgres-floor.js'
import { serverAddress } from './support/server.js'

/** A few slices are enough to try things out. */
const fewer = (rounds = 60) => (isQuick ? Math.ceil(rounds / 4) : rounds)
const timed: Pick<Reads, 'compare' | 'measure'> = {
  compare: (options) => compare({ ...options, rounds: fewer(options.rounds), sliceMs: isQuick ? 4 : 8, time: 'clock' }),
  measure: (side, options) => measure(side, { ...options, rounds: fewer(options?.rounds), time: 'clock' }),
}

await onServer(async (run) => {
  const schemas = { graph: run.schema('graph'), hubs: run.schema('hubs'), floor: run.schema('floor') }
  const facts = { graph: await build('graph'), hubs: await build('hubs') }
  for (const analysed of [false, true]) {
    if (analysed) for (const schema of Object.values(schemas)) await run.analyse(schema)
    const how = { ...timed, ending: `, PostgreSQL${analysed ? ', after ANALYZE' : ''}`, replay: !analysed }
    const [graph, hubs] = [await open(schemas.graph), await open(schemas.hubs)]
    const floor = await PostgresFloor.open(schemas.floor)
    const reads = { ...how, fixture: { ...facts.graph, universe: graph, floor } }
    for (const read of [readEntities, readNeighbours, readTraversals, readLists, readHistory]) await read(reads)
    await readHubs({ ...facts.hubs, universe: hubs }, how)
    await floor.close()
    for (const universe of [graph, hubs]) await universe.close()
  }

  async function build(name: 'graph' | 'hubs'): Promise<Facts> {
    const start = performance.now()
    const universe = await open(schemas[name])
    const facts = await tell(universe, stories[name])
    if (name === 'graph') await (await PostgresFloor.ofHead(schemas.floor, universe)).close()
    await universe.close()
    console.error(`  (built ${name} on PostgreSQL: ${Math.round((performance.now() - start) / 1_000)} s)`)
    return facts
  }
})

function open(schema: string) {
  return openUniverse(serverAddress({ schema }), { durability: 'normal', auditLog: false })
}
