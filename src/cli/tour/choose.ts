/** What the tour looks at: an entity whose neighbours have changed since an old version. */
import type { Neighbour, Universe, Version } from '../../index.js'

export interface Choice {
  id: string
  entityType: string
  /** Of most of its relations. */
  relationType: string
  /** Of the entity and its neighbours the one with the most states. */
  changed: string
  /** An old version in which the entity had other neighbours. */
  old: Version
}

/** How many relations are looked through, and how many entities closer. */
const mostRelations = 5_000
const mostEntities = 40
/** Parts of the history's age, from the root's side. */
const ages = [0.5, 0.7, 0.3, 0.85, 0.15]
/** As many neighbours as one likes to read. */
const readable = 8

/**
 * Chooses an entity that has relations now and had others in an old version, and a version of about
 * the middle; of all, one that had and has a few of them. Falls back to any with relations.
 *
 * @param chain the versions of `main`, newest first.
 */
export async function chooseEntity(universe: Universe, chain: readonly Version[]): Promise<Choice | undefined> {
  const versions = ages.map((age) => chain[Math.floor((chain.length - 1) * (1 - age))] as Version)
  let best: { id: string; old: Version; now: Neighbour[]; score: number } | undefined
  for (const relationType of ['imports', 'contains', undefined]) {
    for (const id of await startsOf(universe, relationType)) {
      const now = await neighboursOf(universe, id)
      for (const [rank, version] of versions.entries()) {
        const before = await neighboursOf(universe, id, version)
        const score = scoreOf(before, now) - rank
        if (best === undefined || score > best.score) best = { id, old: version, now, score }
      }
    }
    if (best !== undefined && best.score > 0) break
  }
  if (best === undefined) return undefined
  const { id, old, now } = best
  const { entityType } = await universe.head.requireEntity(id)
  const ids = [id, ...now.slice(0, readable).map(({ entity }) => entity.id)]
  return { id, entityType, old, relationType: mostFrequentType(now), changed: await mostChanged(universe, ids) }
}

function mostFrequentType(neighbours: readonly Neighbour[]): string {
  const counts = new Map<string, number>()
  for (const { relation } of neighbours) counts.set(relation.relationType, (counts.get(relation.relationType) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? ''
}

async function mostChanged(universe: Universe, ids: readonly string[]): Promise<string> {
  const states = await Promise.all(ids.map(async (id) => ({ id, count: (await universe.history(id)).length })))
  return states.reduce((most, one) => (one.count > most.count ? one : most)).id
}

/** The entities that most relations of a type start at, the most first. */
async function startsOf(universe: Universe, relationType: string | undefined): Promise<string[]> {
  const counts = new Map<string, number>()
  const filter = { limit: mostRelations, ...(relationType === undefined ? {} : { type: relationType }) }
  for await (const { from } of universe.head.eachRelation(filter)) counts.set(from, (counts.get(from) ?? 0) + 1)
  return [...counts]
    .sort(([, a], [, b]) => Math.abs(a - readable) - Math.abs(b - readable))
    .slice(0, mostEntities)
    .map(([id]) => id)
}

async function neighboursOf(universe: Universe, id: string, version?: Version): Promise<Neighbour[]> {
  const view = version === undefined ? universe.head : universe.at({ version: version.versionId })
  return (await view.neighbours(id, { direction: 'out' })).items
}

/** Above 0 where the two differ; more where both are short and have something in common. */
function scoreOf(old: readonly Neighbour[], now: readonly Neighbour[]): number {
  const before = new Set(old.map(({ relation }) => relation.id))
  const kept = now.filter(({ relation }) => before.has(relation.id)).length
  const differing = before.size + now.length - 2 * kept
  if (differing === 0) return -100 + Math.min(now.length, readable)
  const surplus = Math.max(0, now.length - readable) + Math.max(0, old.length - readable)
  return 50 + (before.size > 0 ? 20 : 0) + 4 * Math.min(kept, 3) + 2 * Math.min(differing, 4) - Math.min(40, surplus)
}
