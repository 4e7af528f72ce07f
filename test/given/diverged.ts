/** Two branches from one version: what merges and reverts are made of. */
import type { Entity, Operation, Relation } from '../../src/index.js'
import type { JsonObject } from '../model/json.js'
import { type Dialect, openUniverseOn, type Universe } from '../model/open.js'

export const entity = (id: string, metadata: JsonObject = {}, entityType = 'T'): Operation => ({
  ...{ op: 'createEntity', id, entityType, metadata },
})

export const relation = (id: string, from: string, to: string, metadata: JsonObject = {}): Operation => ({
  ...{ op: 'createRelation', id, relationType: 'R', from, to, metadata },
})

export const set = (id: string, values: JsonObject, op: 'updateEntity' | 'updateRelation' = 'updateEntity') =>
  ({
    ...{ op, id },
    changes: Object.entries(values).map(([key, value]) => ({ op: 'set', path: `/${key}`, value })),
  }) as Operation

export const unset = (id: string, key: string): Operation => ({
  ...{ op: 'updateEntity', id, changes: [{ op: 'delete', path: `/${key}` }] },
})

export const gone = (...ids: string[]): Operation[] => ids.map((id) => ({ op: 'deleteEntity', id }))

export const goneRelation = (...ids: string[]): Operation[] => ids.map((id) => ({ op: 'deleteRelation', id }))

/** `main` goes on from the version `base` with `ours`, the branch `side` with `theirs`: versions of these names. */
export async function openDiverged(
  dialect: Dialect,
  { base = [], ours = [], theirs = [] }: { base?: Operation[]; ours?: Operation[]; theirs?: Operation[] },
): Promise<Universe> {
  const universe = await openUniverseOn(dialect)
  await universe.commit('base', base, { versionId: 'base', timestamp: 1_000 })
  await universe.createBranch('side', { from: 'base' })
  await universe.commit('ours', ours, { versionId: 'ours', timestamp: 2_000 })
  await universe.commit('theirs', theirs, { versionId: 'theirs', branch: 'side', timestamp: 3_000 })
  return universe
}

/** What stands, in a few words an element, by id: its type or ends, its metadata, its bounds. */
export async function standing(universe: Universe, at = 'main'): Promise<string[]> {
  const { entities, relations } = await universe.materialise(at)
  return tell([...entities, ...relations])
}

export function tell(elements: Iterable<Entity | Relation>): string[] {
  return Array.from(elements, (element) => {
    const { id, metadata, validFrom, validTo } = element
    const what = 'from' in element ? `${element.from}→${element.to}` : element.entityType
    const bounds = validFrom === undefined && validTo === undefined ? '' : ` ${validFrom ?? ''}…${validTo ?? ''}`
    return `${id} ${what} ${JSON.stringify(metadata)}${bounds}`
  })
}
