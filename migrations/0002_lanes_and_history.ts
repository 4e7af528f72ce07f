/**
 * Where states are stored: lanes, branches, superseded states with their span classes, tags,
 * snapshots.
 *
 * A row of a history table is one state of one element on one lane. It stood from `from_sequence`
 * (included) to `to_sequence` (excluded; null while it stands); null metadata marks a deletion.
 * Indexes lead with the key and end in `(span, to_sequence, from_sequence)`: a reader asks each span
 * class for a window of ends and never walks what stood before or after it.
 */
import { sql } from 'kysely'
import { bytes, metadata, type Schema, strict, text, whole } from './columns.js'

const tables = ['snapshot', 'branch', 'lane', 'entity_tag_history', 'entity_tag', 'relation_history', 'entity_history']

export async function up(db: Schema): Promise<void> {
  await strict(db, db.schema.createTable('entity_history'))
    .addColumn('lane_id', whole(db), (column) => column.notNull())
    .addColumn('id', text(db), (column) => column.notNull())
    .addColumn('entity_type', text(db), (column) => column.notNull())
    .addColumn('created_at', whole(db), (column) => column.notNull())
    .addColumn('updated_at', whole(db), (column) => column.notNull())
    .addColumn('metadata', metadata(db))
    .addColumn('from_sequence', whole(db), (column) => column.notNull())
    .addColumn('to_sequence', whole(db))
    .addColumn('span', whole(db), (column) => column.notNull())
    .addColumn('valid_from', whole(db))
    .addColumn('valid_to', whole(db))
    .addPrimaryKeyConstraint('entity_history_pk', ['lane_id', 'id', 'from_sequence'])
    .execute()
  await index(db, 'entity_history_type_idx', 'entity_history', ['lane_id', 'entity_type', ...interval, 'id'])

  await strict(db, db.schema.createTable('relation_history'))
    .addColumn('lane_id', whole(db), (column) => column.notNull())
    .addColumn('id', text(db), (column) => column.notNull())
    .addColumn('from_entity', text(db), (column) => column.notNull())
    .addColumn('to_entity', text(db), (column) => column.notNull())
    .addColumn('relation_type', text(db), (column) => column.notNull())
    .addColumn('created_at', whole(db), (column) => column.notNull())
    .addColumn('updated_at', whole(db), (column) => column.notNull())
    .addColumn('metadata', metadata(db))
    .addColumn('from_sequence', whole(db), (column) => column.notNull())
    .addColumn('to_sequence', whole(db))
    .addColumn('span', whole(db), (column) => column.notNull())
    .addColumn('valid_from', whole(db))
    .addColumn('valid_to', whole(db))
    .addPrimaryKeyConstraint('relation_history_pk', ['lane_id', 'id', 'from_sequence'])
    .execute()
  await index(db, 'relation_history_from_idx', 'relation_history', ['lane_id', 'from_entity', ...interval])
  await index(db, 'relation_history_to_idx', 'relation_history', ['lane_id', 'to_entity', ...interval])
  await index(db, 'relation_history_type_idx', 'relation_history', ['lane_id', 'relation_type', ...interval, 'id'])

  // One row for each string in `metadata.tags`; `from_sequence` is since when, through later states.
  await strict(db, db.schema.createTable('entity_tag'), { clustered: true })
    .addColumn('entity_id', text(db), (column) => column.notNull())
    .addColumn('tag', text(db), (column) => column.notNull())
    .addColumn('from_sequence', whole(db), (column) => column.notNull())
    .addPrimaryKeyConstraint('entity_tag_pk', ['tag', 'entity_id'])
    .execute()
  await strict(db, db.schema.createTable('entity_tag_history'), { clustered: true })
    .addColumn('lane_id', whole(db), (column) => column.notNull())
    .addColumn('tag', text(db), (column) => column.notNull())
    .addColumn('entity_id', text(db), (column) => column.notNull())
    .addColumn('from_sequence', whole(db), (column) => column.notNull())
    .addColumn('to_sequence', whole(db))
    .addColumn('span', whole(db), (column) => column.notNull())
    .addPrimaryKeyConstraint('entity_tag_history_pk', ['lane_id', 'tag', 'span', 'from_sequence', 'entity_id'])
    .execute()
  await db.schema
    .createIndex('entity_tag_history_standing_idx')
    .on('entity_tag_history')
    .columns(['lane_id', 'tag', 'entity_id'])
    .where(sql.ref('to_sequence'), 'is', null)
    .execute()

  await strict(db, db.schema.createTable('lane'))
    .addColumn('lane_id', whole(db), (column) => column.primaryKey().notNull())
    .addColumn('parent_lane_id', whole(db))
    .addColumn('fork_sequence', whole(db))
    .addColumn('depth', whole(db), (column) => column.notNull())
    .execute()

  await strict(db, db.schema.createTable('branch'))
    .addColumn('name', text(db), (column) => column.primaryKey().notNull())
    .addColumn('head_version_id', text(db))
    .addColumn('lane_id', whole(db))
    .addColumn('created_at', whole(db), (column) => column.notNull())
    .addForeignKeyConstraint('branch_head_fk', ['head_version_id'], 'state_version', ['version_id'], (constraint) =>
      constraint.deferrable().initiallyDeferred(),
    )
    .execute()

  await strict(db, db.schema.createTable('snapshot'))
    .addColumn('version_id', text(db), (column) => column.notNull())
    .addColumn('position', whole(db), (column) => column.notNull())
    .addColumn('format', whole(db), (column) => column.notNull())
    .addColumn('data', bytes(db), (column) => column.notNull())
    .addPrimaryKeyConstraint('snapshot_pk', ['version_id', 'position'])
    .addForeignKeyConstraint('snapshot_version_fk', ['version_id'], 'state_version', ['version_id'], (constraint) =>
      constraint.deferrable().initiallyDeferred(),
    )
    .execute()
}

export async function down(db: Schema): Promise<void> {
  for (const table of tables) await db.schema.dropTable(table).execute()
}

// The end before the start: what a version supersedes then lies together, as the last of its span class.
const interval = ['span', 'to_sequence', 'from_sequence']

function index(db: Schema, name: string, table: string, columns: string[]): Promise<void> {
  return db.schema
    .createIndex(name)
    .on(table)
    .columns(columns as never)
    .execute()
}
