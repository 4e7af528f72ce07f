/**
 * The three-way merge of two sides that both descend from a base: by id, and where an element stands
 * on both sides in the same life, by top-level key of its metadata; its validity is one more key.
 *
 * Pure. What one side alone changed is taken; what both changed alike is taken; all else is a conflict.
 */
import type { Bounds, Conflict, ElementConflict } from '../../model/conflict.js'
import { type ElementKind, isRelation, sameLife } from '../../model/entity.js'
import { compareIds } from '../../model/id.js'
import { canonicalKeys, equalJson, type Json, type JsonObject } from '../../model/json.js'
import { type Element, isAlike, isEntity, type Sides } from './sides.js'

/** What two sides make together. */
export interface Merged {
  /** What stands of each id of the sides, conflicts left at ours; undefined: nothing. */
  elements: Map<string, Element | undefined>
  /** By id, those of one id by key (in the order of RFC 8785), the validity last. */
  conflicts: Conflict[]
}

/** Merges two sides. Cost: O(elements of the sides and their metadata). */
export function mergeSides(sides: Sides): Merged {
  const merged: Merged = { elements: new Map(), conflicts: [] }
  for (const id of idsOf(sides)) {
    const [base, ours, theirs] = [sides.base.get(id), sides.ours.get(id), sides.theirs.get(id)]
    if (isAlike(ours, theirs) || isAlike(base, theirs)) merged.elements.set(id, ours)
    else if (isAlike(base, ours)) merged.elements.set(id, theirs)
    else if (base && ours && theirs && sameLife(base, ours) && sameLife(base, theirs)) {
      merged.elements.set(id, mergeKeys(base, ours, theirs, merged.conflicts))
    } else {
      merged.elements.set(id, ours)
      merged.conflicts.push(contradiction(kindOf(base, ours, theirs), sides, id))
    }
  }
  holdEnds(sides, merged)
  merged.conflicts.sort((a, b) => compareIds(a.id, b.id))
  return merged
}

/** A conflict of whole elements. */
export function contradiction(kind: ElementConflict['kind'], sides: Sides, id: string): ElementConflict {
  const [base, ours, theirs] = [sides.base.get(id), sides.ours.get(id), sides.theirs.get(id)]
  return { id, element: elementOf(ours ?? theirs ?? base), kind, base, ours, theirs }
}

function kindOf(
  base: Element | undefined,
  ours: Element | undefined,
  theirs: Element | undefined,
): ElementConflict['kind'] {
  if (base === undefined) return 'created'
  return ours && theirs ? 'replaced' : 'deleted'
}

/** Merges the keys of one life; those in conflict stay as they are in ours. */
function mergeKeys(base: Element, ours: Element, theirs: Element, conflicts: Conflict[]): Element {
  const { id } = ours
  const element = elementOf(ours)
  const metadata: JsonObject = {}
  for (const key of canonicalKeys({ ...base.metadata, ...ours.metadata, ...theirs.metadata })) {
    const [was, here, there] = [valueAt(base, key), valueAt(ours, key), valueAt(theirs, key)]
    const isSettled = sameValue(here, there) || sameValue(was, there) || sameValue(was, here)
    if (!isSettled) conflicts.push({ id, element, kind: 'changed', key, base: was, ours: here, theirs: there })
    const value = sameValue(was, here) ? there : here
    if (value !== undefined) metadata[key] = value
  }
  const [was, here, there] = [boundsOf(base), boundsOf(ours), boundsOf(theirs)]
  const isSettled = sameBounds(here, there) || sameBounds(was, there) || sameBounds(was, here)
  if (!isSettled) conflicts.push({ id, element, kind: 'changed', base: was, ours: here, theirs: there })
  return withBounds({ ...ours, metadata }, sameBounds(was, here) ? there : here)
}

/**
 * A relation that stands on one side alone needs ends that the other side has left there. What is in
 * conflict already is asked for once.
 */
function holdEnds(sides: Sides, { elements, conflicts }: Merged): void {
  const inConflict = new Set(conflicts.map(({ id }) => id))
  for (const [id, relation] of elements) {
    if (!relation || !isRelation(relation) || inConflict.has(id)) continue
    const isHere = isSameLife(sides.ours.get(id), relation)
    if (isHere && isSameLife(sides.theirs.get(id), relation)) continue
    const other = isHere ? sides.theirs : sides.ours
    if (!isLost(relation.from, sides.base, other) && !isLost(relation.to, sides.base, other)) continue
    conflicts.push(contradiction('end', sides, id))
    elements.set(id, sides.ours.get(id))
  }
}

/** Whether a side has deleted what an id was, or has made a relation of it. */
function isLost(end: string, base: ReadonlyMap<string, Element>, side: ReadonlyMap<string, Element>): boolean {
  const there = side.get(end)
  return !isEntity(there) && !isAlike(base.get(end), there)
}

function isSameLife(a: Element | undefined, b: Element): boolean {
  return a !== undefined && sameLife(a, b)
}

function idsOf({ base, ours, theirs }: Sides): Set<string> {
  return new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])
}

function elementOf(element: Element | undefined): ElementKind {
  return isEntity(element) ? 'entity' : 'relation'
}

function valueAt({ metadata }: Element, key: string): Json | undefined {
  return Object.hasOwn(metadata, key) ? metadata[key] : undefined
}

function sameValue(a: Json | undefined, b: Json | undefined): boolean {
  return equalJson(a, b)
}

export function boundsOf({ validFrom, validTo }: Bounds): Bounds {
  return { ...(validFrom === undefined ? {} : { validFrom }), ...(validTo === undefined ? {} : { validTo }) }
}

function sameBounds(a: Bounds, b: Bounds): boolean {
  return a.validFrom === b.validFrom && a.validTo === b.validTo
}

/** The element with these bounds and no others. */
export function withBounds<E extends Element>(element: E, bounds: Bounds): E {
  const { validFrom: _from, validTo: _to, ...rest } = element
  return { ...rest, ...boundsOf(bounds) } as E
}
