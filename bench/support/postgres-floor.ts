/**
 * The floor on PostgreSQL: what the same data costs without a history, in hand-written SQL through `pg`.
 *
 * Tables `entity` and `relation` with the indexes and foreign keys of the store, in a schema of their own;
 * statements prepared by name, one for all rows of a kind; those of a transaction are sent together.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import pg from 'pg'
import type { Entity, JsonObject, Operation, Relation, Universe, VersionRecord } from '../../src/index.js'
import { serverUrl } from './server.js'

const tables = `
  create table entity (
    id text collate "C" primary key, entity_type text not null,
    created_at bigint not null, updated_at bigint not null, metadata jsonb not null
  );
  create index entity_type_idx on entity (entity_type);
  create index entity_created_idx on entity (created_at);
  create table relation (
    id text collate "C" primary key,
    from_entity text collate "C" not null references entity (id) deferrable initially deferred,
    to_entity text collate "C" not null references entity (id) deferrable initially deferred,
    relation_type text not null,
    created_at bigint not null, updated_at bigint not null, metadata jsonb not null
  );
  create index from_entity_idx on relation (from_entity);
  create index to_entity_idx on relation (to_entity);
  create index relation_type_idx on relation (relation_type);
  create table counter (sequence bigint not null);
  insert into counter values (0);
`

const ends = `r.id, r.from_entity, r.to_entity, r.relation_type, r.created_at, r.updated_at, r.metadata,
  e.id, e.entity_type, e.created_at, e.updated_at, e.metadata`
const ofEntity = 'e.id, e.entity_type, e.created_at, e.updated_at, e.metadata'

/** Without statistics the planner left alone would read all entities, or all relations in order: 17 ms instead of 0.3. */
const entityOf = (id: string) => `cross join lateral (select * from entity where entity.id = ${id} offset 0) e`
const secondHop = 'cross join lateral (select * from relation where from_entity = a.to_entity offset 0) b'
const twoHops = (first: string, second: string) =>
  `select ${ofEntity} from (
    select distinct b.to_entity as id from relation a ${secondHop}
    where a.from_entity = $1 and a.relation_type = ${first} and b.relation_type = ${second}
  ) reached ${entityOf('reached.id')}`

const texts = {
  entity: `select ${ofEntity} from entity e where e.id = $1`,
  neighboursOut: `select ${ends} from (select * from relation where from_entity = $1 offset 0) r
    ${entityOf('r.to_entity')} order by r.id limit $2`,
  neighboursBoth: `select ${ends} from (
      select *, to_entity as other from relation where from_entity = $1
      union all select *, from_entity from relation where to_entity = $1 and from_entity <> $1 offset 0
    ) r ${entityOf('r.other')} order by r.id limit $2`,
  twoHops: twoHops('any($2)', 'any($3)'),
  twoHopsOfOne: twoHops('$2', '$3'),
  some: `select ${ofEntity} from entity e order by e.id limit $1`,
  raiseCounter: 'update counter set sequence = sequence + 1',
  createEntities: `insert into entity select id, type, at, at, metadata
    from unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[]) as t (id, type, at, metadata)`,
  createRelations: `insert into relation select id, start, finish, type, at, at, metadata
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::jsonb[])
      as t (id, start, finish, type, at, metadata)`,
  updateEntities: `update entity as e set metadata = e.metadata || t.patch, updated_at = t.at
    from unnest($1::text[], $2::bigint[], $3::jsonb[]) as t (id, at, patch) where e.id = t.id`,
  updateRelations: `update relation as r set metadata = r.metadata || t.patch, updated_at = t.at
    from unnest($1::text[], $2::bigint[], $3::jsonb[]) as t (id, at, patch) where r.id = t.id`,
  deleteRelations: 'delete from relation where id = any($1::text[])',
  deleteEntities: 'delete from entity where id = any($1::text[])',
}

type Name = keyof typeof texts
type Row = unknown[]

export interface FloorCommit {
  /** Whether to wait for the disk. Default: `'normal'`. */
  durability?: 'normal' | 'full'
  /** Whether to hold a row from the beginning to the end, so that commits become visible in order. */
  counted?: boolean
}

