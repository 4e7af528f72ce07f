import { describe, expect, it } from 'vitest'
import { ValidationError } from '../../src/index.js'
import { operationGuard } from '../../src/model/operation.js'
import { guardRecord } from '../../src/model/record.js'
import { refusedIds, refusedMoments, refusedValues } from '../given/values.js'

const guard = (record: unknown) => guardRecord(record, 7, operationGuard())
const record = { version: 'v1', parents: [], timestamp: 0, operations: [] }

describe('the guard for records', () => {
  it('fills in what may be missing', () => {
    expect(guard(record)).toEqual({
      ...record,
      owner: 'local',
      description: '',
      branches: [],
      metadata: null,
    })
    const create = { op: 'createEntity', id: 'a', entityType: 'T' }
    expect(guard({ ...record, operations: [create] }).operations).toEqual([{ ...create, metadata: {} }])
    expect(guard({ ...record, branch: 'main' }).branches).toEqual(['main'])
    expect(guard({ ...record, branch: ['main', 'x'] }).branches).toEqual(['main', 'x'])
  })

  it.each([
    [null],
    [5],
    ['{}'],
    [[]],
    [{}],
    [{ ...record, version: undefined }],
    [{ ...record, parents: undefined }],
    [{ ...record, parents: 'v0' }],
    [{ ...record, parents: ['v0', 'v0'] }],
    [{ ...record, operations: undefined }],
    [{ ...record, operations: {} }],
    [{ ...record, operations: [null] }],
    [{ ...record, operations: [{ op: 'x' }] }],
    [{ ...record, branch: 5 }],
    [{ ...record, branch: '-x' }],
    [{ ...record, branch: ['x', ''] }],
    [{ ...record, metadata: [] }],
    [{ ...record, metadata: 'x' }],
    [{ ...record, description: 5 }],
    [{ ...record, description: 'a\u0000' }],
    [{ ...record, description: '\ud800' }],
    [{ ...record, sequence: 1 }],
    [{ ...record, date: '2024-01-01' }],
    [JSON.parse('{"version":"v1","parents":[],"timestamp":0,"operations":[],"__proto__":{}}')],
  ])('refuses %o with its line', (bad) => {
    expect(() => guard(bad)).toThrow(ValidationError)
    expect(() => guard(bad)).toThrow(expect.objectContaining({ line: 7 }))
  })

  it('refuses what cannot be read', () => {
    const get = () => {
      throw new Error('no')
    }

    expect(() => guard(Object.defineProperty({ ...record }, 'owner', { enumerable: true, get }))).toThrow(
      ValidationError,
    )
    expect(() => guard(new Proxy({}, { get }))).toThrow(ValidationError)
  })

  it.each(refusedIds)('refuses a version, a parent, an owner or a branch that is %s', (_name, id) => {
    for (const bad of [{ version: id }, { parents: [id] }, { owner: id }, { branch: [id] }]) {
      expect(() => guard({ ...record, ...bad })).toThrow(ValidationError)
    }
  })

  it.each(refusedMoments)('refuses %s as a timestamp', (_name, timestamp) => {
    expect(() => guard({ ...record, timestamp })).toThrow(ValidationError)
  })

  it.each(refusedValues)('refuses %s in the metadata of the version and of its operations', (_name, make) => {
    const operations = [
      { op: 'deleteEntity', id: 'z' },
      { op: 'createEntity', id: 'a', entityType: 'T', metadata: { a: make() } },
    ]
    expect(() => guard({ ...record, metadata: { a: make() } })).toThrow(ValidationError)
    expect(() => guard({ ...record, operations })).toThrow(expect.objectContaining({ line: 7, operation: 1 }))
  })
})
