/**
 * The data: a graph that is created and then changed, version after version, as a version stream.
 *
 * A story knows what stands at its end, so that each operation it tells is one that can be applied.
 */
import type { JsonObject, Operation, VersionRecord } from '../../src/index.js'
import { Random } from './random.js'

export interface Size {
  entities: number
  relations: number
}

/** How long the relations of a hub live: as the oldest goes, as any goes, or a few for long and the rest for one version. */
export type Lifetimes = 'oldest first' | 'at random' | 'long and short'

export interface Hub {
  id: string
  lifetimes: Lifetimes
}

const entityTypes = 20
const relationTypes = 12
const tags = 50
const hubStanding = 100
const seedBatch = 10_000
const firstTimestamp = 1_700_000_000_000

export class Story {
  readonly random: Random
  readonly entityIds: string[] = []
  readonly versionIds: string[] = []
  readonly hubs: Hub[] = []
  /** An entity that every tenth version updates. */
  chronicleId = ''
  /** Only these are updated: 60 % of the entities. */
  updatedIds: string[] = []
  private readonly relations: { id: string }[] = []
  private readonly passing: string[] = []
  private readonly hubRelations: string[][] = []

  constructor(seed: number) {
    this.random = new Random(seed)
  }

  /** The versions that create the graph. */
  *beginning({ entities, relations }: Size, lifetimes: readonly Lifetimes[] = []): Generator<VersionRecord> {
    let batch: Operation[] = []
    const grown = function* (story: Story): Generator<Operation> {
      for (let index = 0; index < entities; index++) yield story.createEntity()
      for (let index = 0; index < relations; index++) yield story.createRelation()
      for (const name of lifetimes) yield* story.createHub(name)
    }
    for (const operation of grown(this)) {
      batch.push(operation)
      if (batch.length < seedBatch) continue
      yield this.version(batch)
      batch = []
    }
    if (batch.length > 0) yield this.version(batch)
    this.updatedIds = this.random.shuffle(this.entityIds).slice(0, Math.ceil(entities * 0.6))
    this.chronicleId = this.updatedIds[0] as string
  }

  /** `count` versions of 100 mixed operations; hubs take 40 between them. */
  *middle(count: number): Generator<VersionRecord> {
    for (let index = 0; index < count; index++) yield this.version(this.mixed(index))
  }

  /** A version of these operations on top of the last. */
  version(operations: Operation[]): VersionRecord {
    const version = this.random.id()
    const parent = this.versionIds.at(-1)
    this.versionIds.push(version)
    return {
      version,
      parents: parent === undefined ? [] : [parent],
      timestamp: firstTimestamp + this.versionIds.length * 1_000,
      description: `version ${this.versionIds.length}`,
      operations,
    }
  }

  /** 100 operations of all six kinds, 54 of them updates. */
  mixed(index: number): Operation[] {
    const operations: Operation[] = []
    for (let update = 0; update < 50; update++) operations.push(this.updateEntity())
    if (index % 10 === 0) operations[0] = this.updateEntity(this.chronicleId)
    for (let update = 0; update < 4; update++) operations.push(this.updateRelation())
    operations.push(this.createEntity(), this.createPassing(), this.deletePassing())
    operations.push(this.createRelation(), this.createRelation(), this.deleteRelation())
    for (const position of this.hubs.keys()) operations.push(...this.turnHub(position, 40 / this.hubs.length))
    while (operations.length < 88)
      operations.push(this.createEntity(), this.createRelation(), this.createRelation(), this.deleteRelation())
    while (operations.length < 100) operations.push(this.createPassing(), this.deletePassing())
    return operations
  }

  createEntity(): Operation {
    const id = this.random.id()
    this.entityIds.push(id)
    return { op: 'createEntity', id, entityType: `Type${this.random.below(entityTypes)}`, metadata: this.metadata() }
  }

  createRelation(): Operation {
    const id = this.random.id()
    this.relations.push({ id })
    return this.relation(id, this.random.pick(this.entityIds))
  }

