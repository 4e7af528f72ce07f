/** A small town in two versions: loops, parallels, a cycle, and an entity that comes back as another. */
import { type Dialect, openUniverseOn, type Universe, type View } from '../model/open.js'

export interface Town {
  universe: Universe
  /** As of the first version. */
  past: View
  /** As of the second. */
  head: View
}

/**
 * First: ada knows bob twice, bob knows cy, cy knows ada and dan, ada knows herself; ada and cy work at
 * acme, bob works at the mill. Then: bob no longer knows cy, the mill is gone and back as a Robot, dan is
 * older, ada likes dan.
 */
export async function makeTown(dialect: Dialect): Promise<Town> {
  const universe = await openUniverseOn(dialect)
  const first = await universe.commit('A small town', (draft) => {
    for (const id of ['ada', 'bob', 'cy', 'dan']) {
      draft.createEntity('Person', { name: id, age: 1, tags: id === 'cy' ? ['lead'] : [] }, { id })
    }
    for (const id of ['acme', 'mill']) draft.createEntity('Company', {}, { id })
    draft.createRelation('KNOWS', 'ada', 'bob', {}, { id: 'k1' })
    draft.createRelation('KNOWS', 'ada', 'bob', {}, { id: 'k2' })
    draft.createRelation('KNOWS', 'bob', 'cy', {}, { id: 'k3' })
    draft.createRelation('KNOWS', 'cy', 'ada', {}, { id: 'k4' })
    draft.createRelation('KNOWS', 'cy', 'dan', {}, { id: 'k5' })
    draft.createRelation('KNOWS', 'ada', 'ada', {}, { id: 'k6' })
    draft.createRelation('WORKS_AT', 'ada', 'acme', {}, { id: 'w1' })
    draft.createRelation('WORKS_AT', 'bob', 'mill', {}, { id: 'w2' })
    draft.createRelation('WORKS_AT', 'cy', 'acme', {}, { id: 'w3' })
  })
  await universe.commit('Everything changes', (draft) => {
    draft.deleteRelation('k3')
    draft.deleteEntity('mill', { cascade: true })
    draft.createEntity('Robot', {}, { id: 'mill' })
    draft.updateEntity('dan', { age: 2, tags: ['lead'] })
    draft.createRelation('LIKES', 'ada', 'dan', {}, { id: 'l1' })
  })
  return { universe, past: universe.at({ version: first.versionId }), head: universe.head }
}
