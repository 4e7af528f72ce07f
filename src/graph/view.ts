/**
 * A view: a read-only graph at one version. The head, a past version and a moment have the same
 * methods and the same answers for the same content.
 */
import { type Budget, type CallOptions, startBudget } from '../model/budget.js'
import type { Direction, Entity, Relation } from '../model/entity.js'
import { NotFoundError } from '../model/errors.js'
import { type IdLike, idOf, readableId } from '../model/id.js'
import { toEntity, toRelation } from '../state/rows.js'
import { type EntityFilter, invalid, type Moment, type RelationFilter, readMoment } from './filter.js'
import { type GraphologyFilter, type GraphologyGraph, graphOf, type Nodes } from './graphology.js'
import { begin, type Counts, countOf, type Page, pageOf, streamOf, type TypeCount, typesOf } from './list.js'
import {
  type DegreeOptions,
  degreeAt,
  type Neighbour,
  type NeighbourOptions,
  neighbourPage,
  readNeighbourQuestion,
} from './neighbour.js'
import { type Path, type PathOptions, shortestPathAt } from './path.js'
import { type ReachableOptions, type Reached, reachableAt } from './reach.js'
import { checkRead, type ReadCheck } from './read-check.js'
import type { Reader } from './reader.js'
import type { Schema } from './schema.js'
import { validSource } from './source.js'
import { readStart, type Start } from './start.js'
import { relationsAmong, type Subgraph, type SubgraphOptions, subgraphAt } from './subgraph.js'
import { Traversal } from './traverse.js'
import type { Along, EntityLike, EntityOf, EntityType, RelationOf, RelationType, Step } from './typed.js'
import { readWalk } from './walk.js'

/** A read-only graph at one version. Got from `universe.head` and `universe.at(…)`; every method reads one state. */
export class View<S extends Schema = Schema> {
  /** @internal */
  constructor(
    private readonly reader: Reader,
    private readonly check?: ReadCheck,
  ) {}

  /**
   * The same view with only what is valid at a moment: an entity if it is valid then, a relation if it and
   * both its ends are. Valid means from `validFrom` (included) to `validTo` (excluded), in milliseconds. What was
   * believed on one version of another moment is `universe.at(version).validAt(moment)`.
   *
   * A moment replaces that of a view that has one.
   *
   * Cost: of an entity nothing more; of a relation the state of both ends.
   * @throws {ValidationError} for what is no moment.
   * @example
   * const employees = await universe.head.validAt(new Date('2020-01-01')).neighbours('acme', { direction: 'in' })
   */
  validAt(moment: Moment): View<S> {
    const { reader } = this
    return new View(reader.of(validSource(reader.source, readValidAt(moment))), this.check)
  }

  /**
   * An entity, or undefined where it does not stand.
   *
   * Cost: one probe at the head; in the past two, and one more for each nearer lane.
   * @throws {NotFoundError} where the view's version or branch does not exist.
   */
  async entity(id: IdLike): Promise<EntityOf<S> | undefined> {
    const row = await this.reader.row('entity', readableId(idOf(id)))
    return row && this.showEntity(toEntity(row))
  }

  /**
   * An entity that must be there.
   *
   * @throws {NotFoundError} where it does not stand.
   */
  async requireEntity(id: IdLike): Promise<EntityOf<S>> {
    const entity = await this.entity(id)
    if (entity === undefined) throw new NotFoundError({ what: 'Entity', id: idOf(id) })
    return entity
  }

  /** A relation, or undefined where it does not stand. Cost and errors: as of `entity`. */
  async relation(id: IdLike): Promise<RelationOf<S> | undefined> {
    const row = await this.reader.row('relation', readableId(idOf(id)))
    return row && this.showRelation(toRelation(row))
  }

  /**
   * A page of entities, by id unless `orderBy` says otherwise.
   *
   * @throws {ValidationError} for a filter that is not valid and a cursor of another question or version.
   * @example
   * const { items, cursor } = await view.entities({ type: 'Person', limit: 50 })
   */
  async entities<T extends EntityType<S> = EntityType<S>>(
    filter: EntityFilter<T, EntityOf<S, T>['metadata']> & CallOptions = {},
  ): Promise<Page<EntityOf<S, T>>> {
    return pageOf(this.reader, 'entity', filter as EntityFilter, (row) => this.showEntity<T>(toEntity(row)))
  }