/** To compile a statement, or to start workers for it, takes longer than to run it: 15 ms instead of 0.8. */
const session = '-c jit=off -c max_parallel_workers_per_gather=0'

/** Rows that are loaded are sent so many at a time. */
const atOnce = 10_000

export class PostgresFloor {
  private constructor(private readonly client: pg.Client) {}

  /** An empty floor in a schema that is not there yet. */
  static async create(schema: string): Promise<PostgresFloor> {
    const floor = await PostgresFloor.open(schema)
    await floor.client.query(`create schema "${schema}"; ${tables}`)
    return floor
  }

  static async open(schema: string): Promise<PostgresFloor> {
    const client = new pg.Client({
      connectionString: serverUrl,
      options: `${session} -c search_path=${schema}`,
      pipeline: true,
      types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    })
    await client.connect()
    return new PostgresFloor(client)
  }

  /** A floor with what stands at a universe's head. */
  static async ofHead(schema: string, universe: Universe): Promise<PostgresFloor> {
    const floor = await PostgresFloor.create(schema)
    const load = async <T>(elements: AsyncIterable<T>, rowOf: (element: T) => Row, name: Name) => {
      const rows: Row[] = []
      for await (const element of elements) {
        rows.push(rowOf(element))
        if (rows.length === atOnce) await floor.writeRows(name, rows.splice(0))
      }
      if (rows.length > 0) await floor.writeRows(name, rows)
    }
    // Created and updated at one time: of no account to what is measured.
    await load(
      universe.head.eachEntity(),
      (e) => [e.id, e.entityType, e.createdAt, JSON.stringify(e.metadata)],
      'createEntities',
    )
    await load(
      universe.head.eachRelation(),
      (r) => [r.id, r.from, r.to, r.relationType, r.createdAt, JSON.stringify(r.metadata)],
      'createRelations',
    )
    return floor
  }

  async entity(id: string): Promise<Entity | undefined> {
    const [row] = await this.rows('entity', [id])
    return row && toEntity(row)
  }

  async neighbours(
    id: string,
    direction: 'out' | 'both',
    limit: number,
  ): Promise<{ entity: Entity; relation: Relation }[]> {
    const rows = await this.rows(direction === 'out' ? 'neighboursOut' : 'neighboursBoth', [id, limit])
    return rows.map((row) => ({ entity: toEntity(row, 7), relation: toRelation(row) }))
  }

  /** The distinct entities at the end of two hops along relations of these types. */
  async twoHops(id: string, first: string | readonly string[], second: string | readonly string[]): Promise<Entity[]> {
    const rows = await this.rows(typeof first === 'string' ? 'twoHopsOfOne' : 'twoHops', [id, first, second])
    return rows.map((row) => toEntity(row))
  }

  /** Each of these entities by its id, one after the other, then the first entities. */
  async pointsAndRows(ids: readonly string[], rows: number): Promise<Entity[]> {
    for (const id of ids) await this.entity(id)
    return (await this.rows('some', [rows])).map((row) => toEntity(row))
  }

  /** Applies operations in one transaction. */
  commit(operations: readonly Operation[], timestamp: number, options?: FloorCommit): Promise<void> {
    const changes = new Changes()
    for (const operation of operations) changes.add(operation, timestamp)
    return this.write(changes, options)
  }

