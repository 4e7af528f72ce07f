/** What a schema says of what is read: at the head and in the past, along relations, through filters. */
import { describe, expectTypeOf, it } from 'vitest'
import type { ConditionOn, MetadataConditions, PathOf } from '../../src/graph/condition.js'
import type { Along, Step } from '../../src/graph/typed.js'
import type {
  Diff,
  Direction,
  EntityLike,
  EntityOf,
  EntityType,
  HistoryEntry,
  RelationOf,
  Schema,
  State,
  Universe,
  View,
} from '../../src/index.js'
import type { company } from '../given/company.js'

type Company = typeof company
declare const universe: Universe<Company>
declare const ada: EntityOf<Company, 'Person'>
declare const acme: EntityOf<Company, 'Company'>

describe.each(['head', 'past'] as const)('a view with a schema (%s)', (when) => {
  const view: View<Company> = when === 'head' ? universe.head : universe.at(new Date(0))

  it('lists entities of the types asked for', async () => {
    const { items } = await view.entities({ type: 'Person' })
    expectTypeOf(items).toEqualTypeOf<EntityOf<Company, 'Person'>[]>()
    expectTypeOf(items[0]!.metadata.address).toEqualTypeOf<
      { city: string; zip?: string | null | undefined } | undefined
    >()
    const several = await view.entities({ type: ['Person', 'Team'], limit: 5 })
    expectTypeOf(several.items[0]!.entityType).toEqualTypeOf<'Person' | 'Team'>()
    expectTypeOf((await view.entities()).items).toEqualTypeOf<EntityOf<Company>[]>()
    for await (const team of view.eachEntity({ type: 'Team' })) expectTypeOf(team.metadata.size).toEqualTypeOf<number>()
    // @ts-expect-error: no such type
    await view.entities({ type: 'Persn' })
    // @ts-expect-error: no such key
    items[0]!.metadata.nam
  })

  it('filters by the metadata that the types asked for have', async () => {
    const city = { 'address.city': { eq: 'London' } }
    const { items } = await view.validAt(0).entities({ type: 'Person', metadata: city })
    expectTypeOf(items).toEqualTypeOf<EntityOf<Company, 'Person'>[]>()
    await view.relations({ type: 'WORKS_AT', metadata: { since: { gte: 2020 } } })
    for await (const team of view.eachEntity({ type: 'Team', metadata: { size: { lt: 5 } } })) void team
    await view.entities({ metadata: { size: { lt: 5 }, name: { eq: 'Ada' } } })
    // @ts-expect-error: a person has no size
    await view.entities({ type: 'Person', metadata: { size: { lt: 5 } } })
    // @ts-expect-error: a year is a number
    await view.relations({ type: 'WORKS_AT', metadata: { since: { gte: '2020' } } })
    // @ts-expect-error: nothing has such a key
    await view.entities({ metadata: { colour: { eq: 'red' } } })
  })

  it('lists relations of the types asked for', async () => {
    const { items } = await view.relations({ type: 'WORKS_AT', from: 'ada' })
    expectTypeOf(items).toEqualTypeOf<RelationOf<Company, 'WORKS_AT'>[]>()
    expectTypeOf(items[0]!.metadata).toEqualTypeOf<{ since: number }>()
    for await (const { metadata } of view.eachRelation({ type: 'PART_OF' })) {
      expectTypeOf(metadata).toEqualTypeOf<{ share: number } | { year: number }>()
    }
    await view.count({ type: ['Person', 'KNOWS'] })
    // @ts-expect-error: an entity type is no relation type
    await view.relations({ type: 'Person' })
    // @ts-expect-error: no such type
    await view.count({ type: 'Persn' })
  })

  it('shows one element as a union that narrows by its type', async () => {
    const found = await view.requireEntity('ada')
    expectTypeOf(found).toEqualTypeOf<EntityOf<Company>>()
    if (found.entityType === 'Company') expectTypeOf(found.metadata).toEqualTypeOf<{ title: string }>()
    const relation = await view.relation('job')
    if (relation?.relationType === 'KNOWS') expectTypeOf(relation).toEqualTypeOf<RelationOf<Company, 'KNOWS'>>()
    // @ts-expect-error: not every entity has a title
    found.metadata.title
  })

  it('knows where relations lead', async () => {
    const out = await view.neighbours(ada, { relationType: 'WORKS_AT' })
    expectTypeOf(out.items[0]!.entity).toEqualTypeOf<EntityOf<Company, 'Company' | 'Team'>>()
    expectTypeOf(out.items[0]!.relation).toEqualTypeOf<RelationOf<Company, 'WORKS_AT'>>()
    const byId = await view.neighbours('ada', { relationType: 'WORKS_AT' })
    expectTypeOf(byId.items[0]!.entity.entityType).toEqualTypeOf<'Company' | 'Team'>()
    const back = await view.neighbours(acme, { relationType: 'WORKS_AT', direction: 'in' })
    expectTypeOf(back.items[0]!.entity).toEqualTypeOf<EntityOf<Company, 'Person'>>()
    const any = await view.neighbours(acme, { direction: 'both' })
    expectTypeOf(any.items[0]!.entity.entityType).toEqualTypeOf<'Company' | 'Team' | 'Person'>()
    expectTypeOf(any.items[0]!.relation.relationType).toEqualTypeOf<'WORKS_AT' | 'PART_OF'>()
    const teams = await view.neighbours(ada, { relationType: ['WORKS_AT', 'KNOWS'], entityType: 'Team' })
    expectTypeOf(teams.items[0]!.entity).toEqualTypeOf<EntityOf<Company, 'Team'>>()
    await view.degree(ada, { relationType: 'KNOWS', direction: 'both' })
    // @ts-expect-error: no such type
    await view.neighbours(ada, { relationType: 'WORKS_IN' })
    // @ts-expect-error: does not start at a Company
    await view.neighbours(acme, { relationType: 'WORKS_AT' })
    // @ts-expect-error: does not end at a Person
    await view.neighbours(ada, { relationType: 'WORKS_AT', direction: 'in' })
    // @ts-expect-error: leads to no Person
    await view.neighbours(ada, { relationType: 'WORKS_AT', entityType: 'Person' })
    // @ts-expect-error: no such type
    await view.degree(ada, { relationType: 'WORKS_IN' })
  })
})