  /** A page of relations; as `entities`. */
  async relations<R extends RelationType<S> = RelationType<S>>(
    filter: RelationFilter<R, RelationOf<S, R>['metadata']> & CallOptions = {},
  ): Promise<Page<RelationOf<S, R>>> {
    return pageOf(this.reader, 'relation', filter as RelationFilter, (row) => this.showRelation<R>(toRelation(row)))
  }

  /**
   * How many entities and relations a filter keeps; all without one. What only entities have (`tag`)
   * keeps no relation, what only relations have (`from`, `to`, `touching`) no entity.
   *
   * Cost: the index entries of what is counted.
   */
  async count<T extends EntityType<S> | RelationType<S> = EntityType<S> | RelationType<S>>(
    filter: EntityFilter<T> & RelationFilter<T> & CallOptions = {},
  ): Promise<Counts> {
    return countOf(this.reader, filter as EntityFilter & RelationFilter)
  }

  /**
   * The types of all entities and relations that stand here, each list by name, and how many there are of each.
   *
   * Cost: the index entries of all that stands.
   * @example
   * const { entities } = await view.types() // [{ type: 'Company', count: 2 }, { type: 'Person', count: 5 }]
   */
  async types(
    options: CallOptions = {},
  ): Promise<{ entities: TypeCount<EntityType<S>>[]; relations: TypeCount<RelationType<S>>[] }> {
    return typesOf(this.reader, options) as Promise<{
      entities: TypeCount<EntityType<S>>[]
      relations: TypeCount<RelationType<S>>[]
    }>
  }

  /**
   * How many pairs `neighbours` would list: parallel relations each count, a self-loop once in every
   * direction. 0 for an entity that is not there.
   */
  async degree(id: EntityLike<EntityType<S>>, options: DegreeOptions<RelationType<S>> = {}): Promise<number> {
    const budget = startBudget(options)
    const question = readNeighbourQuestion(readableId(idOf(id)), options)
    return this.reader.at((place) => degreeAt(place, question), undefined, budget)
  }

  /**
   * A page of the relations of an entity with the entities at their other ends, each as it stands
   * here, by relation id. Empty for an entity that is not there. With a schema the types of the
   * neighbours follow from the direction, the relation type and, where it is given, the entity.
   *
   * @throws {ValidationError} for options that are not valid.
   * @example
   * const { items } = await view.neighbours('ada', { direction: 'both', relationType: 'KNOWS' })
   */
  async neighbours<
    T extends EntityType<S> = EntityType<S>,
    D extends Direction = 'out',
    R extends Along<S, D, T> = Along<S, D, T>,
    E extends Step<S, D, T, R> = Step<S, D, T, R>,
  >(
    id: EntityLike<T>,
    options: NeighbourOptions<D, R, E> = {},
  ): Promise<Page<Neighbour<EntityOf<S, E>, RelationOf<S, R>>>> {
    const budget = startBudget(options)
    const question = readNeighbourQuestion(readableId(idOf(id)), options)
    const { items, ...rest } = await neighbourPage(this.reader, question, options, budget)
    return { items: this.showNeighbours<E, R>(items), ...rest }
  }

  /**
   * All entities that a filter keeps, as of the version that the stream begins at, in constant
   * memory: read page by page, holding no statement open. `limit` ends it early.
   */
  eachEntity<T extends EntityType<S> = EntityType<S>>(
    filter: EntityFilter<T, EntityOf<S, T>['metadata']> & CallOptions = {},
  ): AsyncIterableIterator<EntityOf<S, T>> {
    return streamOf(this.reader, 'entity', filter as EntityFilter, (row) => this.showEntity<T>(toEntity(row)))
  }

  /** All relations that a filter keeps; as `eachEntity`. */
  eachRelation<R extends RelationType<S> = RelationType<S>>(
    filter: RelationFilter<R, RelationOf<S, R>['metadata']> & CallOptions = {},
  ): AsyncIterableIterator<RelationOf<S, R>> {
    return streamOf(this.reader, 'relation', filter as RelationFilter, (row) => this.showRelation<R>(toRelation(row)))
  }

