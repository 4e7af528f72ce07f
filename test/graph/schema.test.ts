/** What is a schema, and what is none. What it does is in test/history/schema.test.ts. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSchema, openUniverse } from '../../src/index.js'
import { refusalOf } from '../given/refused.js'
import { refusedIds } from '../given/values.js'

const Any = z.looseObject({})
const define = (definition: unknown) => defineSchema(definition as never)
const relation = (definition: unknown) => define({ entities: { A: Any, B: Any }, relations: { R: definition } })

describe('a schema', () => {
  it('is frozen, and what becomes of the definition afterwards changes nothing', async () => {
    const ends = ['A']
    const definition = { entities: { A: Any } as Record<string, typeof Any>, relations: { R: { from: ends, to: 'A' } } }
    const schema = defineSchema(definition as never)
    await using universe = await openUniverse(':memory:', { schema })
    definition.entities.B = Any
    ends.push('B')

    expect(Object.keys(schema.entities)).toEqual(['A'])
    expect(() => Object.assign(schema.entities, { B: Any })).toThrow(TypeError)
    expect(() => Object.assign(schema.relations, { B: Any })).toThrow(TypeError)
    expect(await refusalOf(() => universe.commit('B', (draft) => draft.createEntity('B' as never)))).toMatchObject({
      issues: [{ path: '/entityType', reason: '"B" is no entity type of the schema, which has A' }],
    })
  })

  it('may have types that are named like members of every object', async () => {
    const schema = define({
      entities: { constructor: Any, toString: Any },
      relations: { valueOf: { from: 'constructor', to: 'toString' } },
    })
    await using universe = await openUniverse(':memory:', { schema: schema as never })
    await universe.commit('Traps', (draft) => {
      draft.createEntities([
        { entityType: 'constructor', id: 'a' },
        { entityType: 'toString', id: 'b' },
      ])
      draft.createRelation('valueOf', 'a', 'b')
    })
    expect(await refusalOf(() => universe.commit('x', (draft) => draft.createEntity('hasOwnProperty')))).toMatchObject({
      code: 'VALIDATION',
    })
    expect(await universe.head.count()).toEqual({ entities: 2, relations: 1 })
  })

  it('names whatever is wrong with it, by its place', async () => {
    const none = {}
    const promised = { '~standard': { version: 2, vendor: 'x', validate: () => ({ value: {} }) } }
    const cases: [path: string, reason: string, definition: unknown][] = [
      ['', 'must be an object', null],
      ['', 'must be an object', []],
      ['/entities', 'must be an object', {}],
      ['/entity', 'is not known here', { entities: { A: Any }, entity: {} }],
      ['/entities/A', 'must be a validator', { entities: { A: none } }],
      ['/entities/A', 'must be a validator', { entities: { A: undefined } }],
      ['/entities/A', 'must be a validator', { entities: { A: promised } }],
      ['/entities/a~1b', 'must be a validator', { entities: { 'a/b': 5 } }],
      ['/entities/__proto__', 'reserves', { entities: JSON.parse('{"__proto__":{}}') }],
      ['/relations', 'must be an object', { entities: { A: Any }, relations: [] }],
    ]
    for (const [path, reason, definition] of cases) {
      const error = await refusalOf(() => define(definition))
      expect(error, JSON.stringify(definition)).toMatchObject({ code: 'VALIDATION' })
      const { issues } = error as unknown as { issues: { path: string; reason: string }[] }
      expect(issues).toContainEqual({ path, reason: expect.stringContaining(reason) })
    }
  })

  it('names whatever is wrong with a relation type', async () => {
    const cases: [path: string, reason: string, definition: unknown][] = [
      ['', 'must be an object', null],
      ['', 'needs a definition', []],
      ['/0', 'must be an object', ['A']],
      ['/from', 'must be an entity type', { to: 'A' }],
      ['/from', 'needs an entity type', { from: [], to: 'A' }],
      ['/to', '"C" is no entity type', { from: 'A', to: ['A', 'C'] }],
      ['/to', '"constructor" is no entity type', { from: 'A', to: 'constructor' }],
      ['/metadata', 'must be a validator', { from: 'A', to: 'A', metadata: {} }],
      ['/meta', 'is not known here', { from: 'A', to: 'A', meta: Any }],
      [
        '/1/to',
        '"C" is no entity type',
        [
          { from: 'A', to: 'A' },
          { from: 'A', to: 'C' },
        ],
      ],
      [
        '',
        'the pair from A to B twice',
        [
          { from: 'A', to: ['A', 'B'] },
          { from: ['B', 'A'], to: 'B' },
        ],
      ],
      ['', 'the pair from A to A twice', { from: ['A', 'A'], to: 'A' }],
    ]
    for (const [path, reason, definition] of cases) {
      const error = await refusalOf(() => relation(definition))
      const { issues } = error as unknown as { issues: { path: string; reason: string }[] }
      expect(issues).toContainEqual({ path: `/relations/R${path}`, reason: expect.stringContaining(reason) })
    }
  })

  it('refuses names that no type may have', async () => {
    for (const [, name] of refusedIds) {
      if (typeof name !== 'string') continue
      expect(await refusalOf(() => define({ entities: { [name]: Any } }))).toMatchObject({ code: 'VALIDATION' })
    }
  })

  it('that cannot be read is refused', async () => {
    const thrower = () => {
      throw new Error('no')
    }
    const proxy = new Proxy({}, { get: thrower, ownKeys: thrower })
    for (const definition of [proxy, { entities: proxy }, { entities: { A: proxy } }]) {
      expect(await refusalOf(() => define(definition))).toMatchObject({
        issues: [{ path: '', reason: 'cannot be read' }],
        cause: { message: 'no' },
      })
    }
  })

  it('is looked at before a universe is opened or made', async () => {
    for (const schema of [null, 5, {}, { entities: { A: {} }, relations: {} }]) {
      expect(await refusalOf(() => openUniverse('/nowhere/at/all.db', { schema: schema as never }))).toMatchObject({
        code: 'VALIDATION',
      })
    }
    const schema = define({ entities: { A: Any } })
    for (const options of [{ validateReads: 1 as never, schema }, { validateReads: true }]) {
      expect(await refusalOf(() => openUniverse(':memory:', options))).toMatchObject({
        issues: [{ path: '/validateReads' }],
      })
    }
  })
})
