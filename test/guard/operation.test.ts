import { describe, expect, it } from 'vitest'
import { LimitExceededError, ValidationError } from '../../src/index.js'
import { checkOperationCount, operationGuard } from '../../src/model/operation.js'
import { refusedIds, refusedMoments, refusedValues, refusedWholes } from '../given/values.js'

const guard = operationGuard()
const entity = { op: 'createEntity', id: 'a', entityType: 'T', metadata: {} }
const relation = { op: 'createRelation', id: 'r', relationType: 'R', from: 'a', to: 'b', metadata: {} }
const update = (change: object) => ({ op: 'updateEntity', id: 'a', changes: [change] })

describe('the guard for operations', () => {
  it.each([
    entity,
    { ...entity, validFrom: -5, validTo: 5 },
    { ...entity, validFrom: 5, validTo: 5 },
    { ...entity, validFrom: -(2 ** 53) + 1, validTo: 2 ** 53 - 1 },
    relation,
    { op: 'deleteEntity', id: 'a' },
    { op: 'deleteRelation', id: 'a' },
    { op: 'updateRelation', id: 'a', changes: [], validFrom: null, validTo: null },
    update({ op: 'set', path: '', value: {} }),
    update({ op: 'set', path: '/a', value: null }),
    update({ op: 'delete', path: '/a' }),
    update({ op: 'insert', path: '', value: 1 }),
    update({ op: 'insert', path: '/a', index: 0, value: [1] }),
    update({ op: 'remove', path: '/a', index: 0 }),
    update({ op: 'patch', path: '', patch: { a: null } }),
  ])('lets pass %j, and nothing is added to it', (operation) => {
    expect(guard(operation)).toEqual(operation)
    expect(Object.keys(guard(operation))).toEqual(Object.keys(operation).sort())
  })

  it.each([
    [undefined],
    [null],
    [5],
    ['createEntity'],
    [[]],
    [[entity]],
    [() => entity],
    [{}],
    [{ op: 'dropEntity', id: 'a' }],
    [{ op: 'createEntity' }],
    [{ ...entity, op: ['createEntity'] }],
    [{ ...entity, color: 1 }],
    [{ ...entity, metadata: undefined }],
    [{ ...entity, validFrom: null }],
    [{ ...entity, validFrom: 6, validTo: 5 }],
    [{ ...relation, from: undefined }],
    [{ op: 'deleteEntity', id: 'a', cascade: true }],
    [{ op: 'updateEntity', id: 'a' }],
    [{ op: 'updateEntity', id: 'a', changes: {} }],
    [{ op: 'updateEntity', id: 'a', changes: [null] }],
    [{ op: 'updateEntity', id: 'a', changes: new Array(2) }],
    [{ op: 'updateEntity', id: 'a', changes: [], entityType: 'U' }],
    [{ op: 'updateRelation', id: 'a', changes: [], from: 'b' }],
    [update({ op: 'move', path: '/a', from: '/b' })],
    [update({ op: 'set', path: '/a' })],
    [update({ op: 'set', path: 'a', value: 1 })],
    [update({ op: 'set', path: '/a', value: 1, extra: 1 })],
    [update({ op: 'set', path: '/__proto__/x', value: 1 })],
    [update({ op: 'delete', path: '' })],
    [update({ op: 'insert', path: '/a', index: -1, value: 1 })],
    [update({ op: 'insert', path: '/a', index: 1.5, value: 1 })],
    [update({ op: 'insert', path: '/a', index: '0', value: 1 })],
    [update({ op: 'remove', path: '/a' })],
    [update({ op: 'patch', path: '', patch: [] })],
    [update({ op: 'patch', path: '', patch: null })],
    [JSON.parse('{"op":"deleteEntity","id":"a","__proto__":{}}')],
    [JSON.parse('{"op":"updateEntity","id":"a","changes":[{"op":"delete","path":"/a","__proto__":1}]}')],
    [{ ...entity, [Symbol('x')]: 1 }],
  ])('refuses %o', (operation) => {
    expect(() => guard(operation, 3)).toThrow(ValidationError)
    expect(() => guard(operation, 3)).toThrow(expect.objectContaining({ operation: 3 }))
  })

  it('refuses what cannot be read', () => {
    const no = () => {
      throw new Error('no')
    }

    expect(() => guard(Object.defineProperty({}, 'op', { enumerable: true, get: no }))).toThrow(ValidationError)
    expect(() => guard(new Proxy({}, { get: no }))).toThrow(ValidationError)
    expect(() => guard(new Proxy({}, { has: no, getOwnPropertyDescriptor: no, ownKeys: no }))).toThrow(ValidationError)
  })

  it.each(refusedIds)('refuses an id, a type or an end that is %s', (_name, id) => {
    for (const bad of [
      { ...entity, id },
      { ...entity, entityType: id },
      { ...relation, relationType: id },
    ]) {
      expect(() => guard(bad)).toThrow(ValidationError)
    }
    for (const bad of [
      { ...relation, from: id },
      { ...relation, to: id },
      { op: 'deleteEntity', id },
    ]) {
      expect(() => guard(bad)).toThrow(ValidationError)
    }
  })

  it.each(refusedMoments)('refuses %s as a bound of validity', (_name, moment) => {
    expect(() => guard({ ...entity, validFrom: moment })).toThrow(ValidationError)
    expect(() => guard({ op: 'updateRelation', id: 'a', changes: [], validTo: moment })).toThrow(ValidationError)
  })

  it.each(refusedValues)('refuses %s in every value', (_name, make) => {
    expect(() => guard({ ...entity, metadata: { a: make() } })).toThrow(ValidationError)
    expect(() => guard({ ...relation, metadata: { a: make() } })).toThrow(ValidationError)
    expect(() => guard(update({ op: 'set', path: '/a', value: [make()] }))).toThrow(ValidationError)
    expect(() => guard(update({ op: 'insert', path: '/a', value: { a: make() } }))).toThrow(ValidationError)
    expect(() => guard(update({ op: 'patch', path: '', patch: { a: make() } }))).toThrow(ValidationError)
  })

  it.each(refusedWholes)('refuses %s as metadata and as a merge patch', (_name, make) => {
    expect(() => guard({ ...entity, metadata: make() })).toThrow(ValidationError)
    expect(() => guard(update({ op: 'patch', path: '', patch: make() }))).toThrow(ValidationError)
  })

  it('turns −0 into 0 wherever a number may stand', () => {
    const passed = guard({ ...entity, metadata: { x: -0 }, validFrom: -0, validTo: -0 })

    expect(passed).toEqual({ ...entity, metadata: { x: 0 }, validFrom: 0, validTo: 0 })
  })

  it('names each issue by its place in the operation', () => {
    const bad = { ...entity, id: '', metadata: { tags: [1, Number.NaN] }, validFrom: 1.5 }
    const issues = (() => {
      try {
        return guard(bad)
      } catch (error) {
        return (error as ValidationError).issues.map(({ path }) => path)
      }
    })()

    expect(issues).toEqual(expect.arrayContaining(['/id', '/metadata/tags/1', '/validFrom']))
  })

  it('refuses a recorded operation of more than 4 MiB, where a single value may be larger too', () => {
    const wide = operationGuard({ maxDepth: 64, maxBytes: 16 * 1_048_576 })
    const text = 'x'.repeat(4 * 1_048_576)

    expect(() => wide({ ...entity, metadata: { a: text } })).toThrow(ValidationError)
    expect(() => wide(update({ op: 'set', path: '/a', value: text }))).toThrow(ValidationError)
    expect(() => wide({ ...entity, metadata: { a: text.slice(100) } })).not.toThrow()
  })

  it('ends soon on a list of changes that is long and empty', () => {
    const start = performance.now()
    expect(() => guard({ op: 'updateEntity', id: 'a', changes: new Array(1_000_000) })).toThrow(ValidationError)
    expect(performance.now() - start).toBeLessThan(1_000)
  })

  it('allows 1,000,000 operations a version', () => {
    expect(() => checkOperationCount(1_000_000)).not.toThrow()
    expect(() => checkOperationCount(1_000_001)).toThrow(LimitExceededError)
  })
})
