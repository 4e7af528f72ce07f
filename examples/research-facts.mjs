/**
 * Facts with two times: of what time they are true (validFrom, validTo), and since when it is known
 * (the version). What did we believe in 2000 about 1950?
 */
import { openUniverse } from 'inner-universe'

const universe = await openUniverse(process.argv[2] ?? ':memory:')
const year = (number) => Date.UTC(number, 0)

await universe.commit(
  'Almanac of 1931',
  (draft) => {
    draft.createEntity('Body', { name: 'Pluto' }, { id: 'pluto' })
    draft.createEntity('Class', { name: 'planet' }, { id: 'planet' })
    draft.createEntity('Source', { title: 'Discovery circular', year: 1930 }, { id: 'circular' })
    draft.createRelation('IS_A', 'pluto', 'planet', { by: 'circular' }, { id: 'class-1', validFrom: year(1930) })
    draft.createRelation('WEIGHED_IN', 'pluto', 'circular', { earths: 1 }, { id: 'mass' })
  },
  { timestamp: year(1931), versionId: 'almanac-1931' },
)

// A measurement corrects what was believed; it was never true.
await universe.commit(
  'Its moon is found, and it is weighed',
  (draft) => {
    draft.createEntity('Body', { name: 'Charon' }, { id: 'charon' })
    draft.createRelation('ORBITS', 'charon', 'pluto', { days: 6.39 })
    draft.updateRelation('mass', { earths: 0.002 })
  },
  { timestamp: year(1979), versionId: 'almanac-1979' },
)

// A decision ends one fact and begins another: the old one stays true of its time.
await universe.commit(
  'The union decides',
  (draft) => {
    draft.createEntity('Class', { name: 'dwarf planet' }, { id: 'dwarf' })
    draft.updateRelation('class-1', {}, { validTo: Date.UTC(2006, 7, 24) })
    draft.createRelation('IS_A', 'pluto', 'dwarf', {}, { id: 'class-2', validFrom: Date.UTC(2006, 7, 24) })
  },
  { timestamp: year(2007), versionId: 'almanac-2007' },
)

/** What a body is at a moment, as known in a version. */
async function classOf(known, moment) {
  const { items } = await universe.at(known).validAt(moment).neighbours('pluto', { relationType: 'IS_A' })
  return items.map(({ entity }) => entity.metadata.name).join(', ') || 'nothing yet'
}

console.log(await classOf('main', year(1950))) // → planet
console.log(await classOf('main', year(2020))) // → dwarf planet
console.log(await classOf('almanac-1979', year(2020))) // → planet
console.log(await classOf('almanac-1931', year(1900))) // → nothing yet

// What was believed of the mass, and when that changed.
for (const { version, after } of await universe.history('mass')) {
  console.log(version.versionId, after.metadata.earths)
}
// → almanac-1931 1
//   almanac-1979 0.002

// All that a source claims and is still held, as a filter on any view.
const { items } = await universe.head.validAt(year(1950)).relations({ metadata: { by: { eq: 'circular' } } })
console.log(items.map(({ id }) => id).join(', ')) // → class-1
await universe.close()
