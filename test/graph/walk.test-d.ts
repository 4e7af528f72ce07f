/** What a schema says of walks: where each step may lead, and what stands at its end. */
import { describe, expectTypeOf, it } from 'vitest'
import type {
  Entity,
  EntityOf,
  GraphologyGraph,
  Path,
  RelationOf,
  Subgraph,
  Traversal,
  Universe,
  View,
} from '../../src/index.js'
import type { company } from '../given/company.js'

type Company = typeof company
declare const universe: Universe<Company>
declare const untyped: Universe
declare const ada: EntityOf<Company, 'Person'>
declare const acme: EntityOf<Company, 'Company'>

describe.each(['head', 'past'] as const)('a walk with a schema (%s)', (when) => {
  const view: View<Company> = when === 'head' ? universe.head : universe.at(new Date(0)).validAt(0)

  it('ends where the types of relations lead', async () => {
    const workplaces = await view.traverse(ada).out('WORKS_AT').entities()
    expectTypeOf(workplaces).toEqualTypeOf<EntityOf<Company, 'Company' | 'Team'>[]>()
    expectTypeOf(view.traverse('Person', 'ada').out('WORKS_AT').in('WORKS_AT')).toEqualTypeOf<
      Traversal<Company, 'Person'>
    >()
    expectTypeOf(await view.traverse([acme]).in('PART_OF').entities()).toEqualTypeOf<
      EntityOf<Company, 'Company' | 'Team'>[]
    >()
    for await (const friend of view.traverse(ada).both('KNOWS')) expectTypeOf(friend.metadata.name).toBeString()
    expectTypeOf(await view.traverse(ada).out(['KNOWS', 'WORKS_AT']).entities()).toEqualTypeOf<EntityOf<Company>[]>()
  })

  it('does not begin a step that leads nowhere', () => {
    // @ts-expect-error: nobody works at a person
    view.traverse(ada).in('WORKS_AT')
    // @ts-expect-error: a company works nowhere
    view.traverse(ada).out('WORKS_AT').out('KNOWS')
    // @ts-expect-error: no such relation
    view.traverse('ada').out('LIKES')
    // @ts-expect-error: no such type
    view.traverse('Robot', 'ada')
    // @ts-expect-error: acme is no person
    view.traverse('Person', acme)
  })

  it('filters by what is reached', async () => {
    const teams = view
      .traverse(ada)
      .out('WORKS_AT')
      .where({ type: 'Team', metadata: { size: { gt: 3 } } })
    expectTypeOf(await teams.entities()).toEqualTypeOf<EntityOf<Company, 'Team'>[]>()
    expectTypeOf(teams.out('PART_OF')).toEqualTypeOf<Traversal<Company, 'Company'>>()
    // @ts-expect-error: no person is reached
    view.traverse(ada).out('WORKS_AT').where({ type: 'Person' })
    const work = view.traverse(ada).out('WORKS_AT')
    // @ts-expect-error: a team has no name
    work.where({ type: 'Team', metadata: { name: { eq: 'x' } } })
    // @ts-expect-error: a step does not cut
    view.traverse(ada).out('WORKS_AT').where({ limit: 5 })
  })

  it('knows the elements of paths, parts and graph objects', async () => {
    type Whole = Path<EntityOf<Company>, RelationOf<Company>>
    expectTypeOf(await view.traverse(ada).out('KNOWS').paths()).toEqualTypeOf<Whole[]>()
    expectTypeOf(await view.shortestPath(ada, 'acme', { relationType: 'WORKS_AT' })).toEqualTypeOf<Whole | undefined>()
    expectTypeOf(await view.subgraph([ada])).toEqualTypeOf<Subgraph<EntityOf<Company>, RelationOf<Company>>>()
    const graph = await view.toGraphology({ type: 'Person', relationType: 'KNOWS' })
    expectTypeOf(graph).toEqualTypeOf<GraphologyGraph<EntityOf<Company, 'Person'>, RelationOf<Company, 'KNOWS'>>>()
    expectTypeOf(graph.getNodeAttribute('ada', 'metadata').name).toBeString()
    // @ts-expect-error: no such relation
    await view.reachable(ada, { relationType: 'LIKES' })
  })
})

describe('a walk without a schema', () => {
  it('takes any type and ends at entities', async () => {
    expectTypeOf(await untyped.head.traverse('x').out('ANY').where({ type: 'T' }).entities()).toEqualTypeOf<Entity[]>()
    expectTypeOf(await untyped.head.shortestPath('a', 'b')).toEqualTypeOf<Path | undefined>()
    expectTypeOf(await untyped.head.subgraph('a')).toEqualTypeOf<Subgraph>()
    expectTypeOf(await untyped.head.toGraphology()).toEqualTypeOf<GraphologyGraph>()
  })
})