  updateEntity(id = this.random.pick(this.updatedIds)): Operation {
    const patch: JsonObject = { score: this.random.below(1_000_000), note: this.random.text(40) }
    if (this.random.below(10) === 0) patch.tags = this.tags()
    return { op: 'updateEntity', id, changes: [{ op: 'patch', path: '', patch }] }
  }

  /** An update of one small field. */
  updateField(): Operation {
    const patch = { score: this.random.below(1_000_000) }
    return { op: 'updateEntity', id: this.random.pick(this.entityIds), changes: [{ op: 'patch', path: '', patch }] }
  }

  private updateRelation(): Operation {
    const { id } = this.random.pick(this.relations)
    const patch = { weight: this.random.below(1_000) }
    return { op: 'updateRelation', id, changes: [{ op: 'patch', path: '', patch }] }
  }

  private deleteRelation(): Operation {
    const position = this.random.below(this.relations.length)
    const { id } = this.relations[position] as { id: string }
    this.relations[position] = this.relations.at(-1) as { id: string }
    this.relations.pop()
    return { op: 'deleteRelation', id }
  }

  /** An entity without relations, to be deleted later. */
  private createPassing(): Operation {
    const operation = this.createEntity()
    this.passing.push(operation.id)
    this.entityIds.pop()
    return operation
  }

  /** Deletes the oldest of these, or creates one more while there are few. */
  private deletePassing(): Operation {
    if (this.passing.length <= 20) return this.createPassing()
    return { op: 'deleteEntity', id: this.passing.shift() as string }
  }

  private *createHub(lifetimes: Lifetimes): Generator<Operation> {
    const id = this.random.id()
    yield { op: 'createEntity', id, entityType: 'Hub', metadata: this.metadata() }
    this.hubs.push({ id, lifetimes })
    const standing: string[] = []
    this.hubRelations.push(standing)
    for (let index = 0; index < hubStanding; index++) {
      standing.push(this.random.id())
      yield this.relation(standing[index] as string, id)
    }
  }

  /** Replaces `count` of a hub's relations. */
  private turnHub(position: number, count: number): Operation[] {
    const { id, lifetimes } = this.hubs[position] as Hub
    const standing = this.hubRelations[position] as string[]
    const operations: Operation[] = []
    const gone =
      lifetimes === 'at random'
        ? this.random.shuffle([...standing.keys()]).slice(0, count / 2)
        : Array.from({ length: count / 2 }, (_, index) => index)
    if (lifetimes === 'long and short' && this.random.below(10) === 0) {
      gone[0] = count / 2 + this.random.below(hubStanding - count / 2)
    }
    for (const index of gone) operations.push({ op: 'deleteRelation', id: standing[index] as string })
    const created = gone.map(() => this.random.id())
    for (const relation of created) operations.push(this.relation(relation, id))
    if (lifetimes === 'oldest first') standing.splice(0, gone.length)
    gone.forEach((index, nth) => {
      if (lifetimes === 'oldest first') standing.push(created[nth] as string)
      else standing[index] = created[nth] as string
    })
    return operations
  }

  private relation(id: string, from: string): Operation {
    return {
      op: 'createRelation',
      id,
      relationType: `TYPE_${this.random.below(relationTypes)}`,
      from,
      to: this.random.pick(this.entityIds),
      metadata: { since: 1_990 + this.random.below(36), weight: this.random.below(1_000), note: this.random.text(100) },
    }
  }

  /** About 150 bytes. */
  private metadata(): JsonObject {
    return {
      active: this.random.below(2) === 0,
      name: `Entity ${this.random.text(12)}`,
      note: this.random.text(60),
      score: this.random.below(1_000_000),
      tags: this.tags(),
    }
  }

  private tags(): string[] {
    const first = this.random.below(tags)
    return [`tag${first}`, `tag${(first + 1 + this.random.below(tags - 1)) % tags}`]
  }
}
