/** A view as a graph object of graphology, for its algorithms. Nodes and edges are entities and relations there. */
import type { MultiDirectedGraph } from 'graphology'
import type { CallOptions } from '../model/budget.js'
import type { Entity, Relation } from '../model/entity.js'
import { ValidationError } from '../model/errors.js'
import type { JsonObject } from '../model/json.js'
import type { EntityFilter } from './filter.js'

/** What of a view becomes a graph: the entities that a filter keeps, and the relations among them. */
export interface GraphologyFilter<
  EntityType extends string = string,
  Metadata = JsonObject,
  RelationType extends string = string,
> extends Omit<EntityFilter<EntityType, Metadata>, 'limit' | 'cursor' | 'offset'>,
    CallOptions {
  /** Only relations of this type, or of these. */
  relationType?: RelationType | readonly RelationType[] | undefined
}

/** The attributes of a node, whose key is the entity's id. */
export type EntityAttributes<E = Entity> = E extends unknown ? Omit<E, 'id'> : never

/** The attributes of an edge, whose key is the relation's id. */
export type RelationAttributes<R = Relation> = R extends unknown ? Omit<R, 'id' | 'from' | 'to'> : never

/** What `toGraphology` returns. */
export type GraphologyGraph<E = Entity, R = Relation> = MultiDirectedGraph<EntityAttributes<E>, RelationAttributes<R>>

/** The ids of the nodes that a graph has. */
export interface Nodes {
  keys(): Iterable<string>
  has(id: string): boolean
}

/** A graph of these entities, and of the relations among them. Graphology is loaded by the first call, not with the library. */
export async function graphOf(
  entities: AsyncIterable<Entity>,
  relationsAmong: (nodes: Nodes) => AsyncIterable<Relation> | Promise<readonly Relation[]>,
): Promise<GraphologyGraph> {
  const graphology = await import('graphology')
  const graph = new graphology.MultiDirectedGraph<EntityAttributes, RelationAttributes>()
  keepAnyKey(graph)
  for await (const { id, ...attributes } of entities) {
    if (id in index) {
      const issues = [{ path: '', reason: `entity ${JSON.stringify(id)} has a name that graphology needs for itself` }]
      throw new ValidationError({ what: 'The graph cannot be made', issues })
    }
    graph.addNode(id, attributes)
  }
  const nodes: Nodes = { keys: () => graph.nodes(), has: (id) => graph.hasNode(id) }
  for await (const { id, from, to, ...attributes } of await relationsAmong(nodes)) {
    graph.addDirectedEdgeWithKey(id, from, to, attributes)
  }
  return graph
}

interface NodeData {
  in: object
  out: object
  clear(): void
}

/** The one thing that graphology asks of an index of neighbours besides its keys. */
const index = Object.create(null, { hasOwnProperty: { value: Object.prototype.hasOwnProperty } }) as object

/**
 * Graphology finds the neighbours of a node in plain objects, where `constructor` is there before it is
 * put there, and `__proto__` leads out of the graph into every object of the program.
 */
function keepAnyKey(graph: GraphologyGraph): void {
  const inner = graph as unknown as { NodeDataClass: new (...given: unknown[]) => NodeData }
  inner.NodeDataClass = class extends inner.NodeDataClass {
    override clear(): void {
      super.clear()
      this.in = Object.create(index)
      this.out = Object.create(index)
    }
  }
}
