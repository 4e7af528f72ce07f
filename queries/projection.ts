/**
 * The writes of a commit into the tables that hold states: heads, history, tags.
 *
 * Each statement writes one row; a commit runs each of them over all rows of its kind.
 */
import { type Kysely, sql } from 'kysely'
import { type Statement, statement } from './statement.js'
import type {
  EntityHistoryTable,
  EntityTable,
  EntityTagHistoryTable,
  EntityTagTable,
  RelationHistoryTable,
  RelationTable,
  Tables,
} from './tables.js'

export const insertEntity = statement((db, given: EntityTable) =>
  db.insertInto('entity').values(row(given, entityColumns)),
)

export const updateEntity = statement((db, given: EntityTable) =>
  db
    .updateTable('entity')
    .set({
      updated_at: given.updated_at,
      metadata: given.metadata,
      from_sequence: given.from_sequence,
      valid_from: given.valid_from,
      valid_to: given.valid_to,
    })
    .where('id', '=', given.id),
)

export const deleteEntity = statement((db, given: { id: string }) => db.deleteFrom('entity').where('id', '=', given.id))

export const insertRelation = statement((db, given: RelationTable) =>
  db.insertInto('relation').values(row(given, relationColumns)),
)

export const updateRelation = statement((db, given: RelationTable) =>
  db
    .updateTable('relation')
    .set({
      updated_at: given.updated_at,
      metadata: given.metadata,
      from_sequence: given.from_sequence,
      valid_from: given.valid_from,
      valid_to: given.valid_to,
    })
    .where('id', '=', given.id),
)

export const deleteRelation = statement((db, given: { id: string }) =>
  db.deleteFrom('relation').where('id', '=', given.id),
)

export const insertEntityHistory = statement((db, given: EntityHistoryTable) =>
  db.insertInto('entity_history').values(row(given, [...entityColumns, ...superseded])),
)

export const insertRelationHistory = statement((db, given: RelationHistoryTable) =>
  db.insertInto('relation_history').values(row(given, [...relationColumns, ...superseded])),
)

interface Closing {
  lane_id: number
  id: string
  from_sequence: number
  to_sequence: number
  span: number
}

export const closeEntityHistory = closing('entity_history')
export const closeRelationHistory = closing('relation_history')

export const insertTag = statement((db, given: EntityTagTable) =>
  db.insertInto('entity_tag').values(row(given, ['entity_id', 'tag', 'from_sequence'])),
)

export const deleteTag = statement((db, given: { tag: string; entity_id: string }) =>
  db.deleteFrom('entity_tag').where('tag', '=', given.tag).where('entity_id', '=', given.entity_id),
)

export const insertTagHistory = statement((db, given: EntityTagHistoryTable) =>
  db
    .insertInto('entity_tag_history')
    .values(row(given, ['lane_id', 'tag', 'entity_id', 'from_sequence', 'to_sequence', 'span'])),
)

/** Closes the row that stands: the one of its tag and entity whose span says so. */
export const closeTagHistory = statement(
  (
    db,
    given: {
      lane_id: number
      tag: string
      entity_id: string
      from_sequence: number
      to_sequence: number
      span: number
    },
  ) =>
    db
      .updateTable('entity_tag_history')
      .set({ to_sequence: given.to_sequence, span: given.span })
      .where('lane_id', '=', given.lane_id)
      .where('tag', '=', given.tag)
      .where('span', '=', sql.lit(-1))
      .where('from_sequence', '=', given.from_sequence)
      .where('entity_id', '=', given.entity_id),
)

const entityColumns = [
  'id',
  'entity_type',
  'created_at',
  'updated_at',
  'metadata',
  'from_sequence',
  'valid_from',
  'valid_to',
] as const
const relationColumns = [
  'id',
  'from_entity',
  'to_entity',
  'relation_type',
  'created_at',
  'updated_at',
  'metadata',
  'from_sequence',
  'valid_from',
  'valid_to',
] as const
const superseded = ['lane_id', 'to_sequence', 'span'] as const

function closing(table: 'entity_history' | 'relation_history'): Statement<Closing, unknown> {
  return statement((db: Kysely<Tables>, given: Closing) =>
    db
      .updateTable(table)
      .set({ to_sequence: given.to_sequence, span: given.span })
      .where('lane_id', '=', given.lane_id)
      .where('id', '=', given.id)
      .where('from_sequence', '=', given.from_sequence),
  )
}

/** The placeholders of these columns, each bound by the column's own name. */
function row<T, K extends keyof T>(given: T, columns: readonly K[]): Pick<T, K> {
  return Object.fromEntries(columns.map((column) => [column, given[column]])) as Pick<T, K>
}
