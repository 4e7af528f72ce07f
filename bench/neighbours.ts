/** Neighbours, and those of hubs. */
import { readHubs, readNeighbours } from './reads/neighbours.js'
import { onFile } from './reads/on-file.js'
import { compare } from './support/compare.js'
import { openHubs } from './support/fixture.js'

await onFile(readNeighbours)
const hubs = await openHubs()
await readHubs(hubs, { ending: '', compare })
await hubs.close()
