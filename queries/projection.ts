/**
 * The writes of a commit into the tables that hold states: heads, history, tags.
 *
 * Each statement takes rows; a commit runs each of them over all rows of its kind.
 */
import { sql } from 'kysely'
import { deleteFrom, insertInto, update } from './rows.js'
import { elements } from './standing.js'

const superseded = ['lane_id', 'to_sequence', 'span'] as const
/** What an update of the head writes. */
const changed = ['updated_at', 'metadata', 'from_sequence', 'valid_from', 'valid_to'] as const
/** What closing a state writes. */
const ended = ['to_sequence', 'span'] as const

export const insertEntity = insertInto('entity', elements.entity.columns)
export const updateEntity = update('entity', { set: changed, where: ['id'] })
export const deleteEntity = deleteFrom('entity', ['id'])

export const insertRelation = insertInto('relation', elements.relation.columns)
export const updateRelation = update('relation', { set: changed, where: ['id'] })
export const deleteRelation = deleteFrom('relation', ['id'])

export const insertEntityHistory = insertInto('entity_history', [...elements.entity.columns, ...superseded])
export const insertRelationHistory = insertInto('relation_history', [...elements.relation.columns, ...superseded])

const closing = { set: ended, where: ['lane_id', 'id', 'from_sequence'] } as const
export const closeEntityHistory = update('entity_history', closing)
export const closeRelationHistory = update('relation_history', closing)

export const insertTag = insertInto('entity_tag', ['entity_id', 'tag', 'from_sequence'])
export const deleteTag = deleteFrom('entity_tag', ['tag', 'entity_id'])

export const insertTagHistory = insertInto('entity_tag_history', [
  'lane_id',
  'tag',
  'entity_id',
  'from_sequence',
  'to_sequence',
  'span',
])

/** Closes the row that stands: the one of its tag and entity whose span says so. */
export const closeTagHistory = update(
  'entity_tag_history',
  { set: ended, where: ['lane_id', 'tag', 'from_sequence', 'entity_id'] },
  sql`own.span = -1`,
)
