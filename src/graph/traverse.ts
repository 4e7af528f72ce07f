/**
 * Traversals: from entities along relations, step by step, with all steps in one statement.
 *
 * A traversal is a question. Nothing is read until one of `entities`, `ids`, `count`, `paths` and
 * `for await` asks it, and each reads one state.
 */
import type { Statement } from '../../queries/statement.js'
import {
  type PathRow,
  type TraversalGiven,
  type TraversalShape,
  traversedCount,
  traversedEntities,
  traversedIds,
  traversedPaths,
} from '../../queries/traverse.js'
import { all, type Work } from '../database/work.js'
import { type Budget, type CallOptions, startBudget } from '../model/budget.js'
import type { ValidationIssue } from '../model/errors.js'
import { inOrderOfIds } from '../model/id.js'
import type { Place } from '../state/place.js'
import { toEntity } from '../state/rows.js'
import { entitiesById, relationsById, statesAtOnce } from './elements.js'
import { invalid } from './filter.js'
import type { Path } from './path.js'
import { checkRead, type ReadCheck } from './read-check.js'
import type { Reader } from './reader.js'
import type { Schema } from './schema.js'
import { sequenceOf } from './source.js'
import { readHop, readWhere, type StepFilter, type Steps, type StepTaken, sortSteps } from './step.js'
import type { Along, EntityOf, EntityType, RelationOf, Step } from './typed.js'

/** How many of the results, and what the call may use up. */
export interface TraversalOptions extends CallOptions {
  /** At most this many, 1 or more; the first by id. Default: all; of paths 100. */
  limit?: number | undefined
}

/** How many ids of a stream are held at a time. */
const idsAtOnce = 65_536
const defaultPaths = 100

const everything = readWhere({})

/**
 * A question that grows step by step; each step makes a new one and leaves this as it was.
 *
 * What a step reaches is a set: an entity to which several ways lead is in it once. Every step, filters
 * among them, looks at the state of the view.
 */
