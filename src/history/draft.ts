/**
 * A draft: what a commit's closure writes to and reads from.
 *
 * Writes are synchronous and only recorded; what depends on the state is found out when the commit
 * is applied. Reads see the version that the draft is pinned to, with the draft's own writes on top.
 */
import type { Moment } from '../graph/filter.js'
import type { View } from '../graph/view.js'
import type { Entity, Relation } from '../model/entity.js'
import { NotFoundError, ValidationError } from '../model/errors.js'
import { newId } from '../model/id.js'
import type { Json, JsonObject } from '../model/json.js'
import {
  type Change,
  type CreateEntity,
  type CreateRelation,
  checkOperationCount,
  type Operation,
  type OperationGuard,
  type PendingOperation,
} from '../model/operation.js'
import { applyChanges } from '../state/change.js'

/** An entity as a draft knows it: the commit gives `createdAt` and `updatedAt`. */
export type DraftEntity = Omit<Entity, 'createdAt' | 'updatedAt'> & Partial<Pick<Entity, 'createdAt' | 'updatedAt'>>
/** A relation as a draft knows it; as `DraftEntity`. */
export type DraftRelation = Omit<Relation, 'createdAt' | 'updatedAt'> &
  Partial<Pick<Relation, 'createdAt' | 'updatedAt'>>

/** An id, or what has one. */
export type IdLike = string | { readonly id: string }

/** From when (included) and up to when (excluded) an element is valid; absent: unbounded. */
export interface Validity {
  validFrom?: Moment | undefined
  validTo?: Moment | undefined
}

/** Bounds to set; null removes one, absent leaves it. */
export interface ValidityUpdate {
  validFrom?: Moment | null | undefined
  validTo?: Moment | null | undefined
}

/** An entity to be created; without an `id` it gets a new UUID. */
export interface NewEntity extends Validity {
  entityType: string
  metadata?: JsonObject | undefined
  id?: string | undefined
}

/** A relation to be created; without an `id` it gets a new UUID. */
export interface NewRelation extends Validity {
  relationType: string
  from: IdLike
  to: IdLike
  metadata?: JsonObject | undefined
  id?: string | undefined
}

type CreateOptions = Validity & { id?: string | undefined }

/** What a commit's closure writes to and reads from. It ends with the closure; a write after that is refused. */
export class Draft {
  private readonly operations: PendingOperation[] = []
  private ended = false

  /** @internal */
  constructor(
    private readonly guard: OperationGuard,
    private readonly view: View,
  ) {}

  /** The whole view at the version that the draft is pinned to, without the draft's own writes. */
  get base(): View {
    return this.view
  }

  /**
   * Records a new entity and returns it as recorded.
   *
   * @throws {ValidationError} for a type, metadata, id or bound that breaks a rule.
   */
  createEntity(entityType: string, metadata: JsonObject = {}, options: CreateOptions = {}): DraftEntity {
    checkOptions(options)
    const operation = this.record({
      op: 'createEntity',
      id: options.id ?? newId(),
      entityType,
      metadata,
      ...bounds(options),
    }) as CreateEntity
    return createdEntity(operation)
  }

  /** Records many new entities; as `createEntity` for each. */
  createEntities(entities: Iterable<NewEntity>): DraftEntity[] {
    return Array.from(listOf(entities), ({ entityType, metadata, ...options }) =>
      this.createEntity(entityType, metadata, options),
    )
  }

  /**
   * Records a new relation and returns it as recorded. Its ends are looked up when the commit is
   * applied.
   *
   * @throws {ValidationError} for a type, end, metadata, id or bound that breaks a rule.
   */
  createRelation(
    relationType: string,
    from: IdLike,
    to: IdLike,
    metadata: JsonObject = {},
    options: CreateOptions = {},
  ): DraftRelation {
    checkOptions(options)
    const operation = this.record({
      op: 'createRelation',
      id: options.id ?? newId(),
      relationType,
      from: idOf(from),
      to: idOf(to),
      metadata,
      ...bounds(options),
    }) as CreateRelation
    return createdRelation(operation)
  }

