/** The versions of a model against each other: chains, moments, ancestors, an id's own history. */
import { type Element, emptyState, isRelation, type State, sameContent } from './state.js'
import type { ModelUniverse, ModelVersion } from './universe.js'

export interface HistoryEntry {
  version: ModelVersion
  element: 'entity' | 'relation'
  kind: 'created' | 'updated' | 'deleted'
  before: Element | undefined
  after: Element | undefined
}

/** Along first parents, newest first, itself included. */
export function firstParents(universe: ModelUniverse, from: ModelVersion | undefined): ModelVersion[] {
  const chain: ModelVersion[] = []
  for (let version = from; version; version = universe.find(version.parents[0])) chain.push(version)
  return chain
}

/** The version with the greatest sequence on the chain of `head` whose timestamp is ≤ `moment`. */
export function versionAt(universe: ModelUniverse, moment: number, head = universe.head): ModelVersion | undefined {
  return firstParents(universe, head).find(({ timestamp }) => timestamp <= moment)
}

/** Over all parents, each once, greatest sequence first, itself included. */
export function ancestors(universe: ModelUniverse, versionId: string): ModelVersion[] {
  const found = new Set<ModelVersion>()
  const visit = (version: ModelVersion): void => {
    if (found.has(version)) return
    found.add(version)
    for (const parent of version.parents) visit(universe.get(parent))
  }
  visit(universe.get(versionId))
  return [...found].sort((a, b) => b.sequence - a.sequence)
}

export function children(universe: ModelUniverse, versionId: string): ModelVersion[] {
  return universe.versions.filter(({ parents }) => parents.includes(versionId))
}

/** Common ancestors that are no ancestor of another one, greatest sequence first. */
export function mergeBases(universe: ModelUniverse, a: string, b: string): ModelVersion[] {
  const ofB = new Set(ancestors(universe, b))
  const common = ancestors(universe, a).filter((version) => ofB.has(version))
  return common.filter(
    (version) => !common.some((other) => other !== version && ancestors(universe, other.versionId).includes(version)),
  )
}

/** What each version along first parents made of one id, oldest first. */
export function historyOf(universe: ModelUniverse, id: string, until = universe.head): HistoryEntry[] {
  const entries: HistoryEntry[] = []
  for (const version of firstParents(universe, until).reverse()) {
    const before = elementIn(universe.stateBefore(version), id)
    const after = elementIn(version.state, id)
    if (sameContent(before, after)) continue
    const element = isRelation((after ?? before) as Element) ? 'relation' : 'entity'
    const kind = !before ? 'created' : !after ? 'deleted' : 'updated'
    entries.push({ version, element, kind, before, after })
  }
  return entries
}

/** Whichever of the two is alive under an id. */
function elementIn(state: State | undefined, id: string): Element | undefined {
  const { entities, relations } = state ?? emptyState
  return entities.get(id) ?? relations.get(id)
}
