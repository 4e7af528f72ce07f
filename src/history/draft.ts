/**
 * A draft: what a commit's closure writes to and reads from.
 *
 * Writes are synchronous and only recorded; what depends on the state is found out when the commit
 * is applied. Reads see the version that the draft is pinned to, with the draft's own writes on top.
 */
import type { Moment } from '../graph/filter.js'
import type { Rules } from '../graph/rules.js'
import type { Schema } from '../graph/schema.js'
import type {
  EndOf,
  EntityInput,
  EntityLike,
  EntityPatch,
  EntityType,
  RelationInput,
  RelationLike,
  RelationPatch,
  RelationType,
  StartOf,
} from '../graph/typed.js'
import type { View } from '../graph/view.js'
import { NotFoundError, ValidationError } from '../model/errors.js'
import { type IdLike, idOf, newId } from '../model/id.js'
import {
  type Change,
  type CreateEntity,
  type CreateRelation,
  checkOperationCount,
  type Operation,
  type OperationGuard,
  type PendingOperation,
} from '../model/operation.js'
import {
  createdEntity,
  createdRelation,
  type DraftEntity,
  type DraftRelation,
  entityAfter,
  relationAfter,
} from './drafted.js'

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
export type NewEntity<S extends Schema = Schema> = {
  [T in EntityType<S>]: CreateOptions & { entityType: T } & Given<EntityInput<S, T>>
}[EntityType<S>]

/** A relation to be created; without an `id` it gets a new UUID. */
export type NewRelation<S extends Schema = Schema> = {
  [R in RelationType<S>]: {
    [T in StartOf<S, R>]: CreateOptions & {
      relationType: R
      from: EntityLike<T>
      to: EntityLike<EndOf<S, R, T>>
    } & Given<RelationInput<S, R, T>>
  }[StartOf<S, R>]
}[RelationType<S>]

/** How an element is created. */
export interface CreateOptions extends Validity {
  /** Default: a new UUID. */
  id?: string | undefined
}

/** Metadata that may be left out where all of it may. */
type Given<M> = Nothing extends M ? { metadata?: M | undefined } : { metadata: M }

/** The arguments of a creation after its type and ends. */
type Creating<M> = Nothing extends M
  ? [metadata?: M | undefined, options?: CreateOptions]
  : [metadata: M, options?: CreateOptions]

type Nothing = Record<never, never>

/** What an element that was read elsewhere has besides; a commit gives its own. */
interface Stamps {
  createdAt?: number
  updatedAt?: number
}

/** What a commit's closure writes to and reads from. It ends with the closure; a write after that is refused. */
export class Draft<S extends Schema = Schema> {
  private readonly operations: PendingOperation[] = []
  private ended = false

  /** @internal */
  constructor(
    private readonly guard: OperationGuard,
    private readonly view: View<S>,
    private readonly rules?: Rules,
  ) {}

  /** The whole view at the version that the draft is pinned to, without the draft's own writes. */
  get base(): View<S> {
    return this.view
  }

  /**
   * Records a new entity and returns it as recorded: with a schema its metadata is the validator's output.
   *
   * @throws {ValidationError} for a type, metadata, id or bound that breaks a rule.
   */
  createEntity<T extends EntityType<S>>(entityType: T, ...rest: Creating<EntityInput<S, T>>): DraftEntity<S, T> {
    const [metadata, options] = rest
    return this.newEntity(entityType, metadata, options) as unknown as DraftEntity<S, T>
  }

  /** Records many new entities; as `createEntity` for each. */
  createEntities(entities: Iterable<NewEntity<S>>): DraftEntity<S>[] {
    const created = listOf<NewEntity & Stamps>(entities).map(
      ({ entityType, metadata, createdAt: _created, updatedAt: _updated, ...options }) =>
        this.newEntity(entityType, metadata, options),
    )
    return created as unknown as DraftEntity<S>[]
  }

  /**
   * Records a new relation and returns it as recorded. Its ends are looked up when the commit is
   * applied; only then, where a schema has several validators for its type, is its metadata validated.
   *
   * @throws {ValidationError} for a type, end, metadata, id or bound that breaks a rule.
   */
  createRelation<R extends RelationType<S>, From extends StartOf<S, R>, To extends EndOf<S, R, From>>(
    relationType: R,
    from: EntityLike<From>,
    to: EntityLike<To>,
    ...rest: Creating<RelationInput<S, R, From, To>>
  ): DraftRelation<S, R> {
    const [metadata, options] = rest
    return this.newRelation(relationType, from, to, metadata, options) as unknown as DraftRelation<S, R>
  }

  /** Records many new relations; as `createRelation` for each. */
  createRelations(relations: Iterable<NewRelation<S>>): DraftRelation<S>[] {
    const created = listOf<NewRelation & Stamps>(relations).map(
      ({ relationType, from, to, metadata, createdAt: _created, updatedAt: _updated, ...options }) =>
        this.newRelation(relationType, from, to, metadata, options),
    )
    return created as unknown as DraftRelation<S>[]
  }

  /**
   * Records a merge patch (RFC 7396) of an entity's metadata, in which null removes a key, and new
   * bounds of validity. With a schema the metadata that the patch leads to is validated when the commit
   * is applied; where the validator makes more of it, changes that lead to its output are recorded too.
   *
   * @throws {ValidationError} for a patch or a bound that breaks a rule.
   */
  updateEntity<T extends EntityType<S>>(
    id: EntityLike<T>,
    patch: EntityPatch<S, T>,
    validity: ValidityUpdate = {},
  ): void {
    this.change('updateEntity', id, [{ op: 'patch', path: '', patch }], validity)
  }

  /** Records changes inside an entity's metadata, in order, and new bounds of validity. */
  changeEntity(id: IdLike, changes: readonly Change[], validity: ValidityUpdate = {}): void {
    this.change('updateEntity', id, changes, validity)
  }

