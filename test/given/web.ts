/** Operations that weave a dense web of few entities: loops, parallels, hubs, and lives that end and begin anew. */
import type { Dice } from '../laws/dice.js'
import { applyOperations } from '../model/apply.js'
import type { Operation } from '../model/operation.js'
import { type Contents, relationsOf } from '../model/state.js'
import { relationTypes } from '../model/values.js'

/** Byte order against UTF-16 order among them. */
const webIds = ['a', 'b', 'c', 'd', 'e', 'B', '\u{ffee}', '\u{1f600}', "o'b", '10']
const types = ['Person', 'Company', 'person']
const strands = Array.from({ length: 34 }, (_, index) => `r${index}`)

/** At most `atMost` changes that can be made one after the other; many more where there is no web yet. */
export function webOperations(before: Contents, dice: Dice, atMost: number): Operation[] {
  const operations: Operation[] = []
  let contents = before
  for (let count = contents.entities.size < 5 ? 40 : 1 + dice.roll(atMost); count > 0; count--) {
    const next = contents.entities.size < 8 || dice.chance(15) ? changeOfEntity(contents, dice) : strand(contents, dice)
    contents = applyOperations(contents, next)
    operations.push(...next)
  }
  return operations
}

function changeOfEntity(contents: Contents, dice: Dice): Operation[] {
  const id = dice.pick(webIds)
  const create: Operation = {
    op: 'createEntity',
    id,
    entityType: dice.pick(types),
    metadata: { n: dice.roll(3), tags: dice.some(['red', 'green', ''], 40) },
    ...randomBounds(dice),
  }
  if (!contents.entities.has(id)) return [create]
  if (dice.chance(60)) {
    const patch = { n: dice.roll(3), tags: dice.some(['red', 'green'], 50) }
    return [{ op: 'updateEntity', id, changes: [{ op: 'patch', path: '', patch }] }]
  }
  const gone: Operation[] = relationsOf(contents, id).map((one) => ({ op: 'deleteRelation', id: one.id }))
  return [...gone, { op: 'deleteEntity', id }, ...(dice.chance(60) ? [create] : [])]
}

function strand(contents: Contents, dice: Dice): Operation[] {
  const id = dice.pick(strands)
  const ends = [...contents.entities.keys()]
  // The first of them are ends more often than the rest.
  const end = () => ends[Math.min(dice.roll(ends.length), dice.roll(ends.length))] as string
  const from = end()
  const create: Operation = {
    op: 'createRelation',
    id,
    relationType: dice.pick(relationTypes.slice(0, 3)),
    from,
    to: dice.chance(12) ? from : end(),
    metadata: { n: dice.roll(3) },
    ...randomBounds(dice),
  }
  if (!contents.relations.has(id)) return [create]
  const kind = dice.roll(10)
  if (kind < 5) return [{ op: 'updateRelation', id, changes: [{ op: 'set', path: '/n', value: dice.roll(9) }] }]
  return kind < 8 ? [{ op: 'deleteRelation', id }, create] : [{ op: 'deleteRelation', id }]
}

/** Most are always valid. */
function randomBounds(dice: Dice): { validFrom?: number; validTo?: number } {
  return {
    ...(dice.chance(15) ? { validFrom: dice.roll(3) } : {}),
    ...(dice.chance(15) ? { validTo: 2 + dice.roll(3) } : {}),
  }
}
