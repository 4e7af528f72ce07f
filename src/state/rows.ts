/** Rows become model values here: snake_case ends, JSON is parsed. */
import type { StateRow } from '../../queries/standing.js'
import type { EntityHistoryTable, EntityTable, RelationHistoryTable, RelationTable } from '../../queries/tables.js'
import type { VersionRow } from '../../queries/version.js'
import type { ElementKind, Entity, Relation } from '../model/entity.js'
import { IntegrityError } from '../model/errors.js'
import { isJsonObject, type JsonObject } from '../model/json.js'
import type { Version } from '../model/version.js'

/** A row of `elements.entity`'s columns, and whatever comes after them. */
export function toEntity(row: StateRow): Entity {
  return entityFrom(row, metadataOf(row[4], 'entity', row[0]))
}

/** A row of `elements.relation`'s columns, and whatever comes after them. */
export function toRelation(row: StateRow): Relation {
  return relationFrom(row, metadataOf(row[6], 'relation', row[0]))
}

/**
 * The metadata in a column of a row, of the element with this id.
 *
 * @throws {IntegrityError} where it is no object.
 */
export function metadataOf(
  column: StateRow[number] | undefined,
  element: ElementKind,
  id: StateRow[number] | undefined,
): JsonObject {
  if (typeof column !== 'string') return column as JsonObject
  try {
    const metadata: unknown = JSON.parse(column)
    if (isJsonObject(metadata)) return metadata
  } catch (cause) {
    throw damagedMetadata(element, id, cause)
  }
  throw damagedMetadata(element, id)
}

function damagedMetadata(element: ElementKind, id: StateRow[number] | undefined, cause?: unknown): IntegrityError {
  const reason = `The metadata of ${element} ${JSON.stringify(id)} is damaged: it is no JSON object`
  return new IntegrityError({ reason, hint: 'Run verify to see what else is damaged, and rebuild.', cause })
}

/** The canonical text of metadata in a column, where the database has it. */
export function metadataTextOf(column: StateRow[number] | undefined): string | undefined {
  return typeof column === 'string' ? column : undefined
}

/** The entity of a row whose metadata is parsed already. */
export function entityFrom(row: StateRow, metadata: JsonObject): Entity {
  const entity: Entity = {
    id: row[0] as string,
    entityType: row[1] as string,
    metadata,
    createdAt: row[2] as number,
    updatedAt: row[3] as number,
  }
  setBounds(entity, row[6], row[7])
  return entity
}

/** The relation of a row whose metadata is parsed already. */
export function relationFrom(row: StateRow, metadata: JsonObject): Relation {
  const relation: Relation = {
    id: row[0] as string,
    relationType: row[3] as string,
    from: row[1] as string,
    to: row[2] as string,
    metadata,
    createdAt: row[4] as number,
    updatedAt: row[5] as number,
  }
  setBounds(relation, row[8], row[9])
  return relation
}

/** Where a row has the columns that more than its values need. */
export const columnOf = {
  entity: { metadata: 4, fromSequence: 5, created_at: 2, updated_at: 3 },
  relation: { metadata: 6, fromSequence: 7, created_at: 4, updated_at: 5 },
} as const

/** Bounds are there only where they are given. */
export function setBounds(
  element: Entity | Relation,
  validFrom: StateRow[number] | undefined,
  validTo: StateRow[number] | undefined,
): void {
  if (typeof validFrom === 'number') element.validFrom = validFrom
  if (typeof validTo === 'number') element.validTo = validTo
}

export function toVersion(row: VersionRow): Version {
  return {
    versionId: row.version_id,
    parentVersionId: row.parent_version_id,
    parents: parentsOf(row),
    sequence: row.sequence,
    timestamp: row.timestamp,
    description: row.description,
    owner: row.owner,
    dataHash: row.data_hash,
    versionHash: row.version_hash,
  }
}

/** All parents of a version, in order. */
export function parentsOf({
  parent_version_id: parent,
  further_parents: further,
}: Pick<VersionRow, 'parent_version_id' | 'further_parents'>): string[] {
  if (parent === null) return []
  return further === null ? [parent] : [parent, ...(JSON.parse(further) as string[])]
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
