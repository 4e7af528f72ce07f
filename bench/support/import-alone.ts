/** Imports a file in a process of its own and says by how many megabytes it grew at most. */
import { openUniverse } from '../../src/index.js'

const [file, path] = process.argv.slice(2) as [string, string]
const universe = await openUniverse(path, { durability: 'normal' })
globalThis.gc?.()
const before = process.memoryUsage.rss()
await universe.import(file)
const most = process.resourceUsage().maxRSS * 1_024
console.log((most - before) / 2 ** 20)
await universe.close()
