/**
 * The floor: what the same data costs without a history, in hand-written SQL through better-sqlite3.
 *
 * Tables `entity` and `relation` with the indexes and foreign keys of the store, statements prepared
 * once, rows turned into the same objects.
 */
import type Driver from 'better-sqlite3'
import { openDriver } from '../../src/database/sqlite/driver.js'
import type { Entity, JsonObject, Operation, Relation, Universe } from '../../src/index.js'

interface EntityRow {
  id: string
  entity_type: string
  created_at: number
  updated_at: number
  metadata: string
}

const schema = `
  create table entity (
    id text primary key not null, entity_type text not null,
    created_at integer not null, updated_at integer not null, metadata text not null
  ) strict;
  create index entity_type_idx on entity (entity_type);
  create index entity_created_idx on entity (created_at);
  create table relation (
    id text primary key not null,
    from_entity text not null references entity (id) deferrable initially deferred,
    to_entity text not null references entity (id) deferrable initially deferred,
    relation_type text not null,
    created_at integer not null, updated_at integer not null, metadata text not null
  ) strict;
  create index from_entity_idx on relation (from_entity);
  create index to_entity_idx on relation (to_entity);
  create index relation_type_idx on relation (relation_type);
`

/** As much page cache as the library gives its writer, and more than its reader. */
const cacheKibibytes = 32_768

const ends = `r.id, r.from_entity, r.to_entity, r.relation_type, r.created_at, r.updated_at, r.metadata,
  e.id, e.entity_type, e.created_at, e.updated_at, e.metadata`

export class Floor {
  readonly driver: Driver.Database
  private readonly statements

  private constructor(path: string, isNew: boolean) {
    this.driver = openDriver(path)
    this.driver.pragma('journal_mode = WAL')
    if (isNew) this.driver.exec(schema)
    this.driver.pragma('foreign_keys = ON')
    this.driver.pragma(`cache_size = -${cacheKibibytes}`)
    this.driver.pragma('synchronous = NORMAL')
    // A LIMIT that is a bare parameter would be planned anew at every call.
    const prepare = (sql: string) => this.driver.prepare<unknown[]>(sql)
    this.statements = {
      entity: prepare('select id, entity_type, created_at, updated_at, metadata from entity where id = ?'),
      neighboursOut: prepare(
        `select ${ends} from relation r join entity e on e.id = r.to_entity
         where r.from_entity = @id order by r.id limit (@limit + 0)`,
      ).raw(),
      neighboursBoth: prepare(
        `select ${ends} from (
           select *, to_entity as other from relation where from_entity = @id
           union all select *, from_entity from relation where to_entity = @id and from_entity <> @id
         ) r join entity e on e.id = r.other order by r.id limit (@limit + 0)`,
      ).raw(),
      // The planner left alone begins with all relations of a type: 11 ms instead of 15 µs.
      twoHops: prepare(
        `select distinct e.id, e.entity_type, e.created_at, e.updated_at, e.metadata
         from relation a indexed by from_entity_idx cross join relation b indexed by from_entity_idx cross join entity e
         where a.from_entity = @id and a.relation_type in (select value from json_each(@first))
           and b.from_entity = a.to_entity and b.relation_type in (select value from json_each(@second))
           and e.id = b.to_entity`,
      ),
      twoHopsOfOne: prepare(
        `select distinct e.id, e.entity_type, e.created_at, e.updated_at, e.metadata
         from relation a indexed by from_entity_idx cross join relation b indexed by from_entity_idx cross join entity e
         where a.from_entity = @id and a.relation_type = @first
           and b.from_entity = a.to_entity and b.relation_type = @second and e.id = b.to_entity`,
      ),
      some: prepare('select id, entity_type, created_at, updated_at, metadata from entity order by id limit (? + 0)'),
      createEntity: prepare('insert into entity values (?, ?, ?, ?, ?)'),
      createRelation: prepare('insert into relation values (?, ?, ?, ?, ?, ?, ?)'),
      updateEntity: prepare('update entity set metadata = json_patch(metadata, ?), updated_at = ? where id = ?'),
      updateRelation: prepare('update relation set metadata = json_patch(metadata, ?), updated_at = ? where id = ?'),
      deleteEntity: prepare('delete from entity where id = ?'),
      deleteRelation: prepare('delete from relation where id = ?'),
    }
  }

