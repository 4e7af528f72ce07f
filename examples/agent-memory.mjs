/**
 * The memory of an agent: what it learns in each turn is one version, so that a turn that went wrong
 * is found, looked at and taken back, and the taking back is remembered too.
 */
import { openUniverse } from 'inner-universe'

const memory = await openUniverse(process.argv[2] ?? ':memory:')

/** What one turn of the conversation taught. A fact that is known already is only changed. */
async function remember(turn, facts) {
  return memory.commit(turn, async (draft) => {
    for (const { subject, says, object, ...details } of facts) {
      for (const id of [subject, object]) {
        if ((await draft.entity(id)) === undefined) draft.createEntity('Thing', {}, { id })
      }
      const id = `${subject} ${says}`
      const known = await draft.relation(id)
      if (known?.to === object) draft.updateRelation(id, details)
      else {
        if (known) draft.deleteRelation(id)
        draft.createRelation(says, subject, object, details, { id })
      }
    }
  })
}

/** All that is remembered of a subject, in any version. */
async function recall(view, subject) {
  const { items } = await view.neighbours(subject)
  return items.map(({ relation, entity }) => `${relation.relationType} ${entity.id}`).join(', ')
}

await remember('turn 1: the user introduces herself', [
  { subject: 'user', says: 'IS_CALLED', object: 'Ada', confidence: 1 },
  { subject: 'user', says: 'LIVES_IN', object: 'London', confidence: 0.8 },
])
const before = await remember('turn 2: she talks of her work', [
  { subject: 'user', says: 'WORKS_ON', object: 'engines', confidence: 0.9 },
])
const poisoned = await remember('turn 3: a web page told lies', [
  { subject: 'user', says: 'LIVES_IN', object: 'Atlantis', confidence: 0.9 },
  { subject: 'user', says: 'TRUSTS', object: 'strangers', confidence: 0.9 },
])
await remember('turn 4: back to the user', [{ subject: 'user', says: 'LIKES', object: 'poetry', confidence: 0.7 }])

console.log(await recall(memory.head, 'user'))
// → IS_CALLED Ada, LIKES poetry, LIVES_IN Atlantis, TRUSTS strangers, WORKS_ON engines

// Which turn taught that? The history of the fact knows.
const [, moved] = await memory.history('user LIVES_IN')
console.log(moved.version.description) // → turn 3: a web page told lies

// Forget that turn and nothing else: the operations that lead back from it, as one more version.
const undo = await memory.diff(poisoned.versionId, before.versionId, { operations: true })
await memory.commit('forget turn 3', undo)

console.log(await recall(memory.head, 'user')) // → IS_CALLED Ada, LIKES poetry, LIVES_IN London, WORKS_ON engines
console.log(await recall(memory.at(poisoned.versionId), 'user'))
// → IS_CALLED Ada, LIVES_IN Atlantis, TRUSTS strangers, WORKS_ON engines
await memory.close()