  /** Reads a version stream from a file, some thousand operations a transaction. */
  async import(file: string): Promise<void> {
    let changes = new Changes()
    let size = 0
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const { operations, timestamp } = JSON.parse(line) as VersionRecord
      for (const operation of operations) changes.add(operation, timestamp)
      size += operations.length
      if (size < atOnce) continue
      await this.write(changes)
      changes = new Changes()
      size = 0
    }
    if (size > 0) await this.write(changes)
  }

  close(): Promise<void> {
    return this.client.end()
  }

  private async write(changes: Changes, { durability = 'normal', counted }: FloorCommit = {}): Promise<void> {
    const sent: Promise<unknown>[] = [
      this.client.query(durability === 'normal' ? 'begin; set local synchronous_commit = off' : 'begin'),
    ]
    if (counted) sent.push(this.rows('raiseCounter', []))
    for (const [name, rows] of changes.byStatement()) if (rows.length > 0) sent.push(this.writeRows(name, rows))
    const committed = this.client.query('commit')
    // What fails first is the reason of all that follows it.
    await Promise.all([...sent, committed])
    if ((await committed).command !== 'COMMIT') throw new Error('The floor did not commit')
  }

  /** An array for each column. */
  private writeRows(name: Name, rows: Row[]): Promise<Row[]> {
    const columns = (rows[0] as Row).map((_, column) => rows.map((row) => row[column]))
    return this.rows(name, columns)
  }

  private async rows(name: Name, values: unknown[]): Promise<Row[]> {
    return (await this.client.query<Row>({ name, text: texts[name], values, rowMode: 'array' })).rows
  }
}

/** What a list of operations does, by kind: creations come first, deletions last. Ids are never used again. */
class Changes {
  private readonly rows = {
    createEntities: [] as Row[],
    createRelations: [] as Row[],
    updateEntities: new Map<string, Patched>(),
    updateRelations: new Map<string, Patched>(),
    deleteRelations: [] as Row[],
    deleteEntities: [] as Row[],
  }

  add(operation: Operation, at: number): void {
    const { rows } = this
    switch (operation.op) {
      case 'createEntity':
        rows.createEntities.push([operation.id, operation.entityType, at, JSON.stringify(operation.metadata)])
        return
      case 'createRelation': {
        const { id, from, to, relationType, metadata } = operation
        rows.createRelations.push([id, from, to, relationType, at, JSON.stringify(metadata)])
        return
      }
      case 'updateEntity':
        patch(rows.updateEntities, operation, at)
        return
      case 'updateRelation':
        patch(rows.updateRelations, operation, at)
        return
      case 'deleteEntity':
        rows.deleteEntities.push([operation.id])
        return
      case 'deleteRelation':
        rows.deleteRelations.push([operation.id])
    }
  }

  *byStatement(): Generator<[Name, Row[]]> {
    for (const [name, rows] of Object.entries(this.rows) as [keyof Changes['rows'], Row[] | Map<string, Patched>][]) {
      if (Array.isArray(rows)) yield [name, rows]
      else yield [name, Array.from(rows, ([id, { at, patch }]) => [id, at, JSON.stringify(patch)])]
    }
  }
}

interface Patched {
  at: number
  patch: JsonObject
}

type Update = Extract<Operation, { op: 'updateEntity' | 'updateRelation' }>

/** One statement updates a row once: later patches of the same are added to the first. */
function patch(rows: Map<string, Patched>, { id, changes }: Update, at: number): void {
  for (const change of changes) {
    const isPlain = change.op === 'patch' && change.path === '' && Object.values(change.patch).every(isReplaced)
    if (!isPlain) throw new TypeError('The floor knows patches of the whole with new values only')
    rows.set(id, { at, patch: { ...rows.get(id)?.patch, ...change.patch } })
  }
}

/** Whether a value in a patch replaces what is there: null would delete it, an object be merged. */
function isReplaced(value: unknown): boolean {
  return typeof value !== 'object' || Array.isArray(value)
}

const { INT8 } = pg.types.builtins

/** Whole numbers as numbers. */
function parserOf(type: number, format?: 'text' | 'binary'): unknown {
  return type === INT8 ? Number : pg.types.getTypeParser(type, format as 'text')
}

function toEntity(row: Row, from = 0): Entity {
  return {
    id: row[from] as string,
    entityType: row[from + 1] as string,
    metadata: row[from + 4] as JsonObject,
    createdAt: row[from + 2] as number,
    updatedAt: row[from + 3] as number,
  }
}

function toRelation(row: Row): Relation {
  return {
    id: row[0] as string,
    relationType: row[3] as string,
    from: row[1] as string,
    to: row[2] as string,
    metadata: row[6] as JsonObject,
    createdAt: row[4] as number,
    updatedAt: row[5] as number,
  }
}
