/** What a schema does to commits: what is recorded, what is refused, and that nothing of that is written. */
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Change, defineSchema, type Operation, openUniverse, type StandardSchema } from '../../src/index.js'
import { collect } from '../given/collect.js'
import { company } from '../given/company.js'
import { temporaryFolder } from '../given/folder.js'
import { expectRefused, refusalOf } from '../given/refused.js'
import { nested } from '../given/values.js'
import { type Dialect, dialects, openTypedUniverseOn } from '../model/open.js'

/** Ada works at Acme, whose team is part of it. */
async function openCompany(dialect: Dialect, validateReads = false) {
  const universe = await openTypedUniverseOn(dialect, { schema: company, validateReads })
  await universe.commit(
    'Start',
    (draft) => {
      const ada = draft.createEntity('Person', { name: 'Ada' }, { id: 'ada' })
      const acme = draft.createEntity('Company', { title: 'Acme' }, { id: 'acme' })
      const team = draft.createEntity('Team', { size: 3 }, { id: 'team' })
      draft.createRelation('WORKS_AT', ada, acme, { since: 2024 }, { id: 'job' })
      draft.createRelation('PART_OF', team, acme, { share: 1 }, { id: 'part' })
    },
    { versionId: 'start' },
  )
  return universe
}

/** A validator by hand, of a library that nobody knows. */
function byHand(validate: (value: Record<string, unknown>) => unknown): StandardSchema<object, object> {
  return { '~standard': { version: 1, vendor: 'hand', validate: validate as never } }
}

/** A schema of one entity type and one relation type, both validated by hand. */
function single(validate: (value: Record<string, unknown>) => unknown) {
  const metadata = byHand(validate)
  return defineSchema({ entities: { T: metadata }, relations: { R: { from: 'T', to: 'T', metadata } } })
}

