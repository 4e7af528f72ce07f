/** The events that a commit makes: one an operation in order, then the version and its delta. */
import type { ModelVersion } from './universe.js'

const typeOf = {
  createEntity: 'ENTITY_CREATED',
  updateEntity: 'ENTITY_UPDATED',
  deleteEntity: 'ENTITY_DELETED',
  createRelation: 'RELATION_CREATED',
  updateRelation: 'RELATION_UPDATED',
  deleteRelation: 'RELATION_DELETED',
}

/** In the order of the log; `source` is the object concerned, where the model knows its id. */
export function eventsOf(version: ModelVersion): { type: string; source?: string }[] {
  const operations = version.operations.map(({ op, id }) => ({ type: typeOf[op], source: id }))
  const commit = { type: 'STATE_VERSION_COMMITTED', source: version.versionId }
  return [...operations, commit, { type: 'DELTA_RECORDED' }]
}
