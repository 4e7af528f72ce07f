/** The events that a commit makes: one an operation in order, then the version and its delta. */
import type { Operation } from './operation.js'
import type { ModelVersion } from './universe.js'

export interface ModelEvent {
  type: string
  versionId: string
  actor: string
  /** That of the version. */
  timestamp: number
  /** Which operation of the delta; null where the event is not of one. */
  position: number | null
  /** The id of the object concerned, where the model knows it. */
  source?: string
  data?: Operation
}

const typeOf = {
  createEntity: 'ENTITY_CREATED',
  updateEntity: 'ENTITY_UPDATED',
  deleteEntity: 'ENTITY_DELETED',
  createRelation: 'RELATION_CREATED',
  updateRelation: 'RELATION_UPDATED',
  deleteRelation: 'RELATION_DELETED',
}

/** In the order of the log. */
export function eventsOf({ versionId, owner, timestamp, operations }: ModelVersion): ModelEvent[] {
  const made = { versionId, actor: owner, timestamp }
  const ofOperations = operations.map((data, position) => {
    return { ...made, type: typeOf[data.op], source: data.id, position, data }
  })
  return [
    ...ofOperations,
    { ...made, type: 'STATE_VERSION_COMMITTED', source: versionId, position: null },
    { ...made, type: 'DELTA_RECORDED', position: null },
  ]
}