describe.each(dialects)('creations under a schema on %s', (dialect) => {
  it('record what validators return: defaults, trimmed, and without what they do not know', async () => {
    await using universe = await openCompany(dialect)
    const { versionId } = await universe.commit('Output', (draft) => {
      const bob = draft.createEntity('Person', { name: '  Bob ', extra: 1 } as never, { id: 'bob', validFrom: 1 })
      expect(bob).toEqual({ id: 'bob', entityType: 'Person', metadata: { name: 'Bob', tags: [] }, validFrom: 1 })
      expect(draft.createEntity('Team', undefined, { id: 'new' }).metadata).toEqual({ size: 1 })
      draft.apply([{ op: 'createEntity', id: 'x', entityType: 'Team', metadata: { size: 2, more: 1 } }])
      const job = draft.createRelation('WORKS_AT', bob, 'team', { since: 1, until: 2 } as never, { id: 'bob-job' })
      expect(job.metadata).toEqual({ since: 1 })
    })

    expect(await universe.versions.operations(versionId)).toEqual([
      { op: 'createEntity', id: 'bob', entityType: 'Person', metadata: { name: 'Bob', tags: [] }, validFrom: 1 },
      { op: 'createEntity', id: 'new', entityType: 'Team', metadata: { size: 1 } },
      { op: 'createEntity', id: 'x', entityType: 'Team', metadata: { size: 2 } },
      {
        ...{ op: 'createRelation', id: 'bob-job', relationType: 'WORKS_AT', from: 'bob', to: 'team' },
        metadata: { since: 1 },
      },
    ])
    expect((await universe.head.requireEntity('bob')).metadata).toEqual({ name: 'Bob', tags: [] })
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('are validated once: a validator that changes what it made already is asked once', async () => {
    const shout = single((value) => ({ value: { ...value, text: `${value.text}!` } }))
    await using universe = await openTypedUniverseOn(dialect, { schema: shout })
    await universe.commit('Once', async (draft) => {
      draft.createEntity('T', { text: 'a' }, { id: 'a' })
      draft.createRelation('R', 'a', 'a', { text: 'r' }, { id: 'r' })
      expect((await draft.entity('a'))?.metadata).toEqual({ text: 'a!' })
    })
    await universe.commit('List', [{ op: 'createEntity', id: 'b', entityType: 'T', metadata: { text: 'b' } }])

    expect((await universe.head.entity('a'))?.metadata).toEqual({ text: 'a!' })
    expect((await universe.head.relation('r'))?.metadata).toEqual({ text: 'r!' })
    expect((await universe.head.entity('b'))?.metadata).toEqual({ text: 'b!' })
  })

  it('are refused where the call is made, with the path and reason of each issue', async () => {
    await using universe = await openCompany(dialect)
    const { versionId } = await universe.commit('Refused', async (draft) => {
      draft.createEntity('Team')
      const nameless = () => draft.createEntity('Person', { name: ' ', tags: ['x', 5] } as never)
      expect(await refusalOf(nameless)).toMatchObject({
        code: 'VALIDATION',
        operation: 1,
        issues: [
          { path: '/metadata/name', reason: expect.stringMatching(/./) },
          { path: '/metadata/tags/1', reason: expect.stringContaining('string') },
        ],
      })
      const unknown = () => draft.createEntity('Persn' as never, {} as never)
      expect(await refusalOf(unknown)).toMatchObject({
        issues: [
          { path: '/entityType', reason: '"Persn" is no entity type of the schema, which has Company, Person, Team' },
        ],
      })
      expect(await refusalOf(() => draft.createRelation('LIKES' as never, 'a', 'b', {} as never))).toMatchObject({
        issues: [{ path: '/relationType', reason: expect.stringContaining('KNOWS, PART_OF, WORKS_AT') }],
      })
      expect(await refusalOf(() => draft.createRelation('WORKS_AT', 'ada', 'acme', {} as never))).toMatchObject({
        issues: [{ path: '/metadata/since' }],
      })
    })

    expect(await universe.versions.operations(versionId)).toHaveLength(1)
  })

  it('of a list name the operation, and nothing is written', async () => {
    await using universe = await openCompany(dialect)
    const good: Operation = { op: 'createEntity', id: 'x', entityType: 'Team', metadata: {} }
    const refused: [Operation, object][] = [
      [{ ...good, id: 'y', entityType: 'team' }, { path: '/entityType' }],
      [{ ...good, id: 'y', metadata: { size: 'big' } }, { path: '/metadata/size' }],
      [relation('NONE', 'ada', 'acme', {}), { path: '/relationType' }],
      [relation('WORKS_AT', 'ada', 'acme', {}), { path: '/metadata/since' }],
      [relation('WORKS_AT', 'acme', 'ada', { since: 1 }), { path: '/from' }],
      [update('updateEntity', 'ada', [{ op: 'delete', path: '/name' }]), { path: '/metadata/name' }],
    ]
    for (const [operation, issue] of refused) {
      await expectRefused(universe, () => universe.commit('x', [good, operation]), {
        code: 'VALIDATION',
        operation: 1,
        issues: [issue],
      })
    }
  })
})

describe.each(dialects)('ends under a schema on %s', (dialect) => {
  it('are those of the entities as they stand in the commit', async () => {
    await using universe = await openCompany(dialect)
    await universe.commit('Become another type', (draft) => {
      draft.deleteEntity('team', { cascade: true })
      draft.createEntity('Company', { title: 'Team & Co' }, { id: 'team' })
      draft.createRelation('PART_OF', 'team', 'acme', { year: 2024 } as never, { id: 'part' })
    })
    expect(await universe.head.relation('part')).toMatchObject({ metadata: { year: 2024 } })

    const commit = () =>
      universe.commit('x', (draft) => {
        draft.deleteEntity('team', { cascade: true })
        draft.createEntity('Team', {}, { id: 'team' })
        draft.createRelation('PART_OF', 'team', 'acme', { year: 2024 } as never)
      })
    await expectRefused(universe, commit, { operation: 2, issues: [{ path: '/metadata/share' }] })
  })

  it('that are of no pair are refused, which names the pairs', async () => {
    await using universe = await openCompany(dialect)
    const cases: [type: string, from: string, to: string, issue: object][] = [
      ['WORKS_AT', 'acme', 'ada', { path: '/from', reason: 'WORKS_AT starts at Person, not at Company' }],
      [
        'WORKS_AT',
        'ada',
        'ada',
        { path: '/to', reason: 'WORKS_AT from Person ends at Company or Team, not at Person' },
      ],
      ['PART_OF', 'ada', 'acme', { path: '/from', reason: 'PART_OF starts at Team or Company, not at Person' }],
      ['PART_OF', 'acme', 'team', { path: '/to', reason: 'PART_OF from Company ends at Company, not at Team' }],
      ['KNOWS', 'ada', 'acme', { path: '/to', reason: 'KNOWS from Person ends at Person, not at Company' }],
    ]
    for (const [type, from, to, issue] of cases) {
      const metadata = { since: 1, share: 1, year: 1 }
      const commit = () =>
        universe.commit('x', (draft) => {
          draft.createEntity('Team')
          draft.createRelation(type as never, from, to, metadata as never)
        })
      await expectRefused(universe, commit, { code: 'VALIDATION', operation: 1, issues: [issue] })
    }
    const lost = () => universe.commit('x', (draft) => draft.createRelation('KNOWS', 'ada', 'nobody'))
    await expectRefused(universe, lost, { code: 'NOT_FOUND', id: 'nobody', operation: 0 })
  })

  it('choose the validator of a pair, in updates too, whose ends are looked up', async () => {
    await using universe = await openCompany(dialect)
    await universe.commit('Two pairs', (draft) => {
      draft.createRelation('PART_OF', 'acme', 'acme', { year: 1, share: 1 } as never, { id: 'own' })
      draft.updateRelation('part', { share: 2, year: 2 } as never)
    })
    expect((await universe.head.relation('own'))?.metadata).toEqual({ year: 1 })
    expect((await universe.head.relation('part'))?.metadata).toEqual({ share: 2 })

    const commit = () => universe.commit('x', (draft) => draft.updateRelation('part', { share: null } as never))
    await expectRefused(universe, commit, { operation: 0, issues: [{ path: '/metadata/share' }] })
  })

  it('may carry any metadata where the schema says nothing of it', async () => {
    await using universe = await openCompany(dialect)
    await universe.commit('Anything', (draft) => {
      draft.createRelation('KNOWS', 'ada', 'ada', { list: [1, null] }, { id: 'self' })
      draft.updateRelation('self', { more: true })
    })
    expect((await universe.head.relation('self'))?.metadata).toEqual({ list: [1, null], more: true })
  })
})

describe.each(dialects)('updates under a schema on %s', (dialect) => {
  it('are recorded as they are where the validator changes nothing', async () => {
    await using universe = await openCompany(dialect)
    const { versionId } = await universe.commit('Plain', (draft) => {
      draft.updateEntity('ada', { age: 36 })
      draft.changeEntity('ada', [{ op: 'insert', path: '/tags', value: 'lead' }])
      draft.replaceEntity('acme', { title: 'Acme & Co' })
      draft.updateRelation('job', { since: 2023 })
      draft.updateEntity('team', {}, { validTo: 5 })
    })

    expect(await universe.versions.operations(versionId)).toEqual([
      update('updateEntity', 'ada', [{ op: 'patch', path: '', patch: { age: 36 } }]),
      update('updateEntity', 'ada', [{ op: 'insert', path: '/tags', value: 'lead' }]),
      update('updateEntity', 'acme', [{ op: 'set', path: '', value: { title: 'Acme & Co' } }]),
      update('updateRelation', 'job', [{ op: 'patch', path: '', patch: { since: 2023 } }]),
      { ...update('updateEntity', 'team', [{ op: 'patch', path: '', patch: {} }]), validTo: 5 },
    ])
  })

  it('are followed by the changes that lead to what the validator returns', async () => {
    await using universe = await openCompany(dialect)
    const { versionId } = await universe.commit('More', async (draft) => {
      draft.updateEntity('ada', { name: ' Ada L. ', extra: 1, tags: null } as never)
      expect((await draft.entity('ada'))?.metadata).toEqual({ name: 'Ada L.', tags: [] })
      draft.replaceEntity('team', { size: 4, extra: 1 } as never)
      draft.updateRelation('part', { extra: 1 } as never)
      expect((await draft.relation('part'))?.metadata).toEqual({ share: 1 })
    })

    expect(await universe.versions.operations(versionId)).toEqual([
      update('updateEntity', 'ada', [
        { op: 'patch', path: '', patch: { extra: 1, name: ' Ada L. ', tags: null } },
        { op: 'delete', path: '/extra' },
        { op: 'set', path: '/name', value: 'Ada L.' },
        { op: 'set', path: '/tags', value: [] },
      ]),
      update('updateEntity', 'team', [{ op: 'set', path: '', value: { size: 4 } }]),
      update('updateRelation', 'part', [
        { op: 'patch', path: '', patch: { extra: 1 } },
        { op: 'delete', path: '/extra' },
      ]),
    ])
    expect((await universe.head.entity('ada'))?.metadata).toEqual({ name: 'Ada L.', tags: [] })
    expect(await universe.history('part')).toHaveLength(1)
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('set the whole where the changes that lead on would be too many', async () => {
    const numbered = (value: Record<string, unknown>) => {
      const count = Number(value.count)
      return { value: { count, ...Object.fromEntries(Array.from({ length: count }, (_, n) => [`${n}`, n])) } }
    }
    await using universe = await openTypedUniverseOn(dialect, { schema: single(numbered), maxMetadataBytes: 4_000_000 })
    await universe.commit('Start', (draft) => draft.createEntity('T', { count: 0 }, { id: 'a' }))
    const { versionId } = await universe.commit('Many', (draft) => draft.updateEntity('a', { count: 210_000 }))

    const [operation] = await universe.versions.operations(versionId)
    expect(operation).toMatchObject({ changes: [{ op: 'set', path: '' }] })
    expect(Object.keys((await universe.head.requireEntity('a')).metadata)).toHaveLength(210_001)
  })

  it('are validated as the operations before them leave the element', async () => {
    await using universe = await openCompany(dialect)
    const commit = () =>
      universe.commit('x', (draft) => {
        draft.createEntity('Team', {}, { id: 'new' })
        draft.updateEntity('new', { size: 'big' } as never)
      })
    await expectRefused(universe, commit, {
      code: 'VALIDATION',
      operation: 1,
      issues: [{ path: '/metadata/size', reason: expect.stringContaining('number') }],
    })
    const lost = () => universe.commit('x', (draft) => draft.updateEntity('nobody', { size: 1 }))
    await expectRefused(universe, lost, { code: 'NOT_FOUND', operation: 0 })
  })

  it('are shown by a draft as the patch leaves them where the commit will refuse them', async () => {
    await using universe = await openCompany(dialect)
    const commit = () =>
      universe.commit('x', async (draft) => {
        draft.updateEntity('team', { size: 'big' } as never)
        expect((await draft.entity('team'))?.metadata).toEqual({ size: 'big' })
      })
    await expectRefused(universe, commit, { code: 'VALIDATION', operation: 0 })
  })

  it('of validity alone, and deletions, ask no validator', async () => {
    const never = single(() => ({ issues: [{ message: 'never' }] }))
    using folder = temporaryFolder()
    const path = folder.file('a.db')
    {
      await using plain = await openUniverse(path)
      await plain.commit('Start', (draft) => {
        draft.createEntities(['a', 'b'].map((id) => ({ entityType: 'Old', id })))
        draft.createRelation('R', 'a', 'b', {}, { id: 'r' })
      })
    }
    await using universe = await openUniverse(path, { schema: never })
    await universe.commit('Bounds', (draft) => {
      draft.changeEntity('a', [], { validFrom: 1 })
      draft.changeRelation('r', [], { validFrom: 1 })
    })
    const commit = () => universe.commit('x', (draft) => draft.updateEntity('a', {}))
    await expectRefused(universe, commit, { operation: 0, issues: [{ path: '/entityType' }] })
    await universe.commit('Gone', (draft) => draft.deleteEntity('a', { cascade: true }))

    expect(await universe.head.count()).toEqual({ entities: 1, relations: 0 })
  })
})

describe.each(dialects)('a retry under a schema on %s', (dialect) => {
  it('of a list is known by what was recorded of it', async () => {
    await using universe = await openCompany(dialect)
    const operations: Operation[] = [
      { op: 'createEntity', id: 'bob', entityType: 'Person', metadata: { name: ' Bob ' } },
      update('updateEntity', 'ada', [{ op: 'patch', path: '', patch: { name: ' Ada L. ', extra: 1 } }]),
      update('updateRelation', 'part', [{ op: 'patch', path: '', patch: { extra: 1 } }]),
    ]
    const version = await universe.commit('List', operations, { versionId: 'v' })
    await universe.commit('Meanwhile', (draft) => draft.deleteEntity('ada', { cascade: true }))

    expect(await universe.commit('List', operations, { versionId: 'v' })).toEqual(version)
    for (const others of [operations.slice(1), [...operations, update('updateEntity', 'bob', [])], []]) {
      await expectRefused(universe, () => universe.commit('List', others, { versionId: 'v' }), {
        code: 'ALREADY_EXISTS',
      })
    }
    const lost = [update('updateEntity', 'nobody', [])]
    await expectRefused(universe, () => universe.commit('List', lost, { versionId: 'v' }), { code: 'ALREADY_EXISTS' })
  })

  it('of the first version is known too', async () => {
    await using universe = await openTypedUniverseOn(dialect, { schema: company })
    const operations: Operation[] = [
      { op: 'createEntity', id: 'bob', entityType: 'Person', metadata: { name: ' Bob ' } },
      update('updateEntity', 'bob', [{ op: 'patch', path: '', patch: { extra: 1 } }]),
    ]
    const version = await universe.commit('List', operations, { versionId: 'v' })

    expect(await universe.commit('List', operations, { versionId: 'v' })).toEqual(version)
  })
})

describe.each(dialects)('a validator on %s', (dialect) => {
  it('may be of another library', async () => {
    const schema = defineSchema({
      entities: {
        City: v.object({ name: v.pipe(v.string(), v.trim(), v.minLength(1)), size: v.optional(v.number(), 0) }),
      },
      relations: { ROAD: { from: 'City', to: 'City', metadata: v.object({ km: v.number() }) } },
    })
    await using universe = await openTypedUniverseOn(dialect, { schema })
    await universe.commit('Valibot', (draft) => {
      const made = draft.createEntity('City', { name: ' Paris ' }, { id: 'paris' })
      expect(made.metadata).toEqual({ name: 'Paris', size: 0 })
      draft.createRelation('ROAD', made, made, { km: 1 })
    })
    const commit = () => universe.commit('x', (draft) => draft.updateEntity('paris', { name: ' ' }))
    await expectRefused(universe, commit, { operation: 0, issues: [{ path: '/metadata/name' }] })
  })

  it('that is asynchronous is refused, and what it ends with is nobody’s', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    const schema = defineSchema({
      entities: {
        Zod: z.object({ name: z.string().refine(async () => true) }),
        Good: byHand(() => Promise.resolve({ value: {} })),
        Bad: byHand(() => Promise.reject(new Error('later'))),
      },
    })
    await using universe = await openTypedUniverseOn(dialect, { schema })
    for (const type of ['Zod', 'Good', 'Bad'] as const) {
      const commit = () => universe.commit('x', (draft) => draft.createEntity(type, { name: 'x' }))
      await expectRefused(universe, commit, {
        code: 'VALIDATION',
        issues: [{ path: '/metadata', reason: expect.stringContaining('must be synchronous') }],
      })
    }
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('that throws, or answers with nothing known, is refused', async () => {
    const own = new Error('my own')
    const answers: [name: string, validate: () => unknown, reason: string][] = [
      ['throws', () => raise(own), 'the validator failed: my own'],
      ['throws text', () => raise('text'), 'the validator failed: text'],
      [
        'throws what cannot be told',
        () => raise(Object.create(null)),
        'the validator failed: it threw what is no error',
      ],
      ['answers with undefined', () => undefined, 'the validator failed'],
      ['answers with null', () => null, 'the validator failed'],
      ['answers without a value', () => ({}), 'must be a plain object, in what the validator returned'],
      ['answers with no issues', () => ({ issues: [] }), 'does not say why'],
      ['answers with issues that are none', () => ({ issues: 5 }), 'does not say why'],
      ['answers with an issue that is none', () => ({ issues: [null] }), 'the validator failed'],
      ['answers with a revoked proxy', () => ({ value: revoked() }), 'the validator failed'],
    ]
    for (const [name, validate, reason] of answers) {
      await using universe = await openTypedUniverseOn(dialect, { schema: single(validate) })
      const error = await expectRefused(universe, () => universe.commit('x', (draft) => draft.createEntity('T')), {
        code: 'VALIDATION',
        issues: [{ path: '/metadata', reason: expect.stringContaining(reason) }],
      })
      if (name === 'throws') expect(error.cause).toBe(own)
    }
  })

  it('that returns what metadata may not hold is refused, in creations and in updates', async () => {
    const outputs: [value: unknown, path: string, reason: string][] = [
      [new Date(), '', 'plain object'],
      [[], '', 'must be a plain object'],
      [{ at: new Date() }, '/at', 'is a Date'],
      [{ a: { 'b/c': 1n } }, '/a/b~1c', 'bigint'],
      [{ list: [undefined] }, '/list/0', 'undefined'],
      [{ n: Number.NaN }, '/n', 'NaN'],
      [{ text: '\ud800' }, '/text', 'surrogate'],
      [JSON.parse('{"__proto__":{}}'), '/__proto__', 'reserves'],
      [nested(65), '', 'must be a plain object'],
      [{ deep: nested(64) }, `/deep${'/0'.repeat(63)}`, 'deeper than 64 levels'],
      [{ long: 'x'.repeat(1_048_577) }, '', 'larger than'],
    ]
    for (const [value, path, reason] of outputs) {
      const schema = single((given) => ({ value: given.fine ? given : value }))
      await using universe = await openTypedUniverseOn(dialect, { schema })
      await universe.commit('Fine', (draft) => draft.createEntity('T', { fine: true }, { id: 'a' }))
      const issues = [{ path: `/metadata${path}`, reason: expect.stringContaining(reason) }]
      const calls = [
        () => universe.commit('x', (draft) => draft.createEntity('T')),
        () => universe.commit('x', (draft) => draft.updateEntity('a', { fine: null })),
        () => universe.commit('x', (draft) => draft.replaceEntity('a', {})),
        () => universe.commit('x', (draft) => draft.createRelation('R', 'a', 'a')),
      ]
      for (const call of calls) await expectRefused(universe, call, { code: 'VALIDATION', operation: 0, issues })
    }
  })

  it('may leave members undefined, and change what it is given: nothing stored is changed', async () => {
    const schema = single((value) => {
      const output = { ...value, gone: undefined }
      for (const key of Object.keys(value)) value[key] = 'meddled'
      ;(value.list as unknown) = ['meddled']
      return { value: output }
    })
    await using universe = await openTypedUniverseOn(dialect, { schema })
    const given = { n: 1, deep: { n: 1 } }
    await universe.commit('Meddle', (draft) => {
      draft.createEntity('T', given, { id: 'a' })
      draft.updateEntity('a', { m: 2 })
    })
    await universe.commit('Again', (draft) => draft.updateEntity('a', { k: 3 }))

    expect(given).toEqual({ n: 1, deep: { n: 1 } })
    expect((await universe.head.requireEntity('a')).metadata).toEqual({ k: 3, m: 2, n: 1, deep: { n: 1 } })
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('tells at most a hundred issues, by places of any kind', async () => {
    const path = [Symbol('s'), 0, { key: 'a/b' }]
    const issues = Array.from({ length: 1_000 }, () => ({ message: 'no', path }))
    await using universe = await openTypedUniverseOn(dialect, { schema: single(() => ({ issues })) })
    const error = await refusalOf(() => universe.commit('x', (draft) => draft.createEntity('T')))

    expect((error as unknown as { issues: unknown[] }).issues).toEqual(
      Array.from({ length: 100 }, () => ({ path: '/metadata/Symbol(s)/0/a~1b', reason: 'no' })),
    )
  })
})

describe.each(dialects)('reads under a schema on %s', (dialect) => {
  it('are as stored unless they are asked to be validated; then what breaks the schema is named', async () => {
    using folder = temporaryFolder()
    const path = folder.file(`${dialect}.db`)
    {
      await using plain = await openUniverse(path)
      await plain.commit('Before the schema', (draft) => {
        draft.createEntity('Person', { nickname: 'Ada' }, { id: 'ada' })
        draft.createEntity('Team', { size: 1 }, { id: 'team' })
        draft.createEntity('Robot', {}, { id: 'robot' })
        draft.createRelation('WORKS_AT', 'ada', 'team', { since: 'then' }, { id: 'job' })
        draft.createRelation('PART_OF', 'team', 'team', { year: 1 }, { id: 'part' })
        draft.createRelation('KNOWS', 'ada', 'ada', {}, { id: 'self' })
      })
    }
    await using loose = await openUniverse(path, { schema: company })
    expect((await loose.head.requireEntity('ada')).metadata).toEqual({ nickname: 'Ada' })

    await using strict = await openUniverse(path, { schema: company, validateReads: true })
    for (const view of [strict.head, strict.at(new Date()), strict.at('main')]) {
      const reads: [read: () => unknown, id: string, issue: object][] = [
        [() => view.entity('ada'), 'ada', { path: '/metadata/name' }],
        [() => view.requireEntity('robot'), 'robot', { path: '/entityType' }],
        [() => view.relation('job'), 'job', { path: '/metadata/since' }],
        [() => view.entities(), 'ada', { path: '/metadata/name' }],
        [() => view.relations(), 'job', { path: '/metadata/since' }],
        [() => collect(view.eachEntity()), 'ada', { path: '/metadata/name' }],
        [() => collect(view.eachRelation()), 'job', { path: '/metadata/since' }],
        [() => view.neighbours('ada', { relationType: 'WORKS_AT' }), 'job', { path: '/metadata/since' }],
        [() => view.neighbours('ada', { relationType: 'KNOWS' }), 'ada', { path: '/metadata/name' }],
        [() => view.traverse('ada').entities(), 'ada', { path: '/metadata/name' }],
        [() => collect(view.traverse('ada')), 'ada', { path: '/metadata/name' }],
        [() => view.traverse('ada').out('WORKS_AT').paths(), 'ada', { path: '/metadata/name' }],
        [() => view.shortestPath('ada', 'ada'), 'ada', { path: '/metadata/name' }],
        [() => view.subgraph('ada'), 'ada', { path: '/metadata/name' }],
        [() => view.toGraphology({ ids: ['ada'] }), 'ada', { path: '/metadata/name' }],
        [() => strict.history('ada'), 'ada', { path: '/metadata/name' }],
        [() => strict.diff({ time: 0 }, 'main'), 'ada', { path: '/metadata/name' }],
        [() => strict.materialise('main'), 'ada', { path: '/metadata/name' }],
        [() => strict.materialise('main', { from: 'deltas' }), 'ada', { path: '/metadata/name' }],
        [() => strict.commit('x', (draft) => draft.entity('ada')), 'ada', { path: '/metadata/name' }],
      ]
      for (const [read, id, issue] of reads) {
        const error = await refusalOf(read)
        expect(error, String(read)).toMatchObject({ code: 'VALIDATION', issues: [issue] })
        expect(error.message).toContain(`"${id}" breaks the schema`)
      }
      expect((await view.entities({ type: 'Team' })).items).toMatchObject([{ id: 'team', metadata: { size: 1 } }])
      // Its ends are not looked up: the metadata is that of one pair.
      expect((await view.relations({ type: ['PART_OF', 'KNOWS'] })).items).toHaveLength(2)
      expect(await view.entity('nobody')).toBeUndefined()
    }
  })

  it('show what is stored, not what a validator would make of it', async () => {
    await using universe = await openCompany(dialect, true)
    await universe.import([
      {
        ...{ version: 'next', parents: ['start'], timestamp: 9e15 },
        operations: [{ op: 'createEntity', id: 'raw', entityType: 'Person', metadata: { name: ' Raw ' } }],
      },
    ])

    expect((await universe.head.requireEntity('raw')).metadata).toEqual({ name: ' Raw ' })
  })

  it('name no pair where the metadata is that of none', async () => {
    await using universe = await openCompany(dialect, true)
    const operations: Operation[] = [
      { ...relation('PART_OF', 'team', 'acme', { color: 'red' }), id: 'odd' } as Operation,
    ]
    await universe.import([{ version: 'next', parents: ['start'], timestamp: 9e15, operations }])

    expect(await refusalOf(() => universe.head.relation('odd'))).toMatchObject({
      issues: [{ path: '/metadata/share' }, { path: '/metadata/year' }],
    })
  })
})

function relation(relationType: string, from: string, to: string, metadata: object): Operation {
  return { op: 'createRelation', id: 'relation', relationType, from, to, metadata: metadata as never }
}

function update<O extends 'updateEntity' | 'updateRelation'>(op: O, id: string, changes: Change[]) {
  return { op, id, changes }
}

function raise(error: unknown): never {
  throw error
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