  /** An entity as its type was checked when it was written. */
  private showEntity<T extends EntityType<S>>(entity: Entity): EntityOf<S, T> {
    this.check?.checkEntity(entity)
    return entity as EntityOf<S, T>
  }

  /** A relation as its type was checked when it was written. */
  private showRelation<R extends RelationType<S>>(relation: Relation): RelationOf<S, R> {
    this.check?.checkRelation(relation)
    return relation as RelationOf<S, R>
  }

  private showNeighbours<T extends EntityType<S>, R extends RelationType<S>>(
    neighbours: Neighbour[],
  ): Neighbour<EntityOf<S, T>, RelationOf<S, R>>[] {
    if (this.check) for (const { entity, relation } of neighbours) checkRead(this.check, [entity, relation])
    return neighbours as Neighbour<EntityOf<S, T>, RelationOf<S, R>>[]
  }

  /**
   * A traversal: from an entity, or several, along relations. Nothing is read before it is asked.
   *
   * With a type before them the starts are of that type; where one is of another, asking is a
   * `ValidationError`. Starts that are not there lead nowhere.
   *
   * @throws {ValidationError} for what is no start.
   * @example
   * const colleagues = await view.traverse('Person', 'ada').out('WORKS_AT').in('WORKS_AT').entities()
   */
  traverse<T extends EntityType<S> = EntityType<S>>(start: Start<T>): Traversal<S, T>
  traverse<T extends EntityType<S>>(
    entityType: T,
    start: Start<string extends EntityType<S> ? string : NoInfer<T>>,
  ): Traversal<S, T>
  traverse<T extends EntityType<S>>(...given: [start: Start<T>] | [entityType: T, start: Start<T>]): Traversal<S, T> {
    const [start, entityType] = given.length === 1 ? [given[0], undefined] : [given[1], given[0]]
    if (entityType !== undefined && typeof entityType !== 'string') {
      throw invalid([{ path: '', reason: 'must have a type that is a string' }], 'The start is not valid')
    }
    const ids = readStart(start)
    const from = entityType === undefined ? { ids } : { ids, entityType }
    return new Traversal(this.reader, this.check, from)
  }

  /**
   * What can be reached from an entity along relations, without itself, by depth (the least number of
   * relations), then id. Empty for an entity that is not there.
   *
   * Cost: the relations of what is reached, each looked at once, a statement for each depth.
   * @throws {LimitExceededError} where more than `maxEntities` (default: 10,000) can be reached, and
   * when the deadline has passed; never a part of the answer.
   * @throws {ValidationError} for options that are not valid.
   * @example
   * const parts = await view.reachable('engine', { relationType: 'CONTAINS', maxDepth: 3 })
   */
  async reachable(id: EntityLike<EntityType<S>>, options: ReachableOptions<RelationType<S>> = {}): Promise<Reached[]> {
    const budget = startBudget(options)
    const walk = readWalk(options, { depth: 'maxDepth', maxDepth: Number.POSITIVE_INFINITY, maxEntities: 10_000 })
    const start = readableId(idOf(id))
    budget.check()
    return this.reader.at((place) => reachableAt(place, start, walk, budget), undefined, budget)
  }

  /**
   * A shortest path between two entities, or undefined where none leads from one to the other or one
   * is not there; from an entity to itself it is that entity alone. Shortest is by number of relations.
   *
   * Of several that are as short it is always the same: the one whose entities come first, their ids
   * compared one after the other, and between two entities the relation with the least id.
   *
   * Cost: searched from both ends; the relations of what is reached until the two meet.
   * @throws {LimitExceededError} where more than `maxEntities` (default: 10,000) entities besides the
   * two are reached before they meet, and when the deadline has passed.
   * @throws {ValidationError} for options that are not valid.
   * @example
   * const path = await view.shortestPath('ada', 'grace', { direction: 'both', maxDepth: 6 })
   */
  async shortestPath(
    from: EntityLike<EntityType<S>>,
    to: EntityLike<EntityType<S>>,
    options: PathOptions<RelationType<S>> = {},
  ): Promise<Path<EntityOf<S>, RelationOf<S>> | undefined> {
    const budget = startBudget(options)
    const walk = readWalk(options, { depth: 'maxDepth', maxDepth: Number.POSITIVE_INFINITY, maxEntities: 10_000 })
    const [start, goal] = [readableId(idOf(from)), readableId(idOf(to))]
    budget.check()
    const path = await this.reader.at((place) => shortestPathAt(place, start, goal, walk, budget), undefined, budget)
    return path && this.showPart(path)
  }

