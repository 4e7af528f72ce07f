/** The tables as Kysely sees them. What a row means is said in the migration that makes its table. */

export interface EntityTable {
  id: string
  entity_type: string
  created_at: number
  updated_at: number
  metadata: string
  from_sequence: number
  valid_from: number | null
  valid_to: number | null
}

export interface RelationTable {
  id: string
  from_entity: string
  to_entity: string
  relation_type: string
  created_at: number
  updated_at: number
  metadata: string
  from_sequence: number
  valid_from: number | null
  valid_to: number | null
}

interface Superseded {
  lane_id: number
  metadata: string | null
  to_sequence: number | null
  span: number
}

export type EntityHistoryTable = Omit<EntityTable, 'metadata'> & Superseded
export type RelationHistoryTable = Omit<RelationTable, 'metadata'> & Superseded

export interface EntityTagTable {
  entity_id: string
  tag: string
  from_sequence: number
}

export interface EntityTagHistoryTable extends EntityTagTable {
  lane_id: number
  to_sequence: number | null
  span: number
}

export interface StateVersionTable {
  version_id: string
  parent_version_id: string | null
  timestamp: number
  description: string
  data_hash: string
  owner: string
  sequence: number
  lane_id: number
  late: number
  version_hash: string
  operations_hash: string
}

export interface VersionParentTable {
  version_id: string
  parent_version_id: string
  position: number
}

export interface DeltaRecordTable {
  delta_id: string
  state_version_id: string
  operations: string
  timestamp: number
  metadata: string | null
  position: number
}

export interface EventLogTable {
  event_id: string
  event_type: string
  source: string | null
  timestamp: number
  data: string | null
  seq: number
  actor: string
  state_version_id: string | null
  position: number | null
  hash: string | null
}

export interface ConfigTable {
  key: string
  value: string
  description: string | null
  updated_at: number
  updated_by: string
}

export interface LaneTable {
  lane_id: number
  parent_lane_id: number | null
  fork_sequence: number | null
  depth: number
}

export interface BranchTable {
  name: string
  head_version_id: string | null
  lane_id: number | null
  created_at: number
}

export interface SnapshotTable {
  version_id: string
  position: number
  format: number
  data: Uint8Array
}

export interface Tables {
  entity: EntityTable
  relation: RelationTable
  entity_history: EntityHistoryTable
  relation_history: RelationHistoryTable
  entity_tag: EntityTagTable
  entity_tag_history: EntityTagHistoryTable
  state_version: StateVersionTable
  version_parent: VersionParentTable
  delta_record: DeltaRecordTable
  event_log: EventLogTable
  config: ConfigTable
  lane: LaneTable
  branch: BranchTable
  snapshot: SnapshotTable
}

/** All tables by name, the migrator's own among them. */
export const allTables = [
  'entity',
  'relation',
  'entity_history',
  'relation_history',
  'entity_tag',
  'entity_tag_history',
  'state_version',
  'version_parent',
  'delta_record',
  'event_log',
  'config',
  'lane',
  'branch',
  'snapshot',
  'client_connection',
  'subscription',
  'kysely_migration',
  'kysely_migration_lock',
] as const
