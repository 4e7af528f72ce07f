/**
 * The audit trail of a configuration: who changed which setting, when and why, two who change it at
 * once, and a proof that nobody rewrote the trail.
 */
import { openUniverse, VersionConflictError } from 'inner-universe'

const universe = await openUniverse(process.argv[2] ?? ':memory:')

await universe.commit(
  'First deployment',
  (draft) => {
    draft.createEntity('Service', { name: 'payments' }, { id: 'payments' })
    draft.createEntity('Settings', { timeoutMs: 2_000, retries: 3, limits: { daily: 1_000 } }, { id: 'settings' })
    draft.createRelation('CONFIGURED_BY', 'payments', 'settings')
  },
  { owner: 'deploy-bot', timestamp: Date.UTC(2025, 0, 7, 9) },
)

// A change to one setting: a merge patch. The description is the reason, the owner who did it.
const raised = await universe.commit(
  'Raise the daily limit for the sale (TICKET-12)',
  (draft) => draft.updateEntity('settings', { limits: { daily: 5_000 } }),
  { owner: 'grace', timestamp: Date.UTC(2025, 10, 27, 8) },
)

// Ada decided on what she had seen; it is no longer so, and the commit says it.
await universe.commit(
  'Fail faster (TICKET-13)',
  (draft) => draft.updateEntity('settings', { timeoutMs: 500, retries: 1 }),
  { owner: 'bob', timestamp: Date.UTC(2025, 10, 28, 3) },
)
try {
  await universe.commit('Slow down', (draft) => draft.updateEntity('settings', { timeoutMs: 4_000 }), {
    owner: 'ada',
    expectedVersion: raised.versionId,
  })
} catch (error) {
  if (!(error instanceof VersionConflictError)) throw error
  console.log(error.code) // → VERSION_CONFLICT
}

// The trail of the settings: each state with its author, its reason and what differs.
const trail = await universe.history('settings')
for (const [index, { version, before, after }] of trail.entries()) {
  const changed = Object.keys(after.metadata).filter(
    (key) => JSON.stringify(before?.metadata[key]) !== JSON.stringify(after.metadata[key]),
  )
  console.log(`${index + 1}. ${version.owner}: ${version.description} [${changed.join(', ')}]`)
}
// → 1. deploy-bot: First deployment [limits, retries, timeoutMs]
//   2. grace: Raise the daily limit for the sale (TICKET-12) [limits]
//   3. bob: Fail faster (TICKET-13) [retries, timeoutMs]

// What was in force when the incident began?
const then = await universe.at(new Date('2025-11-27T23:00Z')).requireEntity('settings')
console.log(then.metadata.timeoutMs, then.metadata.limits.daily) // → 2000 5000

// Who touched anything in those days?
const { items } = await universe.events.list({ type: 'ENTITY_UPDATED', from: Date.UTC(2025, 10, 1) })
console.log(items.map(({ actor }) => actor).join(', ')) // → bob, grace

// The version that Grace was given is a receipt: this very one is still there, and the rest adds up.
const { ok, versions } = await universe.verify({ receipt: raised })
console.log(ok, versions) // → true 3
await universe.close()