  /** Records many new relations; as `createRelation` for each. */
  createRelations(relations: Iterable<NewRelation>): DraftRelation[] {
    return Array.from(listOf(relations), ({ relationType, from, to, metadata, ...options }) =>
      this.createRelation(relationType, from, to, metadata, options),
    )
  }

  /**
   * Records a merge patch (RFC 7396) of an entity's metadata, in which null removes a key, and new
   * bounds of validity.
   *
   * @throws {ValidationError} for a patch or a bound that breaks a rule.
   */
  updateEntity(id: IdLike, patch: JsonObject, validity: ValidityUpdate = {}): void {
    this.change('updateEntity', id, [{ op: 'patch', path: '', patch }], validity)
  }

  /** Records changes inside an entity's metadata, in order, and new bounds of validity. */
  changeEntity(id: IdLike, changes: readonly Change[], validity: ValidityUpdate = {}): void {
    this.change('updateEntity', id, changes, validity)
  }

  /** Records new metadata for an entity as a whole. */
  replaceEntity(id: IdLike, metadata: JsonObject, validity: ValidityUpdate = {}): void {
    this.change('updateEntity', id, [{ op: 'set', path: '', value: metadata }], validity)
  }

  /**
   * Records the deletion of an entity. One that still has relations refuses the commit, unless
   * `cascade` deletes them first, each as an operation of its own.
   */
  deleteEntity(id: IdLike, options: { cascade?: boolean | undefined } = {}): void {
    checkOptions(options)
    this.record({ op: 'deleteEntity', id: idOf(id) })
    if (options.cascade)
      this.operations[this.operations.length - 1] = { op: 'deleteEntity', id: idOf(id), cascade: true }
  }

  /** Records a merge patch of a relation's metadata; as `updateEntity`. */
  updateRelation(id: IdLike, patch: JsonObject, validity: ValidityUpdate = {}): void {
    this.change('updateRelation', id, [{ op: 'patch', path: '', patch }], validity)
  }

  /** Records changes inside a relation's metadata; as `changeEntity`. */
  changeRelation(id: IdLike, changes: readonly Change[], validity: ValidityUpdate = {}): void {
    this.change('updateRelation', id, changes, validity)
  }

  /** Records new metadata for a relation as a whole. */
  replaceRelation(id: IdLike, metadata: JsonObject, validity: ValidityUpdate = {}): void {
    this.change('updateRelation', id, [{ op: 'set', path: '', value: metadata }], validity)
  }

  /** Records the deletion of a relation. */
  deleteRelation(id: IdLike): void {
    this.record({ op: 'deleteRelation', id: idOf(id) })
  }

  /**
   * Records a list of operations as it is.
   *
   * @throws {ValidationError} for the first that is not valid, with its index in this list; nothing
   * of the list is recorded then.
   */
  apply(operations: readonly Operation[]): void {
    if (!Array.isArray(operations)) throw refused('must be a list of operations')
    const guarded = Array.from(operations, (operation, index) => this.guard(operation, index))
    this.checkOpen()
    checkOperationCount(this.operations.length + guarded.length)
    for (const operation of guarded) this.operations.push(operation)
  }

  /** An entity as the draft leaves it so far, or undefined. */
  async entity(id: string): Promise<DraftEntity | undefined> {
    let entity: DraftEntity | undefined = await this.base.entity(id)
    for (const operation of this.operations) {
      if (operation.id !== id) continue
      if (operation.op === 'createEntity') {
        entity = createdEntity(operation)
      } else if (operation.op === 'updateEntity' && entity) entity = updated(entity, operation)
      else if (operation.op === 'deleteEntity') entity = undefined
    }
    return entity
  }

  /**
   * An entity that must be there.
   *
   * @throws {NotFoundError} where neither the base nor the draft has it.
   */
  async requireEntity(id: string): Promise<DraftEntity> {
    const entity = await this.entity(id)
    if (entity === undefined) throw new NotFoundError({ what: 'Entity', id })
    return entity
  }

