/**
 * Three-way merges of whole states, as DESIGN section 4 tells them: what is in conflict is found
 * first, by looking at every id; then the result is put together, and mended where an end is missing.
 */
import { type Json, type JsonObject, sameJson } from './json.js'
import {
  byId,
  type Content,
  type Contents,
  type Element,
  type EntityContent,
  isRelation,
  type RelationContent,
  type State,
  sameContent,
  sameLife,
} from './state.js'

export interface Three {
  base: State
  ours: State
  theirs: State
}

export interface Conflict {
  id: string
  element: 'entity' | 'relation'
  kind: 'changed' | 'deleted' | 'created' | 'replaced' | 'end'
  key?: string
  base: unknown
  ours: unknown
  theirs: unknown
}

/** What a conflict is settled to. */
export type Settle = (conflict: Conflict) => unknown

type Side = 'ours' | 'theirs'

/** All conflicts, by id, then by key; the validity comes after the keys. */
export function conflictsOf(three: Three): Conflict[] {
  return byId(idsOf(three).map((id) => ({ id }))).flatMap(({ id }) => {
    const own = ownConflicts(three, id)
    return own.length > 0 ? own : endConflicts(three, id)
  })
}

/** The contents after a merge whose conflicts are settled so. */
export function mergedContents(three: Three, settle: Settle): Contents {
  const conflicts = conflictsOf(three)
  const whole = new Map<string, unknown>()
  for (const conflict of conflicts) if (conflict.kind !== 'changed') whole.set(conflict.id, settle(conflict))

  const result = new Map<string, Content>()
  for (const id of idsOf(three)) {
    const of = conflicts.filter((conflict) => conflict.id === id)
    const content = whole.has(id) ? (whole.get(id) as Content | undefined) : undisputed(three, id, of, settle)
    if (content !== undefined) result.set(id, content)
  }
  mendEnds(three, result, new Set(whole.keys()))
  return {
    entities: new Map([...result].filter((one): one is [string, EntityContent] => !isRelation(one[1]))),
    relations: new Map([...result].filter((one): one is [string, RelationContent] => isRelation(one[1]))),
  }
}

/** Those of one id that do not come from what happened to others. */
function ownConflicts(three: Three, id: string): Conflict[] {
  const [base, ours, theirs] = [at(three.base, id), at(three.ours, id), at(three.theirs, id)]
  if (sameContent(ours, theirs) || sameContent(base, ours) || sameContent(base, theirs)) return []
  const about = { id, element: elementOf(ours ?? theirs ?? base), base, ours, theirs }
  if (base === undefined) return [{ ...about, kind: 'created' }]
  if (ours === undefined || theirs === undefined) return [{ ...about, kind: 'deleted' }]
  if (!sameLife(base, ours) || !sameLife(base, theirs)) return [{ ...about, kind: 'replaced' }]
  return keysOf(base, ours, theirs).flatMap((key): Conflict[] => {
    const values = { base: keyAt(base, key), ours: keyAt(ours, key), theirs: keyAt(theirs, key) }
    if (isSettled(values.base, values.ours, values.theirs)) return []
    const told = key === undefined ? {} : { key }
    return [{ id, element: about.element, kind: 'changed', ...told, ...values }]
  })
}

/** A relation that one side alone has so, where the other side took the place of an end away. */
function endConflicts(three: Three, id: string): Conflict[] {
  const relation = undisputed(three, id, [], () => undefined)
  if (relation === undefined || !isRelation(relation)) return []
  const lives = (['ours', 'theirs'] as const).filter((side) => {
    const there = at(three[side], id)
    return there !== undefined && sameLife(there, relation)
  })
  if (lives.length !== 1) return []
  const other: Side = lives[0] === 'ours' ? 'theirs' : 'ours'
  const isTaken = (end: string) =>
    !three[other].entities.has(end) && !sameContent(at(three.base, end), at(three[other], end))
  if (!isTaken(relation.from) && !isTaken(relation.to)) return []
  const [base, ours, theirs] = [at(three.base, id), at(three.ours, id), at(three.theirs, id)]
  return [{ id, element: elementOf(ours ?? theirs ?? base), kind: 'end', base, ours, theirs }]
}