describe('across versions', () => {
  it('history and differences have the types of the schema', async () => {
    const [entry] = await universe.history(ada)
    expectTypeOf(entry!).toEqualTypeOf<HistoryEntry<Company>>()
    expectTypeOf(entry!.after).toEqualTypeOf<EntityOf<Company> | RelationOf<Company> | undefined>()
    const diff = await universe.diff('main', new Date(0))
    expectTypeOf(diff).toEqualTypeOf<Diff<Company>>()
    const [update] = diff.entities.updated
    if (update?.after.entityType === 'Team') expectTypeOf(update.after.metadata.size).toEqualTypeOf<number>()
    const state = await universe.materialise('main')
    expectTypeOf(state).toEqualTypeOf<State<Company>>()
    for (const relation of state.relations) {
      if (relation.relationType === 'WORKS_AT') expectTypeOf(relation.metadata.since).toEqualTypeOf<number>()
    }
  })
})

/** A traversal as far as types go. */
interface Walk<S extends Schema, T extends EntityType<S>> {
  out<R extends Along<S, 'out', T> = Along<S, 'out', T>>(type?: R | readonly R[]): Walk<S, Step<S, 'out', T, R>>
  in<R extends Along<S, 'in', T> = Along<S, 'in', T>>(type?: R | readonly R[]): Walk<S, Step<S, 'in', T, R>>
  both<R extends Along<S, 'both', T> = Along<S, 'both', T>>(type?: R | readonly R[]): Walk<S, Step<S, 'both', T, R>>
  entities(): Promise<EntityOf<S, T>[]>
}
interface Walking<S extends Schema> {
  traverse<T extends EntityType<S> = EntityType<S>>(start: EntityLike<T> | Iterable<EntityLike<T>>): Walk<S, T>
  traverse<T extends EntityType<S>>(type: T, start: string | Iterable<string>): Walk<S, T>
}

