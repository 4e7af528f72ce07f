import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Path } from '../../src/index.js'
import { collect, idsOf } from '../given/collect.js'
import { refusalOf } from '../given/refused.js'
import { makeTown, type Town } from '../given/town.js'
import { dialects, openUniverseOn } from '../model/open.js'

describe.each(dialects)('traversals on %s', (dialect) => {
  let town: Town
  beforeAll(async () => {
    town = await makeTown(dialect)
  })
  afterAll(() => town.universe.close())

  it('end at the distinct entities of their last step, by id', async () => {
    const { past } = town
    expect(await past.traverse('ada').out('KNOWS').ids()).toEqual(['ada', 'bob'])
    expect(await past.traverse('ada').out('KNOWS').out('KNOWS').ids()).toEqual(['ada', 'bob', 'cy'])
    expect(await past.traverse('ada').out('WORKS_AT').in('WORKS_AT').ids()).toEqual(['ada', 'cy'])
    expect(await past.traverse('dan').both().ids()).toEqual(['cy'])
    expect(await past.traverse('bob').out(['KNOWS', 'WORKS_AT']).ids()).toEqual(['cy', 'mill'])
    expect(await past.traverse('bob').out([]).ids()).toEqual([])
    expect(await past.traverse('bob').out('knows').ids()).toEqual([])
  })

  it('answer as entities, ids, a count and a stream alike', async () => {
    const friends = town.past.traverse('ada').out('KNOWS').out()
    const ids = ['acme', 'ada', 'bob', 'cy', 'mill']

    expect(await friends.entities()).toEqual(await Promise.all(ids.map((id) => town.past.entity(id))))
    expect(await friends.ids()).toEqual(ids)
    expect(await friends.count()).toBe(5)
    expect(idsOf(await collect(friends))).toEqual(ids)
    expect(idsOf(await friends.entities({ limit: 2 }))).toEqual(['acme', 'ada'])
    expect(await friends.ids({ limit: 100 })).toEqual(ids)
  })

  it('are as of the view at every hop, in every filter, and in what they end at', async () => {
    const ask = (view: Town['past']) => view.traverse('bob').out('KNOWS').out('KNOWS')
    expect([await ask(town.past).ids(), await ask(town.head).ids()]).toEqual([['ada', 'dan'], []])
    const dan = town.past
      .traverse('cy')
      .out('KNOWS')
      .where({ ids: ['dan'] })
    expect((await dan.entities())[0]?.metadata.age).toBe(1)
    expect(await dan.where({ tag: 'lead' }).count()).toBe(0)
    expect(await town.head.traverse('cy').out('KNOWS').where({ tag: 'lead' }).ids()).toEqual(['dan'])
    expect(await town.past.traverse('mill').where({ type: 'Company' }).count()).toBe(1)
    expect(await town.head.traverse('mill').where({ type: 'Company' }).count()).toBe(0)
  })

  it('filter what a step has reached, and go on from what is left', async () => {
    const { past } = town
    expect(await past.traverse('ada').both('KNOWS').where({ tag: 'lead' }).out('WORKS_AT').ids()).toEqual(['acme'])
    expect(
      await past
        .traverse('bob')
        .out()
        .where({ type: ['Company', 'Robot'] })
        .ids(),
    ).toEqual(['mill'])
    expect(
      await past
        .traverse('bob')
        .out()
        .where({ type: 'Company', ids: ['cy'] })
        .ids(),
    ).toEqual([])
    expect(
      await past
        .traverse('bob')
        .out()
        .where({ createdAfter: 0, createdBefore: new Date(8e15) })
        .count(),
    ).toBe(2)
    expect(await past.traverse('bob').out().where({ createdBefore: 0 }).count()).toBe(0)
    expect(await past.traverse('bob').where({}).where({ type: 'Person' }).ids()).toEqual(['bob'])
  })

  it('take only short strings in the list `tags` for tags', async () => {
    await using universe = await openUniverseOn(dialect)
    const long = 'é'.repeat(257)
    await universe.commit('Tags', (draft) => {
      draft.createEntity('T', { tags: ['x', 1, null, ['y'], long] }, { id: 'a' })
      draft.createEntity('T', { tags: 'x' }, { id: 'b' })
      draft.createEntity('T', { tags: { 0: 'x' } }, { id: 'c' })
    })
    const tagged = (tag: string) => universe.head.traverse(['a', 'b', 'c']).where({ tag }).ids()

    expect(await tagged('x')).toEqual(['a'])
    for (const tag of ['1', 'null', 'y', long, '']) expect(await tagged(tag)).toEqual([])
  })

  it('start at an id, an entity, several of either, or a type with these', async () => {
    const { past } = town
    const ada = await past.requireEntity('ada')
    expect(await past.traverse(ada).out('WORKS_AT').ids()).toEqual(['acme'])
    expect(await past.traverse([ada, 'bob', 'bob', 'nobody']).out('WORKS_AT').ids()).toEqual(['acme', 'mill'])
    expect(await past.traverse(new Set(['bob'])).ids()).toEqual(['bob'])
    expect(await past.traverse('Person', 'ada').out('WORKS_AT').ids()).toEqual(['acme'])
    expect(await past.traverse('Person', [ada, 'bob']).count()).toBe(2)
    expect(await past.traverse([]).out().ids()).toEqual([])
    expect(await past.traverse('ada').ids()).toEqual(['ada'])
  })

  it('from what is not there lead nowhere, and are no error', async () => {
    const { past } = town
    for (const id of ['nobody', 'k1', '', '\ud800']) {
      expect(await past.traverse(id).ids()).toEqual([])
      expect(await past.traverse(id).both().count()).toBe(0)
      expect(await past.traverse('Person', id).out().paths()).toEqual([])
    }
    expect(await collect(past.traverse('nobody').out())).toEqual([])
  })

  it('refuse a start of another type than was said', async () => {
    const { past, head } = town
    const error = await refusalOf(() => past.traverse('Person', ['ada', 'acme']).out().entities())
    expect(error).toMatchObject({
      code: 'VALIDATION',
      issues: [{ reason: 'entity "acme" is of type "Company", not "Person"' }],
    })
    expect(await past.traverse('Company', 'mill').ids()).toEqual(['mill'])
    expect(await refusalOf(() => head.traverse('Company', 'mill').count())).toMatchObject({ code: 'VALIDATION' })
    expect(await refusalOf(() => head.traverse('Company', 'mill').paths())).toMatchObject({ code: 'VALIDATION' })
    expect(await refusalOf(() => collect(head.traverse('Company', 'mill')))).toMatchObject({ code: 'VALIDATION' })
  })

  const said = (paths: Path[]) =>
    paths.map(({ entities, relations }) => `${idsOf(relations).join(' ')} | ${idsOf(entities).join(' ')}`)

  it('tell each way to their end, by start and relations, parallels each, a loop once', async () => {
    const { past } = town
    expect(said(await past.traverse('ada').out('KNOWS').paths())).toEqual([
      'k1 | ada bob',
      'k2 | ada bob',
      'k6 | ada ada',
    ])
    expect(
      said(
        await past
          .traverse(['cy', 'ada'])
          .both('KNOWS')
          .where({ type: 'Person', ids: ['ada'] })
          .paths(),
      ),
    ).toEqual(['k6 | ada ada', 'k4 | cy ada'])
    expect(said(await past.traverse('ada').out('KNOWS').out('WORKS_AT').paths())).toEqual([
      'k1 w2 | ada bob mill',
      'k2 w2 | ada bob mill',
      'k6 w1 | ada ada acme',
    ])
    expect(said(await past.traverse('ada').out('WORKS_AT').in('WORKS_AT').paths())).toEqual([
      'w1 w1 | ada acme ada',
      'w1 w3 | ada acme cy',
    ])
    expect(said(await past.traverse('ada').paths())).toEqual([' | ada'])
    expect(said(await town.head.traverse('ada').out('KNOWS').out('WORKS_AT').paths())).toEqual(['k6 w1 | ada ada acme'])
  })

  it('tell as many ways as they are asked for, a hundred unless more', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Parallels', (draft) => {
      for (const id of ['a', 'b', 'c', 'dead end']) draft.createEntity('T', {}, { id })
      for (let n = 0; n < 40; n++) {
        draft.createRelation('R', 'a', 'b', {}, { id: `r${n + 10}` })
        draft.createRelation('R', 'a', 'dead end', {}, { id: `d${n}` })
        draft.createRelation('S', 'b', 'c', {}, { id: `s${n + 10}` })
      }
    })
    const two = universe.head.traverse('a').out('R').out('S')
    const ways = Array.from({ length: 1_600 }, (_, n) => `r${Math.floor(n / 40) + 10} s${(n % 40) + 10} | a b c`)

    expect(said(await two.paths())).toEqual(ways.slice(0, 100))
    for (const limit of [1, 39, 41, 1_599]) expect(said(await two.paths({ limit }))).toEqual(ways.slice(0, limit))
    for (const limit of [1_600, 5_000, Number.MAX_SAFE_INTEGER]) expect(said(await two.paths({ limit }))).toEqual(ways)
  })

  it('grow into new questions and leave the old ones as they were', async () => {
    const start = town.past.traverse('ada')
    const friends = start.out('KNOWS')
    expect(await friends.out('KNOWS').count()).toBe(3)
    expect(await friends.ids()).toEqual(['ada', 'bob'])
    expect(await start.ids()).toEqual(['ada'])
  })

  it('may have any number of hops', async () => {
    let around = town.past.traverse('ada')
    for (let hop = 0; hop < 300; hop++) around = around.out('KNOWS').where({ ids: ['ada', 'bob', 'cy'] })
    expect(await around.ids()).toEqual(['ada', 'bob', 'cy'])
    let back = town.past.traverse('ada')
    for (let hop = 0; hop < 500; hop++) back = back.out('KNOWS').in('KNOWS')
    expect(await back.ids()).toEqual(['ada', 'cy'])
    expect((await back.paths({ limit: 1 }))[0]?.relations).toHaveLength(1_000)
  })

  it('may have sixty-four different steps, and say so where there are more', async () => {
    let many = town.past.traverse('ada')
    for (let hop = 0; hop < 64; hop++) many = many.both(['KNOWS', `T${hop}`])
    expect(await many.count()).toBe(4)
    const error = await refusalOf(() => many.out().count())
    expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', maximum: 64 })
  })

  it('of a branch read its newest version, each call one state', async () => {
    await using universe = await openUniverseOn(dialect)
    const live = universe.at('main').traverse('hub').out()
    expect(await live.ids()).toEqual([])
    await universe.commit('One', (draft) => {
      draft.createEntity('T', {}, { id: 'hub' })
      for (let n = 0; n < 1_500; n++)
        draft.createRelation('R', 'hub', draft.createEntity('T', {}, { id: `e${n + 1_000}` }))
    })
    const seen: string[] = []
    for await (const { id } of live) {
      if (seen.push(id) === 500) {
        await universe.commit('Meanwhile', (draft) => {
          draft.deleteEntity('e2400', { cascade: true })
          draft.createRelation('R', 'hub', draft.createEntity('T', {}, { id: 'e9999' }))
        })
      }
    }
    expect(seen).toEqual(Array.from({ length: 1_500 }, (_, n) => `e${n + 1_000}`))
    expect(await live.count()).toBe(1_500)
  })

  it('refuse what is no start, no type, no filter and no option', async () => {
    const { past } = town
    const invalid = expect.objectContaining({ code: 'VALIDATION' })
    for (const start of [undefined, null, 5, {}, [5], [undefined], { id: 7 }]) {
      expect(() => past.traverse(start as never), String(start)).toThrow(invalid)
      expect(() => past.traverse('Person', start as never)).toThrow(invalid)
    }
    expect(() => past.traverse(5 as never, 'ada')).toThrow(invalid)
    for (const type of [5, null, {}, [5], '\ud800']) {
      for (const step of ['out', 'in', 'both'] as const) {
        expect(() => past.traverse('ada')[step](type as never), String(type)).toThrow(invalid)
      }
    }
    for (const filter of [
      null,
      5,
      { tpye: 'x' },
      { type: 5 },
      { limit: 5 },
      { orderBy: 'id' },
      { cursor: 'x' },
      { offset: 1 },
    ]) {
      expect(() => past.traverse('ada').where(filter as never), JSON.stringify(filter)).toThrow(invalid)
    }
    for (const options of [null, 5, { limit: 0 }, { limit: 1.5 }, { limit: '5' }, { cursor: 'x' }, { deadline: -1 }]) {
      for (const ask of ['entities', 'ids', 'paths', 'count'] as const) {
        const refused = await refusalOf(() =>
          past
            .traverse('ada')
            .out()
            [ask](options as never),
        )
        expect(refused, `${ask} ${JSON.stringify(options)}`).toMatchObject({ code: 'VALIDATION' })
      }
    }
    expect(await refusalOf(() => town.universe.at('nowhere').traverse('ada').ids())).toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})
