/**
 * Applying operations to a graph: one pure function for commit, import, merge, revert and replay.
 *
 * It reads the graph it is given and never writes to it; what comes out are the operations to
 * record and the elements they leave behind.
 */
import { type ElementKind, type Entity, type Relation, sameContent, sameLife } from '../model/entity.js'
import {
  AlreadyExistsError,
  EntityInUseError,
  LimitExceededError,
  NotFoundError,
  ValidationError,
} from '../model/errors.js'
import { compareIds } from '../model/id.js'
import { defaultJsonLimits, type JsonLimits, type JsonObject } from '../model/json.js'
import {
  type CreateEntity,
  type CreateRelation,
  checkOperationSize,
  fitsOperation,
  maxOperations,
  type Operation,
  type PendingOperation,
  type UpdateEntity,
  type UpdateRelation,
} from '../model/operation.js'
import { applyChanges, changesBetween } from './change.js'

/** What operations are applied to. */
export interface Graph {
  entity(id: string): Entity | undefined
  relation(id: string): Relation | undefined
  /** The ids of the relations that touch an entity. */
  relationsOf(id: string): Iterable<string>
}

/** What one version does to one id: undefined where it does not stand. */
export type ElementChange =
  | { element: 'entity'; id: string; before: Entity | undefined; after: Entity | undefined }
  | { element: 'relation'; id: string; before: Relation | undefined; after: Relation | undefined }

export interface Applied {
  /** What is recorded: the operations given, with cascades resolved. */
  operations: Operation[]
  /** The ids whose content differs afterwards, each once for each element. */
  changes: ElementChange[]
}

/** How an element comes to be written. */
export interface Writing {
  /** The index of the operation that writes it. */
  operation: number
  /** Whether it is created, else its metadata is updated. */
  isNew: boolean
}

/**
 * What is asked of each element whose metadata is written, as the operation leaves it. Returns the
 * metadata to write instead: the same object to leave it. Throws `ValidationError`.
 */
export interface ElementCheck {
  entity(entity: Entity, writing: Writing): JsonObject
  relation(relation: Relation, from: Entity, to: Entity, writing: Writing): JsonObject
}

/**
 * Applies a list in order, each operation seeing the ones before it. `timestamp` is that of the
 * version: it becomes the `createdAt` and `updatedAt` of what changed. `from` is the index of the first
 * operation, where they are a window of the version's.
 *
 * Where `check` gives other metadata, the operation recorded is one that leads to it: a creation has
 * it, a replacement as a whole sets it, and changes are followed by those that lead on.
 *
 * @throws {NotFoundError} {AlreadyExistsError} {EntityInUseError} {ValidationError} naming the
 * operation's index; nothing is applied then.
 * @throws {LimitExceededError} where cascades make the list longer than a version may be.
 */
export function applyOperations(
  graph: Graph,
  operations: Iterable<PendingOperation>,
  timestamp: number,
  limits: JsonLimits = defaultJsonLimits,
  check?: ElementCheck,
  from = 0,
): Applied {
  const application = new Application(graph, timestamp, limits, check)
  let index = from
  for (const operation of operations) application.apply(operation, index++)
  return { operations: application.recorded, changes: application.changes() }
}

class Application {
  readonly recorded: Operation[] = []
  private readonly entities = new Map<string, Entity | undefined>()
  private readonly relations = new Map<string, Relation | undefined>()
  /** Relations written by this list, by the entities they touch. */
  private readonly touching = new Map<string, Set<string>>()
  private index = 0

  constructor(
    private readonly graph: Graph,
    private readonly timestamp: number,
    private readonly limits: JsonLimits,
    private readonly check: ElementCheck | undefined,
  ) {}

  apply(operation: PendingOperation, index: number): void {
    this.index = index
    switch (operation.op) {
      case 'createEntity':
        this.record(this.createEntity(operation))
        break
      case 'updateEntity':
        this.record(this.updateEntity(operation))
        break
      case 'deleteEntity':
        this.deleteEntity(operation.id, 'cascade' in operation)
        break
      case 'createRelation':
        this.record(this.createRelation(operation))
        break
      case 'updateRelation':
        this.record(this.updateRelation(operation))
        break
      case 'deleteRelation':
        this.requireRelation(operation.id)
        this.relations.set(operation.id, undefined)
        this.record(operation)
        break
    }
  }

