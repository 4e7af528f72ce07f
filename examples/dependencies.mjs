/**
 * A dependency graph over time: who depended on a package last May, through whom, and what has
 * changed since.
 */
import { openUniverse } from 'inner-universe'

const universe = await openUniverse(process.argv[2] ?? ':memory:')

/** A release of a package, with what it depends on from now on; its former dependencies go. */
async function release(date, name, version, dependencies) {
  const timestamp = Date.parse(date)
  return universe.commit(
    `${name} ${version}`,
    async (draft) => {
      if (await draft.entity(name)) draft.updateEntity(name, { version })
      else draft.createEntity('Package', { version }, { id: name })
      for await (const { id } of draft.base.eachRelation({ from: name })) draft.deleteRelation(id)
      for (const [to, range] of Object.entries(dependencies)) {
        draft.createRelation('DEPENDS_ON', name, to, { range }, { id: `${name} > ${to}` })
      }
    },
    { timestamp, owner: 'registry' },
  )
}

await release('2025-01-10', 'left-pad', '1.0.0', {})
await release('2025-02-01', 'table', '2.0.0', { 'left-pad': '^1.0.0' })
await release('2025-03-01', 'report', '1.4.0', { table: '^2.0.0' })
await release('2025-04-20', 'invoice', '3.0.0', { report: '^1.0.0', 'left-pad': '^1.0.0' })
await release('2025-06-01', 'table', '2.1.0', {})
await release('2025-07-01', 'invoice', '3.1.0', { report: '^1.0.0' })

/** Who needs a package, near or far, in any version of the graph. */
async function dependents(view, name) {
  const reached = await view.reachable(name, { direction: 'in', relationType: 'DEPENDS_ON' })
  return reached.map(({ id, depth }) => `${id} (${depth})`).join(', ') || 'nobody'
}

const lastMay = universe.at(new Date('2025-05-15'))
console.log(await dependents(lastMay, 'left-pad')) // → invoice (1), table (1), report (2)
console.log(await dependents(universe.head, 'left-pad')) // → nobody

// Through whom did a package reach another then?
const path = await lastMay.shortestPath('report', 'left-pad', { relationType: 'DEPENDS_ON' })
console.log(path?.entities.map(({ id }) => id).join(' > ')) // → report > table > left-pad

// Which versions of whom stood then? A filter on the past is the same as on the present.
const { items } = await lastMay.relations({ to: 'left-pad', metadata: { range: { startsWith: '^1' } } })
console.log(items.map(({ from }) => from).join(', ')) // → invoice, table

// And what has changed since.
const { entities, relations } = await universe.diff(new Date('2025-05-15'), 'main')
console.log(relations.deleted.map(({ id }) => id).join(', ')) // → invoice > left-pad, table > left-pad
for (const { before, after } of entities.updated) {
  console.log(after.id, before.metadata.version, '→', after.metadata.version)
}
// → invoice 3.0.0 → 3.1.0
//   table 2.0.0 → 2.1.0
await universe.close()
