import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Entity, Relation } from '../../src/index.js'
import { DataHash, eventHash, operationsHash, versionHash } from '../../src/state/hash.js'
import { dialects, openUniverseOn } from '../model/open.js'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const times = { createdAt: 1, updatedAt: 2 }
const entity: Entity = { id: 'a"', entityType: 'T', metadata: { n: 1 }, ...times, validTo: 7 }
const relation: Relation = { id: 'r', relationType: 'R', from: 'a"', to: 'b', metadata: {}, ...times, validFrom: -1 }

describe('the data hash', () => {
  it('is the digest of the one element that stands, whatever its timestamps', () => {
    const hash = DataHash.empty()
    expect(hash.toString()).toBe('0'.repeat(64))
    hash.add(entity, '{"n":1}')
    expect(hash.toString()).toBe(sha256('["entity","a\\"","T",{"n":1},null,7]'))
    hash.subtract(entity, '{"n":1}')
    hash.add(relation, '{}')
    expect(hash.toString()).toBe(sha256('["relation","r","R","a\\"","b",{},-1,null]'))
  })

  it('adds modulo 2²⁵⁶, with every carry and borrow', () => {
    const top = DataHash.parse('f'.repeat(64))
    const one = DataHash.parse(`${'0'.repeat(63)}1`)
    const digest = BigInt(`0x${sha256('["entity","a\\"","T",{"n":1},null,7]')}`)
    for (const hash of [top, one, DataHash.parse(`${'0'.repeat(32)}${'f'.repeat(32)}`), DataHash.empty()]) {
      const before = BigInt(`0x${hash}`)
      hash.add(entity, '{"n":1}')
      expect(BigInt(`0x${hash}`)).toBe((before + digest) % 2n ** 256n)
      hash.subtract(entity, '{"n":1}')
      expect(BigInt(`0x${hash}`)).toBe(before)
      hash.subtract(entity, '{"n":1}')
      expect(BigInt(`0x${hash}`)).toBe((before - digest + 2n ** 256n) % 2n ** 256n)
    }
  })
})

describe('the other hashes', () => {
  it('are SHA-256 of what the format says', () => {
    expect(operationsHash([])).toBe(sha256(''))
    expect(operationsHash(['{"a":1}', '{}'])).toBe(sha256('{"a":1}\n{}\n'))
    const facts = { version: 'v', parents: ['p'], timestamp: 1, owner: 'o', description: 'd', dataHash: 'h' }
    expect(versionHash({ ...facts, metadata: null, operationsHash: 'x' })).toBe(
      sha256(
        '{"dataHash":"h","description":"d","metadata":null,"operationsHash":"x","owner":"o","parents":["p"],"timestamp":1,"version":"v"}',
      ),
    )
    const event = { actor: 'a', data: null, eventId: 'e', source: null, timestamp: 1, type: 'T' }
    const text = '{"actor":"a","data":null,"eventId":"e","source":null,"timestamp":1,"type":"T"}'
    expect(eventHash(null, event)).toBe(sha256(`${'0'.repeat(64)}\n${text}`))
    expect(eventHash('ff', event)).toBe(sha256(`ff\n${text}`))
  })
})

describe.each(dialects)('equal content on %s', (dialect) => {
  it('has equal data hashes, however it came to be', async () => {
    await using one = await openUniverseOn(dialect)
    await using other = await openUniverseOn(dialect)
    await one.commit('Straight', (draft) => {
      draft.createEntity('T', { a: 1, b: { d: 2, c: 3 } }, { id: 'x' })
      draft.createEntity('T', {}, { id: 'y', validFrom: 3 })
    })
    await other.commit('Crooked', (draft) => {
      draft.createEntity('U', {}, { id: 'y' })
      draft.createEntity('T', { b: { c: 3 }, z: 1 }, { id: 'x' })
    })
    const end = await other.commit('Mended', (draft) => {
      draft.updateEntity('x', { z: null, a: 1, b: { d: 2 } })
      draft.deleteEntity('y')
      draft.createEntity('T', {}, { id: 'y', validFrom: 3 })
    })

    expect((await one.versions.latest())?.dataHash).toBe(end.dataHash)
    expect((await one.versions.latest())?.versionHash).not.toBe(end.versionHash)
  })
})