  /** The net changes: what was changed and changed back, or created and deleted, is none. */
  changes(): ElementChange[] {
    const changes: ElementChange[] = []
    for (const [id, after] of this.entities) {
      const before = this.graph.entity(id)
      const net = this.settle(before, after)
      if (net !== unchanged) changes.push({ element: 'entity', id, before, after: net })
    }
    for (const [id, after] of this.relations) {
      const before = this.graph.relation(id)
      const net = this.settle(before, after)
      if (net !== unchanged) changes.push({ element: 'relation', id, before, after: net })
    }
    return changes
  }

  private settle<E extends Entity | Relation>(
    before: E | undefined,
    after: E | undefined,
  ): E | undefined | typeof unchanged {
    if (after === undefined) return before === undefined ? unchanged : undefined
    if (before === undefined) return after
    if (sameContent(before, after)) return unchanged
    // Deleted and created again within the version with the same type and ends, it is the same life.
    return sameLife(before, after) ? { ...after, createdAt: before.createdAt } : after
  }

  private createEntity(operation: CreateEntity): CreateEntity {
    this.checkFree(operation.id)
    const entity: Entity = {
      id: operation.id,
      entityType: operation.entityType,
      metadata: operation.metadata,
      createdAt: this.timestamp,
      updatedAt: this.timestamp,
    }
    this.entities.set(operation.id, withBounds(entity, operation))
    return this.created(operation, entity, this.check?.entity(entity, { operation: this.index, isNew: true }))
  }

  private updateEntity(operation: UpdateEntity): UpdateEntity {
    const entity = this.updated(this.requireEntity(operation.id), operation)
    this.entities.set(operation.id, entity)
    if (this.check === undefined || operation.changes.length === 0) return operation
    return this.leadingTo(operation, entity, this.check.entity(entity, { operation: this.index, isNew: false }))
  }

  private createRelation(operation: CreateRelation): CreateRelation {
    this.checkFree(operation.id)
    const from = this.requireEntity(operation.from)
    const to = this.requireEntity(operation.to)
    const relation: Relation = {
      id: operation.id,
      relationType: operation.relationType,
      from: operation.from,
      to: operation.to,
      metadata: operation.metadata,
      createdAt: this.timestamp,
      updatedAt: this.timestamp,
    }
    this.relations.set(operation.id, withBounds(relation, operation))
    this.touch(operation.from, operation.id)
    this.touch(operation.to, operation.id)
    const writing = { operation: this.index, isNew: true }
    return this.created(operation, relation, this.check?.relation(relation, from, to, writing))
  }

  private updateRelation(operation: UpdateRelation): UpdateRelation {
    const relation = this.updated(this.requireRelation(operation.id), operation)
    this.relations.set(operation.id, relation)
    this.touch(relation.from, relation.id)
    this.touch(relation.to, relation.id)
    if (this.check === undefined || operation.changes.length === 0) return operation
    const [from, to] = [this.requireEntity(relation.from), this.requireEntity(relation.to)]
    const writing = { operation: this.index, isNew: false }
    return this.leadingTo(operation, relation, this.check.relation(relation, from, to, writing))
  }

  /** The creation that writes what the check gave. */
  private created<O extends CreateEntity | CreateRelation>(
    operation: O,
    element: Entity | Relation,
    output: JsonObject | undefined,
  ): O {
    if (output === undefined || output === element.metadata) return operation
    element.metadata = output
    return checkOperationSize({ ...operation, metadata: output }, this.limits, this.index)
  }

  /** The update that leads to what the check gave: as a whole where it would be too large otherwise. */
  private leadingTo<O extends UpdateEntity | UpdateRelation>(
    operation: O,
    element: Entity | Relation,
    output: JsonObject,
  ): O {
    if (output === element.metadata) return operation
    const changes = [...operation.changes]
    const last = changes.at(-1)
    if (last?.op === 'set' && last.path === '') changes[changes.length - 1] = { ...last, value: output }
    else for (const change of changesBetween(element.metadata, output)) changes.push(change)
    element.metadata = output
    if (fitsOperation({ ...operation, changes })) return { ...operation, changes }
    const whole: UpdateEntity['changes'] = [{ op: 'set', path: '', value: output }]
    return checkOperationSize({ ...operation, changes: whole }, this.limits, this.index)
  }

