/** Rows of the audit trail. */
import type { Json } from './json.js'
import type { Operation } from './operation.js'

/** One row of the audit trail. */
export interface UniverseEvent {
  eventId: string
  /** What happened: one of the library's kinds (ENTITY_CREATED, STATE_VERSION_COMMITTED …) or the publisher's own. */
  type: string
  /** The place of the event in the trail: 1, 2, 3 …, dense. */
  seq: number
  /** The id of the object concerned; null where there is none. */
  source: string | null
  /** Milliseconds since the Unix epoch. */
  timestamp: number
  /** Who did it: the owner of the version, or of the universe that published. */
  actor: string
  /** What was published; for an event of a commit what the delta holds (the operation, for an element's). */
  data: Json
  /** The version whose commit made the event; null for all others. */
  versionId: string | null
  /** Which operation of that version's delta, from 0; null where the event is not of one. */
  position: number | null
}

/** The event that an operation makes. */
export function eventTypeOf({ op }: Pick<Operation, 'op'>): string {
  switch (op) {
    case 'createEntity':
      return 'ENTITY_CREATED'
    case 'updateEntity':
      return 'ENTITY_UPDATED'
    case 'deleteEntity':
      return 'ENTITY_DELETED'
    case 'createRelation':
      return 'RELATION_CREATED'
    case 'updateRelation':
      return 'RELATION_UPDATED'
    case 'deleteRelation':
      return 'RELATION_DELETED'
  }
}

/** A position in the id of an event, in as many digits as a version's operations need: ids then sort as positions do. */
export function positionName(position: number): string {
  return String(position).padStart(6, '0')
}