  /** Records new metadata for an entity as a whole; with a schema, what its validator makes of it. */
  replaceEntity<T extends EntityType<S>>(
    id: EntityLike<T>,
    metadata: EntityInput<S, T>,
    validity: ValidityUpdate = {},
  ): void {
    this.change('updateEntity', id, [{ op: 'set', path: '', value: metadata }], validity)
  }

  /**
   * Records the deletion of an entity. One that still has relations refuses the commit, unless
   * `cascade` deletes them first, each as an operation of its own.
   */
  deleteEntity(id: IdLike, options: { cascade?: boolean | undefined } = {}): void {
    checkOptions(options, ['cascade'])
    const { cascade = false } = options
    if (typeof cascade !== 'boolean') throw refused('must be true or false', '/cascade')
    this.record({ op: 'deleteEntity', id: idOf(id) })
    if (cascade) this.operations[this.operations.length - 1] = { op: 'deleteEntity', id: idOf(id), cascade: true }
  }

  /** Records a merge patch of a relation's metadata; as `updateEntity`. */
  updateRelation<R extends RelationType<S>>(
    id: RelationLike<R>,
    patch: RelationPatch<S, R>,
    validity: ValidityUpdate = {},
  ): void {
    this.change('updateRelation', id, [{ op: 'patch', path: '', patch }], validity)
  }

  /** Records changes inside a relation's metadata; as `changeEntity`. */
  changeRelation(id: IdLike, changes: readonly Change[], validity: ValidityUpdate = {}): void {
    this.change('updateRelation', id, changes, validity)
  }

  /** Records new metadata for a relation as a whole; as `replaceEntity`. */
  replaceRelation<R extends RelationType<S>>(
    id: RelationLike<R>,
    metadata: RelationInput<S, R>,
    validity: ValidityUpdate = {},
  ): void {
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
  async entity(id: IdLike): Promise<DraftEntity<S> | undefined> {
    return (await this.entityNow(idOf(id))) as DraftEntity<S> | undefined
  }

  /**
   * An entity that must be there.
   *
   * @throws {NotFoundError} where neither the base nor the draft has it.
   */
  async requireEntity(id: IdLike): Promise<DraftEntity<S>> {
    const entity = await this.entity(id)
    if (entity === undefined) throw new NotFoundError({ what: 'Entity', id: idOf(id) })
    return entity
  }

  /** A relation as the draft leaves it so far, or undefined. */
  async relation(id: IdLike): Promise<DraftRelation<S> | undefined> {
    const wanted = idOf(id)
    const base = (await this.base.relation(wanted)) as DraftRelation | undefined
    const types = this.rules && (await this.typesOfEnds(wanted, base))
    const relation = relationAfter(this.operations, wanted, base, this.rules, (end) => types?.get(end))
    return relation as DraftRelation<S> | undefined
  }

  /** @internal Ends the draft and returns what it recorded. */
  end(): { operations: readonly PendingOperation[] } {
    this.ended = true
    return { operations: this.operations }
  }

  private newEntity(entityType: string, metadata: unknown = {}, options: CreateOptions = {}): DraftEntity {
    checkOptions(options, creating)
    const operation = this.record({
      op: 'createEntity',
      id: options.id ?? newId(),
      entityType,
      metadata,
      ...bounds(options),
    }) as CreateEntity
    return createdEntity(operation)
  }

  private newRelation(
    relationType: string,
    from: IdLike,
    to: IdLike,
    metadata: unknown = {},
    options: CreateOptions = {},
  ): DraftRelation {
    checkOptions(options, creating)
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

  private async entityNow(id: string): Promise<DraftEntity | undefined> {
    const entity = (await this.base.entity(id)) as DraftEntity | undefined
    return entityAfter(this.operations, id, entity, this.rules)
  }

  /** The types of the entities that a relation has had at its ends. */
  private async typesOfEnds(id: string, base: DraftRelation | undefined): Promise<Map<string, string | undefined>> {
    const types = new Map<string, string | undefined>()
    const created = this.operations.filter((operation) => operation.op === 'createRelation' && operation.id === id)
    for (const { from, to } of [...(base ? [base] : []), ...(created as CreateRelation[])]) {
      for (const end of [from, to]) types.set(end, (await this.entityNow(end))?.entityType)
    }
    return types
  }

  private change(
    op: 'updateEntity' | 'updateRelation',
    id: IdLike,
    changes: readonly object[],
    validity: ValidityUpdate,
  ): void {
    checkOptions(validity, updating)
    this.record({ op, id: idOf(id), changes, ...bounds(validity) })
  }

  private record(input: object): Operation {
    this.checkOpen()
    checkOperationCount(this.operations.length + 1)
    const operation = this.guard(input, this.operations.length)
    this.operations.push(operation)
    return operation
  }

  private checkOpen(): void {
    if (this.ended) throw refused('has ended: its commit was applied or given up')
  }
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

const updating = ['validFrom', 'validTo']
const creating = ['id', ...updating]

function checkOptions(options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw refused('needs an object of options')
  for (const key of Object.keys(options)) if (!known.includes(key)) throw refused('is no option here', `/${key}`)
}

/** The elements of a list, each an object. */
function listOf<T>(list: unknown): T[] {
  if (typeof list !== 'object' || list === null || !(Symbol.iterator in list)) throw refused('needs a list')
  const elements = Array.from(list as Iterable<T>)
  if (elements.some((element) => typeof element !== 'object' || element === null))
    throw refused('needs a list of objects')
  return elements
}

function refused(reason: string, path = ''): ValidationError {
  return new ValidationError({ what: 'The draft is not valid', issues: [{ path, reason }] })
}
