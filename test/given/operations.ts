/** Random operations that a state allows, on few ids, so that the same ones are met again and again. */
import type { Dice } from '../laws/dice.js'
import { applyOperations } from '../model/apply.js'
import type { JsonObject } from '../model/json.js'
import type { Operation } from '../model/operation.js'
import { type Contents, relationsOf } from '../model/state.js'
import { entityIds, entityTypes, relationIds, relationTypes } from '../model/values.js'

/** Ids of both kinds live as entities and as relations in turn. */
const pool = [...entityIds.slice(0, 7), ...relationIds.slice(0, 7)]

/** At most `atMost` operations that can be applied one after the other. */
export function randomOperations(before: Contents, dice: Dice, atMost: number): Operation[] {
  const operations: Operation[] = []
  let contents = before
  for (let count = 1 + dice.roll(atMost); count > 0; count--) {
    const next = randomChange(contents, dice)
    contents = applyOperations(contents, next)
    operations.push(...next)
  }
  return operations
}

function randomChange(contents: Contents, dice: Dice): Operation[] {
  const id = dice.pick(pool)
  if (contents.entities.has(id)) {
    const kind = dice.roll(10)
    if (kind < 5) return [update('updateEntity', id, dice)]
    const gone = [...removal(contents, id), { op: 'deleteEntity', id } as const]
    if (kind < 7) return gone
    if (kind < 9) return [...gone, creation(id, dice)]
    const other = [...contents.entities.keys()].find((entity) => entity !== id)
    return other === undefined ? gone : [...gone, relation(id, other, other, dice)]
  }
  if (contents.relations.has(id)) {
    const kind = dice.roll(10)
    if (kind < 4) return [update('updateRelation', id, dice)]
    const gone: Operation = { op: 'deleteRelation', id }
    if (kind < 6) return [gone]
    return kind < 9 ? [gone, randomRelation(contents, id, dice)] : [gone, creation(id, dice)]
  }
  const mayRelate = contents.entities.size > 1 && dice.chance(relationIds.includes(id) ? 90 : 10)
  return [mayRelate ? randomRelation(contents, id, dice) : creation(id, dice)]
}

function removal(contents: Contents, id: string): Operation[] {
  return relationsOf(contents, id).map((one) => ({ op: 'deleteRelation', id: one.id }))
}

function creation(id: string, dice: Dice): Operation {
  return { op: 'createEntity', id, entityType: dice.pick(entityTypes.slice(0, 3)), metadata: randomMetadata(dice) }
}

function randomRelation(contents: Contents, id: string, dice: Dice): Operation {
  const ends = [...contents.entities.keys()]
  return relation(id, dice.pick(ends), dice.pick(ends), dice)
}

function relation(id: string, from: string, to: string, dice: Dice): Operation {
  const relationType = dice.pick(relationTypes.slice(0, 3))
  return { op: 'createRelation', id, relationType, from, to, metadata: { n: dice.roll(3) } }
}

function update(op: 'updateEntity' | 'updateRelation', id: string, dice: Dice): Operation {
  const bounds = dice.chance(15) ? { validFrom: dice.pick([null, 1, 2]), validTo: dice.pick([null, 3]) } : {}
  const patch = dice.chance(10) ? {} : randomMetadata(dice)
  return { op, id, changes: [{ op: 'patch', path: '', patch }], ...bounds }
}

function randomMetadata(dice: Dice): JsonObject {
  const tags = dice.some(['red', 'green', 'réd', ''], 40)
  return { n: dice.roll(3), ...(dice.chance(70) ? { tags } : {}) }
}
