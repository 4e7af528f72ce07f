/**
 * Hashes of states, deltas and versions, byte for byte as the format says.
 *
 * The data hash is a sum over elements, so a version updates it from what it changed alone. It is a
 * checksum against accidents: nothing may skip a comparison because two data hashes are equal.
 */
import { createHash, hash } from 'node:crypto'
import { type Entity, isRelation, type Relation } from '../model/entity.js'
import { canonicalJson, type Json, type JsonObject } from '../model/json.js'

/** A sum of SHA-256 digests modulo 2²⁵⁶, kept in eight limbs of 32 bits, the most significant first. */
export class DataHash {
  private constructor(private readonly limbs: Uint32Array) {}

  static empty(): DataHash {
    return new DataHash(new Uint32Array(8))
  }

  /** Reads 64 hex digits. */
  static parse(text: string): DataHash {
    const limbs = new Uint32Array(8)
    for (let index = 0; index < 8; index++) limbs[index] = Number.parseInt(text.slice(index * 8, index * 8 + 8), 16)
    return new DataHash(limbs)
  }

  /** Adds an element whose metadata has this canonical text. */
  add(element: Entity | Relation, metadata: string): void {
    const digest = digestOf(element, metadata)
    let carry = 0
    for (let index = 7; index >= 0; index--) {
      const sum = (this.limbs[index] as number) + limbOf(digest, index) + carry
      this.limbs[index] = sum
      carry = sum > 0xffffffff ? 1 : 0
    }
  }

  /** Takes an element away again. */
  subtract(element: Entity | Relation, metadata: string): void {
    const digest = digestOf(element, metadata)
    let borrow = 0
    for (let index = 7; index >= 0; index--) {
      const difference = (this.limbs[index] as number) - limbOf(digest, index) - borrow
      this.limbs[index] = difference
      borrow = difference < 0 ? 1 : 0
    }
  }

  toString(): string {
    let text = ''
    for (const limb of this.limbs) text += limb.toString(16).padStart(8, '0')
    return text
  }
}

/** The digest, a character for each byte: half the price of a buffer of its own. */
function digestOf(element: Entity | Relation, metadata: string): string {
  const bounds = `${element.validFrom ?? null},${element.validTo ?? null}]`
  const id = JSON.stringify(element.id)
  const text = isRelation(element)
    ? `["relation",${id},${JSON.stringify(element.relationType)},${JSON.stringify(element.from)},${JSON.stringify(element.to)},${metadata},${bounds}`
    : `["entity",${id},${JSON.stringify(element.entityType)},${metadata},${bounds}`
  return hash('sha256', text, 'binary')
}

/** A digest's limb of 32 bits, from the most significant on. */
function limbOf(digest: string, index: number): number {
  const at = index * 4
  const high = (digest.charCodeAt(at) << 8) | digest.charCodeAt(at + 1)
  return high * 65_536 + ((digest.charCodeAt(at + 2) << 8) | digest.charCodeAt(at + 3))
}

/** The hash of a delta: of each recorded operation's canonical text and a line feed. */
export function operationsHash(texts: Iterable<string>): string {
  const operations = new OperationsHash()
  for (const text of texts) operations.add(text)
  return operations.digest()
}

/** `operationsHash`, text by text. */
export class OperationsHash {
  private readonly hash = createHash('sha256')
  private waiting = ''

  add(text: string): void {
    this.waiting += `${text}\n`
    // Many small updates cost more than the hashing.
    if (this.waiting.length > 65_536) this.update()
  }

  digest(): string {
    this.update()
    return this.hash.digest('hex')
  }

  private update(): void {
    this.hash.update(this.waiting)
    this.waiting = ''
  }
}

/** The hash of a version: of everything that makes it, its parents' hashes among it. */
export function versionHash(facts: {
  version: string
  parents: string[]
  timestamp: number
  owner: string
  description: string
  metadata: JsonObject | null
  dataHash: string
  operationsHash: string
}): string {
  return hash('sha256', canonicalJson(facts as unknown as Json), 'hex')
}

/** The hash of an event that no delta yields, chained to the one before it. */
export function eventHash(
  previous: string | null,
  event: { actor: string; data: Json; eventId: string; source: string | null; timestamp: number; type: string },
): string {
  return hash('sha256', `${previous ?? '0'.repeat(64)}\n${canonicalJson(event as unknown as Json)}`, 'hex')
}