export class Traversal<S extends Schema = Schema, T extends EntityType<S> = EntityType<S>>
  implements AsyncIterable<EntityOf<S, T>>
{
  /** @internal */
  constructor(
    private readonly reader: Reader,
    private readonly check: ReadCheck | undefined,
    private readonly start: { ids: readonly string[]; entityType?: string },
    private readonly steps: readonly StepTaken[] = [],
  ) {}

  /**
   * On to where relations lead that start at what was reached; of one type or several where given.
   *
   * Cost: at the head relations of other types are not read; in the past those that stand are.
   * @throws {ValidationError} for a type that is none.
   */
  out<R extends Along<S, 'out', T> = Along<S, 'out', T>>(type?: R | readonly R[]): Traversal<S, Step<S, 'out', T, R>> {
    return this.with(readHop('out', type))
  }

  /** Back to where relations come from that end at what was reached; as `out`. */
  in<R extends Along<S, 'in', T> = Along<S, 'in', T>>(type?: R | readonly R[]): Traversal<S, Step<S, 'in', T, R>> {
    return this.with(readHop('in', type))
  }

  /** Both ways; as `out`. Along a self-loop an entity is reached from itself. */
  both<R extends Along<S, 'both', T> = Along<S, 'both', T>>(
    type?: R | readonly R[],
  ): Traversal<S, Step<S, 'both', T, R>> {
    return this.with(readHop('both', type))
  }

  /**
   * Keeps of what was reached the entities that a filter keeps.
   *
   * @throws {ValidationError} for a filter that is not valid, and one that orders or cuts a list.
   * @example
   * view.traverse('ada').out('KNOWS').where({ tag: 'lead' }).out('WORKS_AT')
   */
  where<U extends T = T>(filter: StepFilter<U, EntityOf<S, U>['metadata']>): Traversal<S, U> {
    return this.with(readWhere(filter))
  }

  /**
   * The entities of the last step, each once, by id. Empty for a start that is not there.
   *
   * Cost: one statement; the relations that the steps pass over, each entity's of a step once.
   * @throws {ValidationError} for options that are not valid, and a start that is of another type than was said.
   * @throws {LimitExceededError} when the deadline has passed.
   * @throws {NotFoundError} where the view's version or branch does not exist.
   * @example
   * const companies = await view.traverse('ada').out('KNOWS').out('WORKS_AT').entities()
   */
  async entities(options: TraversalOptions = {}): Promise<EntityOf<S, T>[]> {
    const { budget, limit } = readOptions(options)
    const prepared = this.prepare(budget, { limit })
    // The statement orders what it joins; that a join keeps the order is not promised by SQL.
    const entities = inOrderOfIds((await this.all(traversedEntities, prepared, budget)).map(toEntity), ({ id }) => id)
    checkRead(this.check, entities)
    return entities as EntityOf<S, T>[]
  }

  /** The ids of the entities of the last step, each once, in their order; as `entities`, and cheaper. */
  async ids(options: TraversalOptions = {}): Promise<string[]> {
    const { budget, limit } = readOptions(options)
    const prepared = this.prepare(budget, { limit })
    return (await this.all(traversedIds, prepared, budget)).map(({ id }) => id)
  }

  /** How many entities the last step has; errors as of `entities`. */
  async count(options: CallOptions = {}): Promise<number> {
    const { budget } = readOptions(options, [])
    const prepared = this.prepare(budget, {})
    const [row] = await this.all(traversedCount, prepared, budget)
    return row?.count ?? 0
  }

  /**
   * The ways from the starts to the entities of the last step: the entities that a way passes and
   * between each two of them the relation that leads on. Parallel relations make several ways, a
   * self-loop one in every direction; a way may pass an entity or a relation more than once.
   *
   * In order of the start's id, then of the id of each relation in turn; the first `limit` of them.
   * Cost: twice that of `entities`, and what it takes to follow `limit` ways.
   * Errors: as of `entities`.
   * @example
   * const [way] = await view.traverse('ada').out('KNOWS').out('WORKS_AT').paths({ limit: 1 })
   */
  async paths(options: TraversalOptions = {}): Promise<Path<EntityOf<S>, RelationOf<S>>[]> {
    const { budget, limit = defaultPaths } = readOptions(options)
    const last = Math.max(1, this.steps.length)
    // Each path adds at most one row a step to those before it.
    const prepared = this.prepare(budget, { limit: Math.min(limit * (last + 1), Number.MAX_SAFE_INTEGER) })
    const { check } = this
    return this.ask(budget, function* (place) {
      const rows = yield* all(traversedPaths(prepared.shape(place)), prepared.given(place))
      const ways = waysOf(rows, last).slice(0, limit)
      const entities = yield* entitiesById(place, [...new Set(ways.flatMap((way) => way.entities))], budget)
      const relations = yield* relationsById(place, [...new Set(ways.flatMap((way) => way.relations))], budget)
      checkRead(check, entities.values())
      checkRead(check, relations.values())
      return ways.map((way) => ({
        entities: way.entities.map((id) => entities.get(id) as EntityOf<S>),
        relations: way.relations.map((id) => relations.get(id) as RelationOf<S>),
      }))
    })
  }

  /**
   * The entities of the last step by id, as of the version that the stream begins at, in constant
   * memory: read some at a time, holding no statement open.
   */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<EntityOf<S, T>> {
    const budget = startBudget()
    const sequence = await this.reader.at((place) => sequenceOf(place))
    const resolve = () => this.reader.source.resolveAt(sequence)
    let after = ''
    for (;;) {
      const prepared = this.prepare(budget, { after, limit: idsAtOnce })
      const rows = await this.ask(
        budget,
        (place) => all(traversedIds(prepared.shape(place)), prepared.given(place)),
        resolve,
      )
      const ids = rows.map(({ id }) => id)
      for (let from = 0; from < ids.length; from += statesAtOnce) {
        const some = ids.slice(from, from + statesAtOnce)
        const states = await this.reader.at((place) => entitiesById(place, some, budget), resolve)
        checkRead(this.check, states.values())
        yield* states.values() as IterableIterator<EntityOf<S, T>>
      }
      if (ids.length < idsAtOnce) return
      after = ids.at(-1) as string
    }
  }

  private with<U extends EntityType<S>>(step: StepTaken): Traversal<S, U> {
    return new Traversal(this.reader, this.check, this.start, [...this.steps, step])
  }

  private prepare(budget: Budget, rows: Rows): Prepared {
    budget.check()
    // Without a step nothing else would find out that a start is not there.
    const steps = this.steps.length === 0 ? [everything] : this.steps
    return new Prepared(this.start.ids, steps, budget.timed, rows)
  }

  /** All rows of a statement. Where nothing else is to be read it is a transaction of its own. */
  private async all<R>(
    statement: (shape: TraversalShape) => Statement<TraversalGiven, R>,
    prepared: Prepared,
    budget: Budget,
  ): Promise<R[]> {
    const { database } = this.reader
    if (this.start.entityType === undefined && !budget.timed) {
      const rows = await this.reader.known((place) =>
        database.all(statement(prepared.shape(place)), prepared.given(place)),
      )
      if (rows !== undefined) return rows
    }
    return this.ask(budget, (found) => all(statement(prepared.shape(found)), prepared.given(found)))
  }

  /** Runs work at the view's place, after a look at the starts where they are to be of a type. */
  private ask<T>(budget: Budget, work: (place: Place) => Work<T>, resolve?: () => Work<Place>): Promise<T> {
    const { ids, entityType } = this.start
    const checked = function* (place: Place) {
      if (entityType !== undefined) yield* checkTypes(place, ids, entityType, budget)
      return yield* work(place)
    }
    return this.reader.at(checked, resolve, budget)
  }
}

