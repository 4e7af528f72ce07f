/**
 * The graph as `main`'s head has it, versions with their deltas, the audit trail, and what a server
 * keeps about its clients.
 *
 * `entity` and `relation` carry `from_sequence`: the sequence since which the row stands. A delta is
 * one or more rows of `delta_record`; `position` is the index of the first operation in the row.
 */
import { type CreateTableBuilder, sql } from 'kysely'
import { metadata, type Schema, strict, text, whole } from './columns.js'

const tables = [
  'subscription',
  'client_connection',
  'config',
  'event_log',
  'delta_record',
  'version_parent',
  'state_version',
  'relation',
  'entity',
]

export async function up(db: Schema): Promise<void> {
  await strict(db, db.schema.createTable('entity'))
    .addColumn('id', text(db), (column) => column.primaryKey().notNull())
    .addColumn('entity_type', text(db), (column) => column.notNull())
    .addColumn('created_at', whole(db), (column) => column.notNull())
    .addColumn('updated_at', whole(db), (column) => column.notNull())
    .addColumn('metadata', metadata(db), (column) => column.notNull())
    .addColumn('from_sequence', whole(db), (column) => column.notNull())
    .addColumn('valid_from', whole(db))
    .addColumn('valid_to', whole(db))
    .execute()
  await index(db, 'entity_type_idx', 'entity', ['entity_type', 'id'])
  await index(db, 'entity_created_idx', 'entity', ['created_at', 'id'])

  await strict(db, db.schema.createTable('relation'))
    .addColumn('id', text(db), (column) => column.primaryKey().notNull())
    .addColumn('from_entity', text(db), (column) => column.notNull())
    .addColumn('to_entity', text(db), (column) => column.notNull())
    .addColumn('relation_type', text(db), (column) => column.notNull())
    .addColumn('created_at', whole(db), (column) => column.notNull())
    .addColumn('updated_at', whole(db), (column) => column.notNull())
    .addColumn('metadata', metadata(db), (column) => column.notNull())
    .addColumn('from_sequence', whole(db), (column) => column.notNull())
    .addColumn('valid_from', whole(db))
    .addColumn('valid_to', whole(db))
    .$call((table) => reference(table, 'relation_from_fk', 'from_entity', 'entity', 'id'))
    .$call((table) => reference(table, 'relation_to_fk', 'to_entity', 'entity', 'id'))
    .execute()
  await index(db, 'from_entity_idx', 'relation', ['from_entity', 'relation_type', 'id'])
  await index(db, 'to_entity_idx', 'relation', ['to_entity', 'relation_type', 'id'])
  await index(db, 'relation_type_idx', 'relation', ['relation_type', 'id'])

  await strict(db, db.schema.createTable('state_version'))
    .addColumn('version_id', text(db), (column) => column.primaryKey().notNull())
    .addColumn('parent_version_id', text(db))
    .addColumn('timestamp', whole(db), (column) => column.notNull())
    .addColumn('description', text(db), (column) => column.notNull())
    .addColumn('data_hash', text(db), (column) => column.notNull())
    .addColumn('owner', text(db), (column) => column.notNull().defaultTo('local'))
    .addColumn('sequence', whole(db), (column) => column.notNull().unique())
    .addColumn('lane_id', whole(db), (column) => column.notNull())
    .addColumn('late', whole(db), (column) => column.notNull().check(sql`late in (0, 1)`))
    .addColumn('version_hash', text(db), (column) => column.notNull())
    .addColumn('operations_hash', text(db), (column) => column.notNull())
    .$call((table) => reference(table, 'state_version_parent_fk', 'parent_version_id', 'state_version', 'version_id'))
    .execute()
  await index(db, 'parent_version_idx', 'state_version', ['parent_version_id', 'sequence'])
  await index(db, 'state_version_timestamp_idx', 'state_version', ['timestamp'])
  await index(db, 'owner_idx', 'state_version', ['owner'])
  await index(db, 'state_version_lane_idx', 'state_version', ['lane_id', 'sequence'])
  await index(db, 'state_version_moment_idx', 'state_version', ['lane_id', 'late', 'timestamp', 'sequence'])

  await strict(db, db.schema.createTable('version_parent'), { clustered: true })
    .addColumn('version_id', text(db), (column) => column.notNull())
    .addColumn('parent_version_id', text(db), (column) => column.notNull())
    .addColumn('position', whole(db), (column) => column.notNull())
    .addPrimaryKeyConstraint('version_parent_pk', ['version_id', 'position'])
    .$call((table) => reference(table, 'version_parent_version_fk', 'version_id', 'state_version', 'version_id'))
    .$call((table) => reference(table, 'version_parent_parent_fk', 'parent_version_id', 'state_version', 'version_id'))
    .execute()
  await index(db, 'version_parent_idx', 'version_parent', ['parent_version_id'])

  await strict(db, db.schema.createTable('delta_record'))
    .addColumn('delta_id', text(db), (column) => column.primaryKey().notNull())
    .addColumn('state_version_id', text(db), (column) => column.notNull())
    .addColumn('operations', text(db), (column) => column.notNull())
    .addColumn('timestamp', whole(db), (column) => column.notNull())
    .addColumn('metadata', metadata(db))
    .addColumn('position', whole(db), (column) => column.notNull())
    .$call((table) => reference(table, 'delta_record_version_fk', 'state_version_id', 'state_version', 'version_id'))
    .execute()
  await index(db, 'state_version_idx', 'delta_record', ['state_version_id', 'position'])
  await index(db, 'delta_record_timestamp_idx', 'delta_record', ['timestamp'])

  await strict(db, db.schema.createTable('event_log'))
    .addColumn('event_id', text(db), (column) => column.primaryKey().notNull())
    .addColumn('event_type', text(db), (column) => column.notNull())
    .addColumn('source', text(db))
    .addColumn('timestamp', whole(db), (column) => column.notNull())
    .addColumn('data', text(db))
    .addColumn('seq', whole(db), (column) => column.notNull().unique())
    .addColumn('actor', text(db), (column) => column.notNull().defaultTo('local'))
    .addColumn('state_version_id', text(db))
    .addColumn('position', whole(db))
    .addColumn('hash', text(db))
    .execute()
  await index(db, 'event_type_idx', 'event_log', ['event_type', 'seq'])
  await index(db, 'event_log_timestamp_idx', 'event_log', ['timestamp', 'seq'])
  await index(db, 'source_idx', 'event_log', ['source', 'seq'])

  await strict(db, db.schema.createTable('config'), { clustered: true })
    .addColumn('key', text(db), (column) => column.primaryKey().notNull())
    .addColumn('value', text(db), (column) => column.notNull())
    .addColumn('description', text(db))
    .addColumn('updated_at', whole(db), (column) => column.notNull())
    .addColumn('updated_by', text(db), (column) => column.notNull().defaultTo('local'))
    .execute()

  await strict(db, db.schema.createTable('client_connection'))
    .addColumn('connection_id', text(db), (column) => column.primaryKey().notNull())
    .addColumn('identity', text(db), (column) => column.notNull().defaultTo('local'))
    .addColumn('connected_at', whole(db), (column) => column.notNull())
    .addColumn('last_active_at', whole(db), (column) => column.notNull())
    .addColumn('client_info', metadata(db))
    .addColumn('status', text(db), (column) =>
      column.notNull().check(sql`status in ('connected', 'idle', 'disconnecting', 'disconnected')`),
    )
    .execute()
  await index(db, 'client_connection_identity_idx', 'client_connection', ['identity'])

  await strict(db, db.schema.createTable('subscription'))
    .addColumn('subscription_id', text(db), (column) => column.primaryKey().notNull())
    .addColumn('identity', text(db), (column) => column.notNull().defaultTo('local'))
    .addColumn('query', text(db), (column) => column.notNull())
    .addColumn('created_at', whole(db), (column) => column.notNull())
    .addColumn('updated_at', whole(db), (column) => column.notNull())
    .addColumn('status', text(db), (column) => column.notNull().check(sql`status in ('active', 'paused', 'cancelled')`))
    .execute()
  await index(db, 'subscription_identity_idx', 'subscription', ['identity'])
}

export async function down(db: Schema): Promise<void> {
  for (const table of tables) await db.schema.dropTable(table).execute()
}

function index(db: Schema, name: string, table: string, columns: string[]): Promise<void> {
  return db.schema
    .createIndex(name)
    .on(table)
    .columns(columns as never)
    .execute()
}

/** Checked when the transaction commits, so that rows may arrive in any order within it. */
function reference(
  table: CreateTableBuilder<string, string>,
  name: string,
  column: string,
  target: string,
  targetColumn: string,
): CreateTableBuilder<string, string> {
  return table.addForeignKeyConstraint(name, [column], target, [targetColumn], (constraint) =>
    constraint.deferrable().initiallyDeferred(),
  )
}
