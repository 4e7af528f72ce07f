/** Rows become model values here: snake_case ends, JSON is parsed. */
import type { EntityHistoryTable, EntityTable, RelationHistoryTable, RelationTable } from '../../queries/tables.js'
import type { VersionRow } from '../../queries/version.js'
import type { Entity, Relation } from '../model/entity.js'
import type { JsonObject } from '../model/json.js'
import type { Version } from '../model/version.js'

export function toEntity(row: EntityTable): Entity {
  const entity: Entity = {
    id: row.id,
    entityType: row.entity_type,
    metadata: JSON.parse(row.metadata) as JsonObject,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
  if (row.valid_from !== null) entity.validFrom = row.valid_from
  if (row.valid_to !== null) entity.validTo = row.valid_to
  return entity
}

export function toRelation(row: RelationTable): Relation {
  const relation: Relation = {
    id: row.id,
    relationType: row.relation_type,
    from: row.from_entity,
    to: row.to_entity,
    metadata: JSON.parse(row.metadata) as JsonObject,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
  if (row.valid_from !== null) relation.validFrom = row.valid_from
  if (row.valid_to !== null) relation.validTo = row.valid_to
  return relation
}

export function toVersion(row: VersionRow): Version {
  const further = row.further_parents === null ? [] : (JSON.parse(row.further_parents) as string[])
  return {
    versionId: row.version_id,
    parentVersionId: row.parent_version_id,
    parents: row.parent_version_id === null ? [] : [row.parent_version_id, ...further],
    sequence: row.sequence,
    timestamp: row.timestamp,
    description: row.description,
    owner: row.owner,
    dataHash: row.data_hash,
    versionHash: row.version_hash,
  }
}

/** The columns of a state of an entity that ended; `metadata` is its canonical text. */
export function entityHistoryRow(
  entity: Entity,
  metadata: string | null,
  fromSequence: number,
  end: { lane_id: number; to_sequence: number | null; span: number },
): EntityHistoryTable {
  return {
    lane_id: end.lane_id,
    id: entity.id,
    entity_type: entity.entityType,
    created_at: entity.createdAt,
    updated_at: entity.updatedAt,
    metadata,
    from_sequence: fromSequence,
    to_sequence: end.to_sequence,
    span: end.span,
    valid_from: entity.validFrom ?? null,
    valid_to: entity.validTo ?? null,
  }
}

/** The columns of a state of a relation that ended. */
export function relationHistoryRow(
  relation: Relation,
  metadata: string | null,
  fromSequence: number,
  end: { lane_id: number; to_sequence: number | null; span: number },
): RelationHistoryTable {
  return {
    lane_id: end.lane_id,
    id: relation.id,
    from_entity: relation.from,
    to_entity: relation.to,
    relation_type: relation.relationType,
    created_at: relation.createdAt,
    updated_at: relation.updatedAt,
    metadata,
    from_sequence: fromSequence,
    to_sequence: end.to_sequence,
    span: end.span,
    valid_from: relation.validFrom ?? null,
    valid_to: relation.validTo ?? null,
  }
}

/** The columns of an element's state at the head; `metadata` is its canonical text. */
export function entityRow(entity: Entity, metadata: string, fromSequence: number): EntityTable {
  return {
    id: entity.id,
    entity_type: entity.entityType,
    created_at: entity.createdAt,
    updated_at: entity.updatedAt,
    metadata,
    from_sequence: fromSequence,
    valid_from: entity.validFrom ?? null,
    valid_to: entity.validTo ?? null,
  }
}

export function relationRow(relation: Relation, metadata: string, fromSequence: number): RelationTable {
  return {
    id: relation.id,
    from_entity: relation.from,
    to_entity: relation.to,
    relation_type: relation.relationType,
    created_at: relation.createdAt,
    updated_at: relation.updatedAt,
    metadata,
    from_sequence: fromSequence,
    valid_from: relation.validFrom ?? null,
    valid_to: relation.validTo ?? null,
  }
}