  /** A relation as the draft leaves it so far, or undefined. */
  async relation(id: string): Promise<DraftRelation | undefined> {
    let relation: DraftRelation | undefined = await this.base.relation(id)
    for (const operation of this.operations) {
      if (operation.op === 'deleteEntity') {
        if (relation?.from === operation.id || relation?.to === operation.id) relation = undefined
      } else if (operation.id !== id) continue
      else if (operation.op === 'createRelation') {
        relation = createdRelation(operation)
      } else if (operation.op === 'updateRelation' && relation) relation = updated(relation, operation)
      else if (operation.op === 'deleteRelation') relation = undefined
    }
    return relation
  }

  /** @internal Ends the draft and returns what it recorded. */
  end(): { operations: readonly PendingOperation[] } {
    this.ended = true
    return { operations: this.operations }
  }

  private change(
    op: 'updateEntity' | 'updateRelation',
    id: IdLike,
    changes: readonly Change[],
    validity: ValidityUpdate,
  ): void {
    checkOptions(validity)
    this.record({ op, id: idOf(id), changes, ...bounds(validity) })
  }

  private record(input: object): Operation {
    this.checkOpen()
    checkOperationCount(this.operations.length + 1)
    const operation = this.guard(input)
    this.operations.push(operation)
    return operation
  }

  private checkOpen(): void {
    if (this.ended) throw refused('has ended: its commit was applied or given up')
  }
}

/** What is returned of a recorded creation is frozen: it is what the commit will write. */
function createdEntity(operation: CreateEntity): DraftEntity {
  const { id, entityType, metadata } = operation
  return withBounds({ id, entityType, metadata: freeze(metadata) }, operation)
}

function createdRelation(operation: CreateRelation): DraftRelation {
  const { id, relationType, from, to, metadata } = operation
  return withBounds({ id, relationType, from, to, metadata: freeze(metadata) }, operation)
}

function withBounds<E extends DraftEntity | DraftRelation>(
  element: E,
  { validFrom, validTo }: CreateEntity | CreateRelation,
): E {
  if (validFrom !== undefined) element.validFrom = validFrom
  if (validTo !== undefined) element.validTo = validTo
  return element
}

function updated<E extends DraftEntity | DraftRelation>(
  element: E,
  operation: Extract<Operation, { changes: Change[] }>,
): E {
  const result = { ...element, metadata: freeze(applyChanges(element.metadata, operation.changes)) }
  if (operation.validFrom === null) delete result.validFrom
  else if (operation.validFrom !== undefined) result.validFrom = operation.validFrom
  if (operation.validTo === null) delete result.validTo
  else if (operation.validTo !== undefined) result.validTo = operation.validTo
  return result
}

function bounds(validity: ValidityUpdate): { validFrom?: number | null; validTo?: number | null } {
  const { validFrom, validTo } = validity
  return {
    ...(validFrom === undefined ? {} : { validFrom: toMilliseconds(validFrom) }),
    ...(validTo === undefined ? {} : { validTo: toMilliseconds(validTo) }),
  }
}

function toMilliseconds(moment: Moment | null): number | null {
  return moment instanceof Date ? moment.getTime() : moment
}

function idOf(id: IdLike): string {
  return typeof id === 'object' && id !== null ? id.id : id
}

function freeze<T extends Json>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const key in value) {
    const member = (value as JsonObject)[key]
    if (typeof member === 'object' && member !== null) freeze(member)
  }
  return Object.freeze(value)
}

function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw refused('needs an object of options')
}

/** The elements of a list, each an object. */
function listOf<T>(list: Iterable<T>): T[] {
  if (typeof list !== 'object' || list === null || !(Symbol.iterator in list)) throw refused('needs a list')
  const elements = Array.from(list)
  if (elements.some((element) => typeof element !== 'object' || element === null))
    throw refused('needs a list of objects')
  return elements
}

function refused(reason: string): ValidationError {
  return new ValidationError({ what: 'The draft is not valid', issues: [{ path: '', reason }] })
}