describe('steps', () => {
  it('lead from types along relations to types', () => {
    expectTypeOf<Step<Company, 'out', 'Person', 'WORKS_AT'>>().toEqualTypeOf<'Company' | 'Team'>()
    expectTypeOf<Step<Company, 'in', 'Team', 'WORKS_AT'>>().toEqualTypeOf<'Person'>()
    expectTypeOf<Step<Company, 'in', 'Person', 'WORKS_AT'>>().toEqualTypeOf<never>()
    expectTypeOf<Step<Company, 'out', 'Team', 'PART_OF'>>().toEqualTypeOf<'Company'>()
    expectTypeOf<Step<Company, 'in', 'Company', 'PART_OF'>>().toEqualTypeOf<'Company' | 'Team'>()
    expectTypeOf<Step<Company, 'both', 'Company', 'PART_OF'>>().toEqualTypeOf<'Company' | 'Team'>()
    expectTypeOf<Step<Company, 'out', 'Person', 'WORKS_AT' | 'KNOWS'>>().toEqualTypeOf<'Company' | 'Team' | 'Person'>()
    expectTypeOf<Along<Company, 'out', 'Person'>>().toEqualTypeOf<'WORKS_AT' | 'KNOWS'>()
    expectTypeOf<Along<Company, 'in', 'Person'>>().toEqualTypeOf<'KNOWS'>()
    expectTypeOf<Along<Company, 'both', 'Team'>>().toEqualTypeOf<'WORKS_AT' | 'PART_OF'>()
    expectTypeOf<Step<Schema, Direction, string, string>>().toEqualTypeOf<string>()
    expectTypeOf<Along<Schema, 'out', string>>().toEqualTypeOf<string>()
  })

  it('make traversals, hop by hop', () => {
    const walking = universe.head as unknown as Walking<Company>
    expectTypeOf(walking.traverse(ada).out('WORKS_AT').entities()).resolves.toEqualTypeOf<
      EntityOf<Company, 'Company' | 'Team'>[]
    >()
    const colleagues = walking.traverse('Person', 'ada').out('WORKS_AT').in('WORKS_AT').both('KNOWS')
    expectTypeOf(colleagues.entities()).resolves.toEqualTypeOf<EntityOf<Company, 'Person'>[]>()
    expectTypeOf(walking.traverse('ada').out(['WORKS_AT', 'KNOWS'])).toEqualTypeOf<Walk<Company, EntityType<Company>>>()
    expectTypeOf(walking.traverse([ada, acme]).out()).toEqualTypeOf<Walk<Company, EntityType<Company>>>()
    expectTypeOf(walking.traverse(ada).out('WORKS_AT').out()).toEqualTypeOf<Walk<Company, 'Company'>>()
    // @ts-expect-error: does not start at a Company
    walking.traverse(acme).out('WORKS_AT')
    // @ts-expect-error: does not end at a Person
    walking.traverse(ada).in('WORKS_AT')
    // @ts-expect-error: no Person is reached that knows anybody
    walking.traverse(ada).out('WORKS_AT').out('KNOWS')
    // @ts-expect-error: no such type
    walking.traverse('Persn', 'ada')
    const plain = universe as unknown as Walking<Schema>
    expectTypeOf(plain.traverse('ada').out('ANY').in()).toEqualTypeOf<Walk<Schema, string>>()
  })
})

describe('conditions on metadata', () => {
  type Person = MetadataConditions<EntityOf<Company, 'Person'>['metadata']>
  const asked = (conditions: Person) => conditions

  it('name the paths of the metadata', () => {
    expectTypeOf<PathOf<EntityOf<Company, 'Person'>['metadata']>>().toEqualTypeOf<
      'name' | 'age' | 'tags' | 'address' | 'address.city' | 'address.zip'
    >()
    asked({ name: { startsWith: 'A' }, 'address.city': { eq: 'London', ne: 'Paris' } })
    asked({ '/address/city': { eq: 'London' }, '/tags/0': { startsWith: 'l' } })
    // @ts-expect-error: no such key
    asked({ nam: { eq: 'Ada' } })
    // @ts-expect-error: no such key deep inside
    asked({ 'address.town': { eq: 'London' } })
    // @ts-expect-error: no such operator
    asked({ name: { equals: 'Ada' } })
  })

  it('ask what the type of the value allows', () => {
    asked({ age: { gte: 18, lt: 65, in: [18, 19] }, tags: { contains: 'lead', eq: ['lead'] } })
    asked({ 'address.zip': { eq: null, in: ['1', null], gt: '1' }, name: { contains: 'd', gte: 'A' } })
    asked({ address: { eq: { city: 'London' } } })
    // @ts-expect-error: a number is no string
    asked({ age: { eq: '36' } })
    // @ts-expect-error: a number is no string
    asked({ name: { gt: 5 } })
    // @ts-expect-error: only strings start with something
    asked({ age: { startsWith: '3' } })
    // @ts-expect-error: an array has no order
    asked({ tags: { gt: 'a' } })
    // @ts-expect-error: its members are strings
    asked({ tags: { contains: 5 } })
    // @ts-expect-error: a name is never null
    asked({ name: { eq: null } })
  })

  it('know no more of what is plain JSON, and go through types that contain themselves', () => {
    type Plain = MetadataConditions<EntityOf['metadata']>
    expectTypeOf<Plain['address.city']>().toEqualTypeOf<ConditionOn | undefined>()
    interface Tree {
      value: number
      left?: Tree
    }
    const tree: MetadataConditions<Tree> = { 'left.left.value': { gt: 1 } }
    expectTypeOf(tree['left.left.value']).toEqualTypeOf<ConditionOn<number> | undefined>()
    const union: MetadataConditions<{ a: 1; kind: 'x' } | { b: string; kind: 'y' }> = {
      a: { eq: 1 },
      b: { eq: '' },
      kind: { in: ['x', 'y'] },
    }
    expectTypeOf(union.kind).toEqualTypeOf<ConditionOn<'x' | 'y'> | undefined>()
  })
})
