import { describe, expect, it } from 'vitest'
import { where } from '../../src/cli/where.js'
import { openUniverse } from '../../src/index.js'

describe('--where', () => {
  it('reads each operator, a path on its left and a value on its right', () => {
    const wanted: [string, object][] = [
      ['address.city=Paris', { 'address.city': { eq: 'Paris' } }],
      [' age >= 18 ', { age: { gte: 18 } }],
      ['age<=65', { age: { lte: 65 } }],
      ['age>1', { age: { gt: 1 } }],
      ['age<1.5e3', { age: { lt: 1_500 } }],
      ['name!=', { name: { ne: '' } }],
      ['name~da', { name: { contains: 'da' } }],
      ['name^=75', { name: { startsWith: '75' } }],
      ['name$="x y"', { name: { endsWith: 'x y' } }],
      ['city in Paris, Rome,3', { city: { in: ['Paris', 'Rome', 3] } }],
      ['city in ["a,b"]', { city: { in: ['a,b'] } }],
      ['city not  in Paris', { city: { notIn: ['Paris'] } }],
      ['/a~1b=1', { '/a': { contains: '1b=1' } }],
      ['"/a~1b"=1', { '/a~1b': { eq: 1 } }],
      ['margin in=3', { 'margin in': { eq: 3 } }],
      ['"a=b" = null', { 'a=b': { eq: null } }],
      ['tags=["a"]', { tags: { eq: ['a'] } }],
      ['on=true', { on: { eq: true } }],
      ['on="true"', { on: { eq: 'true' } }],
      ['text={a', { text: { eq: '{a' } }],
      ['a=b=c', { a: { eq: 'b=c' } }],
      ['text=two\nlines', { text: { eq: 'two\nlines' } }],
    ]
    expect(wanted.map(([text]) => where(text))).toEqual(wanted.map(([, filter]) => filter))
  })

  it('gathers several conditions, also of one path', () => {
    const both = where('age<65', where('age>=18', where('name~a')))
    expect(both).toEqual({ name: { contains: 'a' }, age: { gte: 18, lt: 65 } })
    expect(() => where('age>=20', both)).toThrow('given twice')
  })

  it('refuses what is no condition, and a number that would not keep its digits', () => {
    for (const text of ['', 'age', '=1', 'city in', 'Paris', '1"="2"x']) {
      if (text === '1"="2"x') expect(where(text)).toEqual({ '1"': { eq: '"2"x' } })
      else expect(() => where(text)).toThrow('a path, an operator and a value')
    }
    expect(() => where('n=9007199254740993')).toThrow('9007199254740993')
    expect(where('n=100000000000000000000')).toEqual({ n: { eq: 1e20 } })
  })

  it('means what the library means by it', async () => {
    await using universe = await openUniverse(':memory:')
    await universe.commit('People', (draft) => {
      draft.createEntity('Person', { age: 36, address: { city: 'Paris' }, tags: ['a'] }, { id: 'ada' })
      draft.createEntity('Person', { age: '36', address: { city: 'Rome' } }, { id: 'bob' })
    })
    const found = async (text: string) => {
      const { items } = await universe.head.entities({ metadata: where(text) })
      return items.map(({ id }) => id)
    }
    expect(await found('age=36')).toEqual(['ada'])
    expect(await found('age="36"')).toEqual(['bob'])
    expect(await found('address.city in Paris,Rome')).toEqual(['ada', 'bob'])
    expect(await found('/address/city$=e')).toEqual(['bob'])
    expect(await found('tags~a')).toEqual(['ada'])
  })
})