/** Which rows of the last step: all, or by id the first after a key. */
interface Rows {
  after?: string
  limit?: number | undefined
}

/** A traversal in the terms of statements. */
class Prepared {
  private readonly steps: Steps
  private readonly several: boolean

  constructor(
    starts: readonly string[],
    steps: readonly StepTaken[],
    private readonly timed: boolean,
    { after, limit }: Rows,
  ) {
    this.steps = sortSteps(starts, steps)
    this.several = starts.length !== 1
    if (after !== undefined) this.steps.given.after = after
    if (limit !== undefined) this.steps.given.limit = limit
  }

  shape(place: Place): TraversalShape {
    const { timed, several } = this
    return { place: place.shape, timed, several, kinds: this.steps.kinds }
  }

  given(place: Place): TraversalGiven {
    return Object.assign(this.steps.given, place)
  }
}

function* checkTypes(place: Place, ids: readonly string[], entityType: string, budget: Budget): Work<void> {
  const issues: ValidationIssue[] = []
  for (const entity of (yield* entitiesById(place, ids, budget)).values()) {
    if (entity.entityType === entityType) continue
    const [id, is, wanted] = [entity.id, entity.entityType, entityType].map((text) => JSON.stringify(text))
    issues.push({ path: '', reason: `entity ${id} is of type ${is}, not ${wanted}` })
  }
  if (issues.length > 0) throw invalid(issues.slice(0, 10), 'The start is not valid')
}

interface Way {
  entities: string[]
  relations: string[]
}

/** The paths among the rows of a walk through a tree; the last may be cut short. */
function waysOf(rows: readonly PathRow[], last: number): Way[] {
  const ways: Way[] = []
  const stack: PathRow[] = []
  for (const row of rows) {
    const [step] = row
    stack.length = step
    stack.push(row)
    if (step < last) continue
    const passed = stack.filter(([at, by]) => at === 0 || by !== '')
    ways.push({
      entities: passed.map(([, , entity]) => entity),
      relations: passed.slice(1).map(([, by]) => by),
    })
  }
  return ways
}

function readOptions(
  options: TraversalOptions,
  own: readonly string[] = ['limit'],
): { budget: Budget; limit: number | undefined } {
  const budget = startBudget(options, own)
  const { limit } = options
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)) {
    throw invalid([{ path: '/limit', reason: 'must be a whole number, 1 or more' }], 'The options are not valid')
  }
  return { budget, limit }
}
