/** What a schema lets be written, and what it does not let compile. */
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  type Draft,
  type DraftEntity,
  type DraftRelation,
  defineSchema,
  type Entity,
  type EntityInput,
  type EntityType,
  type JsonObject,
  openUniverse,
  type RelationInput,
  type RelationType,
  type StandardSchema,
  type Universe,
} from '../../src/index.js'
import type { company } from '../given/company.js'

type Company = typeof company
declare const draft: Draft<Company>
declare const ada: DraftEntity<Company, 'Person'>
declare const acme: DraftEntity<Company, 'Company'>
declare const team: DraftEntity<Company, 'Team'>

describe('a schema', () => {
  it('names its types, their inputs and their outputs', () => {
    expectTypeOf<EntityType<Company>>().toEqualTypeOf<'Person' | 'Company' | 'Team'>()
    expectTypeOf<RelationType<Company>>().toEqualTypeOf<'WORKS_AT' | 'PART_OF' | 'KNOWS'>()
    expectTypeOf<EntityInput<Company, 'Team'>>().toEqualTypeOf<{ size?: number | undefined }>()
    expectTypeOf<RelationInput<Company, 'WORKS_AT'>>().toEqualTypeOf<{ since: number }>()
    expectTypeOf<RelationInput<Company, 'PART_OF', 'Team'>>().toEqualTypeOf<{ share: number }>()
    expectTypeOf<RelationInput<Company, 'PART_OF'>>().toEqualTypeOf<{ share: number } | { year: number }>()
  })

  it('has no relation to what is no entity of it', () => {
    const Person = z.object({})
    // @ts-expect-error: there is no Persn
    defineSchema({ entities: { Person }, relations: { KNOWS: { from: 'Persn', to: 'Person' } } })
    // @ts-expect-error: nor among several
    defineSchema({ entities: { Person }, relations: { KNOWS: { from: 'Person', to: ['Person', 'Team'] } } })
    // @ts-expect-error: nor in a list of pairs
    defineSchema({ entities: { Person }, relations: { KNOWS: [{ from: 'Person', to: 'Team' }] } })
    // @ts-expect-error: a relation has two ends
    defineSchema({ entities: { Person }, relations: { KNOWS: { from: 'Person' } } })
    // @ts-expect-error: a type is validated by a schema
    defineSchema({ entities: { Person: { name: 'string' } } })
    // @ts-expect-error: metadata is an object
    defineSchema({ entities: { Person: z.string() } })
  })

  it('may be of any library', async () => {
    const name: StandardSchema<{ name: string }, { name: string; length: number }> = {
      '~standard': { version: 1, vendor: 'hand', validate: () => ({ value: { name: '', length: 0 } }) },
    }
    await using universe = await openUniverse(':memory:', { schema: defineSchema({ entities: { Person: name } }) })
    await universe.commit('Types', (writing) => {
      const person = writing.createEntity('Person', { name: 'Ada' })
      expectTypeOf(person.metadata).toEqualTypeOf<{ name: string; length: number }>()
      // @ts-expect-error: no relation type is known
      writing.createRelation('KNOWS', person, person)
    })
  })
})

