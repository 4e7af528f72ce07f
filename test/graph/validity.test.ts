import { beforeEach, describe, expect, it } from 'vitest'
import { collect, idsOf, pagesOf } from '../given/collect.js'
import { fork } from '../given/fork.js'
import { refusalOf } from '../given/refused.js'
import { refusedMoments } from '../given/values.js'
import { dialects, openUniverseOn, type Universe, type View } from '../model/open.js'

describe.each(dialects)('views valid at a moment on %s', (dialect) => {
  let universe: Universe
  beforeEach(async () => {
    universe = await openUniverseOn(dialect)
    return () => universe.close()
  })

  /** Ada is employed from 10 to 20, acme exists since 15, bob always. */
  const employ = () =>
    universe.commit(
      'Employed',
      (draft) => {
        draft.createEntity('Person', { tags: ['x'], n: 1 }, { id: 'ada', validFrom: 0, validTo: 30 })
        draft.createEntity('Company', { tags: ['x'] }, { id: 'acme', validFrom: 15 })
        draft.createEntity('Person', { tags: ['x'] }, { id: 'bob' })
        draft.createRelation('WORKS_AT', 'ada', 'acme', {}, { id: 'job', validFrom: 10, validTo: 20 })
        draft.createRelation('KNOWS', 'bob', 'ada', {}, { id: 'knows' })
        draft.createRelation('KNOWS', 'bob', 'bob', {}, { id: 'never', validFrom: 7, validTo: 7 })
      },
      { versionId: 'v1', timestamp: 100 },
    )

  async function shown(view: View) {
    const entities = idsOf(await collect(view.eachEntity()))
    const relations = idsOf(await collect(view.eachRelation()))
    expect(await view.count()).toEqual({ entities: entities.length, relations: relations.length })
    return [...entities, ...relations].join(' ')
  }

  it('begin with the first moment of an element and end before its last', async () => {
    await employ()
    const at = (moment: number | Date) => shown(universe.head.validAt(moment))

    expect(await at(-1)).toBe('bob')
    expect(await at(0)).toBe('ada bob knows')
    expect(await at(7)).toBe('ada bob knows')
    expect(await at(14.5)).toBe('ada bob knows')
    expect(await at(15)).toBe('acme ada bob job knows')
    expect(await at(new Date(19))).toBe('acme ada bob job knows')
    expect(await at(20)).toBe('acme ada bob knows')
    expect(await at(29)).toBe('acme ada bob knows')
    expect(await at(30)).toBe('acme bob')
    expect(await shown(universe.head)).toBe('acme ada bob job knows never')
  })

  it('have every method of a view, each of what is valid alone', async () => {
    await employ()
    for (const view of [
      universe.head,
      universe.at('v1'),
      universe.at({ time: 100 }),
      universe.at({ branch: 'main' }),
    ]) {
      const at = view.validAt(12)
      expect(await at.entity('ada')).toEqual(await view.entity('ada'))
      expect([await at.entity('acme'), await at.relation('job')]).toEqual([undefined, undefined])
      expect(await at.relation('knows')).toEqual(await view.relation('knows'))
      expect(await refusalOf(() => at.requireEntity('acme'))).toMatchObject({ code: 'NOT_FOUND', id: 'acme' })
      expect((await at.neighbours('ada', { direction: 'both' })).items).toMatchObject([{ relation: { id: 'knows' } }])
      expect((await at.neighbours('acme', { direction: 'in' })).items).toEqual([])
      expect([await at.degree('ada'), await at.degree('ada', { direction: 'both' })]).toEqual([0, 1])
      expect(await at.degree('bob', { direction: 'both', relationType: 'KNOWS' })).toBe(1)
      expect(idsOf((await at.entities({ tag: 'x' })).items)).toEqual(['ada', 'bob'])
      expect(idsOf((await at.entities({ tag: 'x', order: 'desc', orderBy: 'createdAt' })).items)).toEqual([
        'bob',
        'ada',
      ])
      expect(idsOf((await at.entities({ ids: ['acme', 'bob'] })).items)).toEqual(['bob'])
      expect(idsOf((await at.entities({ type: 'Company' })).items)).toEqual([])
      expect(idsOf((await at.relations({ touching: 'ada' })).items)).toEqual(['knows'])
      expect(idsOf((await at.relations({ from: 'ada' })).items)).toEqual([])
      expect(idsOf((await at.relations({ ids: ['job', 'knows', 'never'] })).items)).toEqual(['knows'])
      expect(await at.count({ tag: 'x' })).toEqual({ entities: 2, relations: 0 })
      expect(await at.count({ metadata: { n: { ne: 1 } } })).toEqual({ entities: 1, relations: 1 })
      const both = { direction: 'both', entityType: ['Company', 'Person'] } as const
      expect((await view.validAt(15).neighbours('ada', both)).items).toHaveLength(2)
      expect((await view.validAt(15).neighbours('ada', { ...both, entityType: 'Company' })).items).toHaveLength(1)
    }
  })

  it('tell what was believed on a version of a moment', async () => {
    await employ()
    await universe.commit(
      'She stayed longer',
      (draft) => {
        draft.updateRelation('job', {}, { validTo: null })
        draft.updateEntity('acme', { name: 'Acme' }, { validFrom: 5, validTo: 25 })
      },
      { versionId: 'v2', timestamp: 200 },
    )
    await universe.commit('Gone', (draft) => draft.deleteEntity('acme', { cascade: true }), { timestamp: 300 })
    const job = async (view: View, moment: number) => (await view.validAt(moment).relation('job'))?.id

    expect([await job(universe.at('v1'), 12), await job(universe.at('v1'), 22)]).toEqual([undefined, undefined])
    expect([await job(universe.at('v2'), 12), await job(universe.at('v2'), 22)]).toEqual(['job', 'job'])
    expect([await job(universe.at({ time: 199 }), 15), await job(universe.at({ time: 199 }), 22)]).toEqual([
      'job',
      undefined,
    ])
    expect(await job(universe.head, 15)).toBeUndefined()
    const [neighbour] = (await universe.at('v2').validAt(22).neighbours('ada')).items
    expect(neighbour?.entity).toEqual(await universe.at('v2').entity('acme'))
    expect(await universe.at('v2').validAt(25).neighbours('ada')).toEqual({ items: [] })
  })

  it('follow a branch, and are there in a draft', async () => {
    await employ()
    await fork(universe, 'x', 'v1')
    const onX = universe.at('x').validAt(16)
    expect(await shown(onX)).toBe('acme ada bob job knows')
    await universe.commit(
      'On x',
      async (draft) => {
        expect(await shown(draft.base.validAt(12))).toBe('ada bob knows')
        draft.updateEntity('ada', {}, { validTo: 16 })
        draft.createEntity('Person', {}, { id: 'cy', validFrom: 16, validTo: 17 })
        draft.createRelation('KNOWS', 'cy', 'bob', {}, { id: 'new' })
      },
      { branch: 'x' },
    )

    expect(await shown(onX)).toBe('acme bob cy new')
    expect(await shown(universe.head.validAt(16))).toBe('acme ada bob job knows')
    expect(await shown(universe.at('x').validAt(17))).toBe('acme bob')
    expect(idsOf((await onX.neighbours('bob', { direction: 'both' })).items.map(({ entity }) => entity))).toEqual([
      'cy',
    ])
  })

  it('take the last moment that was given, and leave the view that they came from as it is', async () => {
    await employ()
    const view = universe.head.validAt(-1)

    expect(await shown(view.validAt(15))).toBe('acme ada bob job knows')
    expect(await shown(view)).toBe('bob')
    expect(await shown(universe.head)).toBe('acme ada bob job knows never')
    expect(await shown(universe.at('v1').validAt(15).validAt(-1))).toBe('bob')
  })

  it('are read over pages as of one version, at one moment', async () => {
    await employ()
    const ids = Array.from({ length: 30 }, (_, n) => `e${`${n}`.padStart(2, '0')}`)
    await universe.commit('Many', (draft) => {
      for (const [n, id] of ids.entries()) {
        draft.createEntity('T', {}, { id, validFrom: n })
        draft.createRelation('R', 'bob', id, {}, { id: `r${id}` })
      }
    })
    const view = universe.head.validAt(19)
    const read = await pagesOf(async (next) => {
      const page = await view.entities({ type: 'T', limit: 3, ...next })
      await universe.commit('Meanwhile', (draft) => {
        for (const { id } of page.items) draft.updateEntity(id, {}, { validTo: 5_000, validFrom: 4_000 })
        draft.createEntity('T', {})
      })
      return page
    })
    expect(idsOf(read)).toEqual(ids.slice(0, 20))
    const { cursor } = await universe.head.validAt(4_500).neighbours('bob', { limit: 4 })
    expect((await universe.head.validAt(4_500).neighbours('bob', { limit: 1_000, cursor })).items).toHaveLength(26)
  })

  it('refuse a cursor of another moment, or of the whole view', async () => {
    await employ()
    const view = universe.head.validAt(16)
    const { cursor } = await view.entities({ limit: 1 })
    const near = (await view.neighbours('ada', { direction: 'both', limit: 1 })).cursor
    const whole = (await universe.head.entities({ limit: 1 })).cursor
    const refuse = async (call: () => unknown) =>
      expect(await refusalOf(call)).toMatchObject({ code: 'VALIDATION', issues: [{ path: '/cursor' }] })

    for (const other of [universe.head, universe.head.validAt(17), universe.at('v1'), universe.at('v1').validAt(15)]) {
      await refuse(() => other.entities({ limit: 1, cursor }))
      await refuse(() => collect(other.eachEntity({ cursor })))
      await refuse(() => other.neighbours('ada', { direction: 'both', limit: 1, cursor: near }))
    }
    await refuse(() => view.entities({ limit: 1, cursor: whole }))
    for (const same of [view, universe.head.validAt(new Date(16)), universe.at('v1').validAt(16)]) {
      expect(idsOf((await same.entities({ cursor })).items)).toEqual(['ada', 'bob'])
      const rest = await same.neighbours('ada', { direction: 'both', cursor: near })
      expect(rest.items).toMatchObject([{ relation: { id: 'knows' } }])
    }
  })

  it('refuse what is no moment', async () => {
    for (const bad of [...refusedMoments.slice(1).map(([, moment]) => moment), null, undefined, {}, [], '5']) {
      expect(await refusalOf(() => universe.head.validAt(bad as number))).toMatchObject({ code: 'VALIDATION' })
    }
    expect(await refusalOf(() => universe.at('nowhere').validAt(5).count())).toMatchObject({ code: 'NOT_FOUND' })
    expect(await universe.head.validAt(5).count()).toEqual({ entities: 0, relations: 0 })
  })
})