  private deleteEntity(id: string, cascade: boolean): void {
    this.requireEntity(id)
    const relations = this.relationsOf(id)
    if (relations.length > 0 && !cascade) {
      throw new EntityInUseError({ id, relations: relations.length, operation: this.index })
    }
    for (const relation of relations.sort(compareIds)) {
      this.relations.set(relation, undefined)
      this.record({ id: relation, op: 'deleteRelation' })
    }
    this.entities.set(id, undefined)
    this.record({ id, op: 'deleteEntity' })
  }

  private updated<E extends Entity | Relation>(element: E, operation: UpdateEntity | UpdateRelation): E {
    const result = { ...element, updatedAt: this.timestamp }
    const { validFrom, validTo, changes } = operation
    if (validFrom === null) delete result.validFrom
    else if (validFrom !== undefined) result.validFrom = validFrom
    if (validTo === null) delete result.validTo
    else if (validTo !== undefined) result.validTo = validTo
    if (result.validFrom !== undefined && result.validTo !== undefined && result.validFrom > result.validTo) {
      this.refuse('/validTo', `is ${result.validTo}, before validFrom, which is ${result.validFrom}`)
    }
    if (changes.length > 0) result.metadata = this.changed(element.metadata, changes)
    return result
  }

  private changed(metadata: JsonObject, changes: UpdateEntity['changes']): JsonObject {
    let result: JsonObject
    try {
      result = applyChanges(metadata, changes)
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      throw new ValidationError({ what: 'A change cannot be made', issues: error.issues, operation: this.index })
    }
    const { maxBytes, maxDepth } = this.limits
    if (maxBytes === Number.POSITIVE_INFINITY) return result
    if (isDeeper(result, maxDepth)) this.refuse('/changes', `the result is deeper than ${maxDepth} levels`)
    // The order of keys does not change the size, so the text need not be the canonical one.
    const text = JSON.stringify(result)
    if (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes) {
      this.refuse('/changes', `the result is larger than ${maxBytes} bytes of canonical JSON`)
    }
    return result
  }

  private record(operation: Operation): void {
    if (this.recorded.length === maxOperations) {
      throw new LimitExceededError({ limit: 'operations in one version', maximum: maxOperations })
    }
    this.recorded.push(operation)
  }

  private entity(id: string): Entity | undefined {
    return this.entities.has(id) ? this.entities.get(id) : this.graph.entity(id)
  }

  private relation(id: string): Relation | undefined {
    return this.relations.has(id) ? this.relations.get(id) : this.graph.relation(id)
  }

  private requireEntity(id: string): Entity {
    const entity = this.entity(id)
    if (entity === undefined) throw this.absent('Entity', id)
    return entity
  }

  private requireRelation(id: string): Relation {
    const relation = this.relation(id)
    if (relation === undefined) throw this.absent('Relation', id)
    return relation
  }

  private absent(what: string, id: string): NotFoundError {
    return new NotFoundError({ what, id, operation: this.index })
  }

  private checkFree(id: string): void {
    let taken: ElementKind | undefined
    if (this.entity(id) !== undefined) taken = 'entity'
    else if (this.relation(id) !== undefined) taken = 'relation'
    if (taken === undefined) return
    throw new AlreadyExistsError({ what: taken === 'entity' ? 'Entity' : 'Relation', id, operation: this.index })
  }

  /** The ids of the relations that touch an entity now. */
  private relationsOf(id: string): string[] {
    const ids = new Set<string>()
    for (const relation of this.graph.relationsOf(id)) {
      if (!this.relations.has(relation)) ids.add(relation)
    }
    for (const relation of this.touching.get(id) ?? []) {
      const now = this.relations.get(relation)
      if (now?.from === id || now?.to === id) ids.add(relation)
    }
    return [...ids]
  }

  private touch(entity: string, relation: string): void {
    const known = this.touching.get(entity)
    if (known) known.add(relation)
    else this.touching.set(entity, new Set([relation]))
  }

  private refuse(path: string, reason: string): never {
    throw new ValidationError({ what: 'The operation is not valid', issues: [{ path, reason }], operation: this.index })
  }
}

const unchanged = Symbol('unchanged')

function withBounds<E extends Entity | Relation>(element: E, { validFrom, validTo }: CreateEntity | CreateRelation): E {
  if (validFrom !== undefined) element.validFrom = validFrom
  if (validTo !== undefined) element.validTo = validTo
  return element
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof member === 'object' && member !== null && isDeeper(member, levels - 1)) return true
  }
  return false
}