/** What both sides make of an id that is in conflict by single keys at most. */
function undisputed(three: Three, id: string, conflicts: Conflict[], settle: Settle): Content | undefined {
  const [base, ours, theirs] = [at(three.base, id), at(three.ours, id), at(three.theirs, id)]
  if (sameContent(ours, theirs) || sameContent(base, theirs)) return ours
  if (sameContent(base, ours)) return theirs
  if (!base || !ours || !theirs) return undefined
  const metadata: JsonObject = {}
  let bounds: object = {}
  for (const key of keysOf(base, ours, theirs)) {
    const [was, here, there] = [keyAt(base, key), keyAt(ours, key), keyAt(theirs, key)]
    const conflict = conflicts.find((one) => one.key === key)
    const value = conflict ? settle(conflict) : sameJson(was, here) ? there : here
    if (key === undefined) bounds = (value ?? {}) as object
    else if (value !== undefined) metadata[key] = value as Json
  }
  const { validFrom: _from, validTo: _to, ...rest } = ours
  return { ...rest, metadata, ...bounds } as Content
}

/** Relations of ours and those that were settled get their ends back; others without an end go. */
function mendEnds(three: Three, result: Map<string, Content>, settled: ReadonlySet<string>): void {
  const isThere = (end: string) => result.has(end) && !isRelation(result.get(end) as Content)
  const isKept = (relation: RelationContent) => {
    const ours = at(three.ours, relation.id)
    return settled.has(relation.id) || (ours !== undefined && sameLife(ours, relation))
  }
  const relations = byId([...result.values()].filter((one): one is RelationContent => isRelation(one)))
  const waits = new Set(relations.filter(isKept))
  for (;;) {
    // One whose id no other wants for an end is sure to stand; where there is none they stand in a circle.
    const isWanted = ({ id }: RelationContent) => [...waits].some(({ from, to }) => from === id || to === id)
    const [next] = [...[...waits].filter((one) => !isWanted(one)), ...waits]
    if (next === undefined) break
    waits.delete(next)
    for (const end of [next.from, next.to]) {
      if (isThere(end)) continue
      const entities = [three.ours, three.theirs, three.base].map((state) => state.entities.get(end))
      result.set(end, entities.find((entity) => entity !== undefined) as Content)
      for (const one of waits) if (one.id === end) waits.delete(one)
    }
  }
  for (const { id, from, to } of relations) {
    const now = result.get(id)
    if (now && isRelation(now) && !(isThere(from) && isThere(to))) result.delete(id)
  }
}

function isSettled(base: Json | undefined, ours: Json | undefined, theirs: Json | undefined): boolean {
  return sameJson(ours, theirs) || sameJson(base, ours) || sameJson(base, theirs)
}

/** The keys of all three, in order; the last, undefined, stands for the validity. */
function keysOf(...contents: Content[]): (string | undefined)[] {
  const keys = new Set(contents.flatMap(({ metadata }) => Object.keys(metadata)))
  return [...[...keys].sort(), undefined]
}

function keyAt({ metadata, validFrom, validTo }: Content, key: string | undefined): Json | undefined {
  if (key !== undefined) return Object.hasOwn(metadata, key) ? metadata[key] : undefined
  return { ...(validFrom === undefined ? {} : { validFrom }), ...(validTo === undefined ? {} : { validTo }) }
}

function at(state: State, id: string): Element | undefined {
  return state.entities.get(id) ?? state.relations.get(id)
}

function elementOf(content: Content | undefined): 'entity' | 'relation' {
  return content && isRelation(content) ? 'relation' : 'entity'
}

function idsOf({ base, ours, theirs }: Three): string[] {
  const states = [base, ours, theirs]
  return [...new Set(states.flatMap(({ entities, relations }) => [...entities.keys(), ...relations.keys()]))]
}