  static create(path: string): Floor {
    return new Floor(path, true)
  }

  static open(path: string): Floor {
    return new Floor(path, false)
  }

  /** A floor with what stands at a universe's head. */
  static async ofHead(path: string, universe: Universe): Promise<Floor> {
    const floor = new Floor(path, true)
    floor.driver.exec('begin')
    for await (const { id, entityType, createdAt, updatedAt, metadata } of universe.head.eachEntity()) {
      floor.statements.createEntity.run(id, entityType, createdAt, updatedAt, JSON.stringify(metadata))
    }
    for await (const relation of universe.head.eachRelation()) {
      const { id, from, to, relationType, createdAt, updatedAt, metadata } = relation
      floor.statements.createRelation.run(id, from, to, relationType, createdAt, updatedAt, JSON.stringify(metadata))
    }
    floor.driver.exec('commit')
    return floor
  }

  entity(id: string): Entity | undefined {
    const row = this.statements.entity.get(id) as EntityRow | undefined
    return row && toEntity(row)
  }

  neighbours(id: string, direction: 'out' | 'both', limit: number): { entity: Entity; relation: Relation }[] {
    const { neighboursOut, neighboursBoth } = this.statements
    const rows = (direction === 'out' ? neighboursOut : neighboursBoth).all({ id, limit }) as NeighbourRow[]
    return rows.map(toNeighbour)
  }

  /** The distinct entities at the end of two hops along relations of these types. */
  twoHops(id: string, first: string | readonly string[], second: string | readonly string[]): Entity[] {
    const { twoHops, twoHopsOfOne } = this.statements
    const rows =
      typeof first === 'string'
        ? twoHopsOfOne.all({ id, first, second })
        : twoHops.all({ id, first: JSON.stringify(first), second: JSON.stringify(second) })
    return (rows as EntityRow[]).map(toEntity)
  }

  /** Each of these entities by its id, then the first entities. */
  pointsAndRows(ids: readonly string[], rows: number): Entity[] {
    for (const id of ids) this.entity(id)
    return (this.statements.some.all(rows) as EntityRow[]).map(toEntity)
  }

  /** Applies operations in one transaction. */
  commit(operations: readonly Operation[], timestamp: number): void {
    this.driver.exec('begin immediate')
    for (const operation of operations) this.apply(operation, timestamp)
    this.driver.exec('commit')
  }

  apply(operation: Operation, timestamp: number): void {
    const { statements } = this
    switch (operation.op) {
      case 'createEntity': {
        const { id, entityType, metadata } = operation
        statements.createEntity.run(id, entityType, timestamp, timestamp, JSON.stringify(metadata))
        return
      }
      case 'createRelation': {
        const { id, from, to, relationType, metadata } = operation
        statements.createRelation.run(id, from, to, relationType, timestamp, timestamp, JSON.stringify(metadata))
        return
      }
      case 'updateEntity':
      case 'updateRelation': {
        for (const change of operation.changes) {
          if (change.op !== 'patch' || change.path !== '')
            throw new TypeError('The floor knows patches of the whole only')
          statements[operation.op].run(JSON.stringify(change.patch), timestamp, operation.id)
        }
        return
      }
      default:
        statements[operation.op].run(operation.id)
    }
  }

  close(): void {
    this.driver.close()
  }
}

function toEntity(row: EntityRow): Entity {
  return {
    id: row.id,
    entityType: row.entity_type,
    metadata: JSON.parse(row.metadata) as JsonObject,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

type NeighbourRow = [string, string, string, string, number, number, string, string, string, number, number, string]

function toNeighbour(row: NeighbourRow): { entity: Entity; relation: Relation } {
  return {
    entity: {
      id: row[7],
      entityType: row[8],
      metadata: JSON.parse(row[11]) as JsonObject,
      createdAt: row[9],
      updatedAt: row[10],
    },
    relation: {
      id: row[0],
      relationType: row[3],
      from: row[1],
      to: row[2],
      metadata: JSON.parse(row[6]) as JsonObject,
      createdAt: row[4],
      updatedAt: row[5],
    },
  }
}