describe('a draft with a schema', () => {
  it('creates entities with what their validator takes, and shows what it returns', () => {
    const made = draft.createEntity('Person', { name: 'Ada', address: { city: 'London' } }, { id: 'ada' })
    expectTypeOf(made).toEqualTypeOf<DraftEntity<Company, 'Person'>>()
    expectTypeOf(made.entityType).toEqualTypeOf<'Person'>()
    expectTypeOf(made.metadata.tags).toEqualTypeOf<string[]>()
    expectTypeOf(made.createdAt).toEqualTypeOf<number | undefined>()
    draft.createEntity('Team')
    draft.createEntity('Team', undefined, { id: 'x', validFrom: new Date() })
    // @ts-expect-error: no such type
    draft.createEntity('Persn', { name: 'Ada' })
    // @ts-expect-error: a name is needed
    draft.createEntity('Person')
    // @ts-expect-error: a name is needed
    draft.createEntity('Person', {})
    // @ts-expect-error: a name is a string
    draft.createEntity('Person', { name: 5 })
    // @ts-expect-error: no such key
    draft.createEntity('Person', { name: 'Ada', agee: 36 })
    // @ts-expect-error: no such key deep inside
    draft.createEntity('Person', { name: 'Ada', address: { town: 'London' } })
    // @ts-expect-error: metadata of another type
    draft.createEntity('Company', { name: 'Acme' })
    // @ts-expect-error: no such option
    draft.createEntity('Team', {}, { identity: 'x' })
  })

  it('creates many, each by its type', () => {
    const made = draft.createEntities([
      { entityType: 'Person', metadata: { name: 'Ada' } },
      { entityType: 'Team', id: 'x' },
    ])
    expectTypeOf(made).toEqualTypeOf<DraftEntity<Company>[]>()
    draft.createRelations([
      { relationType: 'WORKS_AT', from: ada, to: acme, metadata: { since: 2024 } },
      { relationType: 'KNOWS', from: 'ada', to: ada },
    ])
    // @ts-expect-error: metadata of another type
    draft.createEntities([{ entityType: 'Person', metadata: { size: 1 } }])
    // @ts-expect-error: a name is needed
    draft.createEntities([{ entityType: 'Person' }])
    // @ts-expect-error: the wrong way round
    draft.createRelations([{ relationType: 'WORKS_AT', from: acme, to: ada, metadata: { since: 2024 } }])
    // @ts-expect-error: metadata of the other pair
    draft.createRelations([{ relationType: 'PART_OF', from: team, to: acme, metadata: { year: 1 } }])
  })

  it('creates relations between their ends, with the metadata of the pair', () => {
    const made = draft.createRelation('WORKS_AT', ada, acme, { since: 2024 }, { id: 'job' })
    expectTypeOf(made).toEqualTypeOf<DraftRelation<Company, 'WORKS_AT'>>()
    expectTypeOf(made.metadata).toEqualTypeOf<{ since: number }>()
    draft.createRelation('WORKS_AT', 'ada', team, { since: 2024 })
    draft.createRelation('PART_OF', team, acme, { share: 1 })
    draft.createRelation('PART_OF', acme, acme, { year: 1 })
    draft.createRelation('KNOWS', ada, ada)
    draft.createRelation('KNOWS', ada, ada, { since: [2024] })
    // @ts-expect-error: no such type
    draft.createRelation('WORKS_IN', ada, acme, { since: 2024 })
    // @ts-expect-error: the wrong way round
    draft.createRelation('WORKS_AT', acme, ada, { since: 2024 })
    // @ts-expect-error: starts at a Person
    draft.createRelation('WORKS_AT', team, acme, { since: 2024 })
    // @ts-expect-error: ends at a Company or a Team
    draft.createRelation('WORKS_AT', ada, ada, { since: 2024 })
    // @ts-expect-error: no pair of the list
    draft.createRelation('PART_OF', acme, team, { year: 1 })
    // @ts-expect-error: metadata of the other pair
    draft.createRelation('PART_OF', acme, acme, { share: 1 })
    // @ts-expect-error: metadata is needed
    draft.createRelation('WORKS_AT', ada, acme)
    // @ts-expect-error: no such key
    draft.createRelation('WORKS_AT', ada, acme, { until: 2024 })
  })

  it('patches and replaces what the type of an entity has', () => {
    draft.updateEntity(ada, { name: 'Ada', age: null, address: { zip: null } })
    draft.updateEntity('ada', { title: 'whatever the id stands for' })
    draft.updateEntity(ada, {}, { validTo: null })
    draft.replaceEntity(acme, { title: 'Acme' })
    draft.updateRelation(draft.createRelation('KNOWS', ada, ada), { any: 'thing' })
    // @ts-expect-error: a name cannot be removed
    draft.updateEntity(ada, { name: null })
    // @ts-expect-error: no such key
    draft.updateEntity(ada, { nam: 'Ada' })
    // @ts-expect-error: no such key in any type
    draft.updateEntity('ada', { nam: 'Ada' })
    // @ts-expect-error: a city is a string
    draft.updateEntity(ada, { address: { city: 5 } })
    // @ts-expect-error: metadata of another type
    draft.replaceEntity(acme, { name: 'Acme' })
    // @ts-expect-error: a relation is no entity
    draft.updateEntity(draft.createRelation('WORKS_AT', ada, acme, { since: 1 }), { since: 2 }, { since: 3 })
  })

  it('reads what it may hold', async () => {
    const found = await draft.requireEntity('ada')
    expectTypeOf(found).toEqualTypeOf<DraftEntity<Company>>()
    if (found.entityType === 'Person') expectTypeOf(found.metadata.name).toEqualTypeOf<string>()
    // @ts-expect-error: not every entity has a name
    found.metadata.name
    expectTypeOf(await draft.relation('job')).toEqualTypeOf<DraftRelation<Company> | undefined>()
    const [first] = (await draft.base.entities({ type: 'Team' })).items
    expectTypeOf(first?.metadata).toEqualTypeOf<{ size: number } | undefined>()
  })
})

describe('without a schema', () => {
  it('types are strings and metadata is JSON', async () => {
    await using universe = await openUniverse(':memory:')
    expectTypeOf(universe).toEqualTypeOf<Universe>()
    await universe.commit('Types', async (plain) => {
      expectTypeOf(plain).toEqualTypeOf<Draft>()
      const type: string = 'Person'
      const made = plain.createEntity(type, { any: ['thing'] }, { id: 'ada' })
      expectTypeOf(made.metadata).toEqualTypeOf<JsonObject>()
      expectTypeOf(made.entityType).toEqualTypeOf<string>()
      plain.createRelation('KNOWS', made, { id: 'ada' }, { since: 2024 })
      plain.updateEntity({ id: 'ada' }, { any: null })
      // @ts-expect-error: metadata is JSON
      plain.createEntity('Person', { born: new Date() })
      // @ts-expect-error: and an object
      plain.createEntity('Person', ['thing'])
    })
    let { items } = await universe.head.entities({ type: 'Person' })
    items = (await universe.head.entities({ type: 'Company' })).items
    expectTypeOf(items).toEqualTypeOf<Entity[]>()
    const { items: pairs } = await universe.head.neighbours('ada', { relationType: 'KNOWS', direction: 'in' })
    expectTypeOf(pairs[0]!.entity).toEqualTypeOf<Entity>()
  })

  it('a universe is what one with a schema may be used as, where only ids matter', () => {
    expectTypeOf<DraftEntity<Company, 'Person'>>().toExtend<{ id: string; entityType: string }>()
    expectTypeOf<Draft['deleteEntity']>().parameter(0).toEqualTypeOf<string | { readonly id: string }>()
  })
})
