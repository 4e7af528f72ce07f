/** The hashes of STORAGE section 4 by their definition, over whole states and whole deltas. */
import { createHash } from 'node:crypto'
import { canonical, type Json, type JsonObject } from './json.js'
import type { Operation } from './operation.js'
import { type Contents, contentTuple } from './state.js'

export function dataHash(contents: Contents): string {
  let sum = 0n
  for (const element of [...contents.entities.values(), ...contents.relations.values()]) {
    sum += BigInt(`0x${sha256(canonical(contentTuple(element)))}`)
  }
  return (sum % 2n ** 256n).toString(16).padStart(64, '0')
}

export function operationsHash(operations: readonly Operation[]): string {
  return sha256(operations.map((operation) => `${canonical(operation as unknown as Json)}\n`).join(''))
}

/** Proof of history: what a version says, does and comes from. */
export function versionHash(version: {
  dataHash: string
  description: string
  metadata: JsonObject | undefined
  operationsHash: string
  owner: string
  parentHashes: string[]
  timestamp: number
  versionId: string
}): string {
  const { parentHashes, versionId, metadata, ...rest } = version
  return sha256(canonical({ ...rest, metadata: metadata ?? null, parents: parentHashes, version: versionId }))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