  /**
   * The entities that are named, what can be reached from them over at most `depth` relations (default:
   * 0), and every relation among all of these, of whatever type; each by id. `direction` and
   * `relationType` say along which relations more is reached. Names of what is not there are passed over.
   *
   * Memory: the subgraph; `maxEntities` (default: any number) bounds it.
   * @throws {LimitExceededError} for more than `maxEntities`, and when the deadline has passed.
   * @throws {ValidationError} for what names no entities, and options that are not valid.
   * @example
   * const { entities, relations } = await view.subgraph(['ada'], { depth: 2, direction: 'both' })
   */
  async subgraph(
    ids: Start<EntityType<S>>,
    options: SubgraphOptions<RelationType<S>> = {},
  ): Promise<Subgraph<EntityOf<S>, RelationOf<S>>> {
    const budget = startBudget(options)
    const walk = readWalk(options, { depth: 'depth', maxDepth: 0, maxEntities: Number.POSITIVE_INFINITY })
    const starts = readStart(ids)
    budget.check()
    return this.showPart(await this.reader.at((place) => subgraphAt(place, starts, walk, budget), undefined, budget))
  }

  /**
   * The entities that a filter keeps (all without one) and the relations among them, as a
   * `MultiDirectedGraph` of graphology: keys are ids, attributes what else an entity or a relation has.
   * One state, in the order of ids, and a copy: changing the graph changes nothing here.
   *
   * Memory: the graph.
   * @throws {ValidationError} for a filter that is not valid.
   * @throws {LimitExceededError} when the deadline has passed.
   * @example
   * const graph = await view.toGraphology({ type: 'Person', relationType: 'KNOWS' })
   */
  async toGraphology<T extends EntityType<S> = EntityType<S>, R extends RelationType<S> = RelationType<S>>(
    filter: GraphologyFilter<T, EntityOf<S, T>['metadata'], R> = {},
  ): Promise<GraphologyGraph<EntityOf<S, T>, RelationOf<S, R>>> {
    const { budget, rest } = begin(filter)
    const { relationType, ...ofEntities } = rest
    const { relationTypes } = readWalk(
      { relationType },
      { depth: 'maxDepth', maxDepth: 0, maxEntities: Number.POSITIVE_INFINITY },
    )
    const cuts = ['limit', 'cursor', 'offset'].filter((key) => Object.hasOwn(ofEntities, key))
    if (cuts.length > 0) throw invalid(cuts.map((key) => ({ path: `/${key}`, reason: 'is no filter of a graph' })))
    const reader = await this.reader.pinned()
    const view = new View<S>(reader, this.check)
    const isWhole = Object.keys(ofEntities).length === 0 && relationTypes === undefined
    const entities = streamOf(
      reader,
      'entity',
      ofEntities as EntityFilter,
      (row) => view.showEntity(toEntity(row)),
      budget,
    )
    const graph = await graphOf(entities as AsyncIterable<Entity>, (nodes) =>
      isWhole
        ? streamOf(reader, 'relation', {}, (row) => view.showRelation(toRelation(row)) as Relation, budget)
        : view.among(nodes, relationTypes, budget),
    )
    return graph as GraphologyGraph as GraphologyGraph<EntityOf<S, T>, RelationOf<S, R>>
  }

  private async among(nodes: Nodes, relationTypes: readonly string[] | undefined, budget: Budget): Promise<Relation[]> {
    const among = await this.reader.at(
      (place) => relationsAmong(place, nodes, relationTypes, budget),
      undefined,
      budget,
    )
    checkRead(this.check, among)
    return among
  }

  private showPart(part: Subgraph): Subgraph<EntityOf<S>, RelationOf<S>> {
    checkRead(this.check, part.entities)
    checkRead(this.check, part.relations)
    return part as Subgraph<EntityOf<S>, RelationOf<S>>
  }
}

function readValidAt(moment: unknown): number {
  const refuse = (_path: string, reason: string) => {
    throw invalid([{ path: '', reason }], 'The moment is not valid')
  }
  // A bound of validity is a whole number of milliseconds.
  return Math.floor(readMoment(moment, '', refuse))
}
