/**
 * Merge bases: the best common ancestors of two versions, as `git merge-base --all`.
 *
 * Parents have smaller sequences than their children, so one walk down the sequences meets every
 * version after all of its descendants. It ends as soon as nothing that is left can be an answer.
 */
import { descentBefore, versionBySequence, versionsByIds } from '../../queries/version.js'
import { all, first, type Work } from '../database/work.js'
import { placeOfReference, type Reference } from '../graph/reference.js'
import type { Version } from '../model/version.js'
import { meetingOf } from '../state/place.js'
import { toVersion } from '../state/rows.js'

/** How many versions the walk reads at a time: few at first, for most bases are near. */
const firstBatch = 32
const lastBatch = 1_024

/** The best common ancestors of two versions, greatest sequence first; see `Versions.mergeBases`. */
export function* mergeBasesOf(a: Reference, b: Reference): Work<Version[]> {
  const [left, right] = [yield* placeOfReference(a), yield* placeOfReference(b)]
  if (left.sequence === 0 || right.sequence === 0) return []
  // An ancestor by first parents is the answer itself, however far away.
  const meeting = meetingOf(left, right)
  if (meeting === left.sequence || meeting === right.sequence) {
    const row = yield* first(versionBySequence, { sequence: meeting })
    return row ? [toVersion(row)] : []
  }
  const newest = Math.max(left.sequence, right.sequence)
  const ids = yield* commonAncestors(yield* idAt(left.sequence), yield* idAt(right.sequence), newest)
  const rows = ids.length > 0 ? yield* all(versionsByIds, { ids }) : []
  return rows.map(toVersion).sort((one, other) => other.sequence - one.sequence)
}

function* idAt(sequence: number): Work<string> {
  return (yield* first(versionBySequence, { sequence }))?.version_id as string
}

const fromA = 1
const fromB = 2
const fromBoth = fromA | fromB
const stale = 4

/** Versions that are still to be met, each with the sides that descend from it. */
class Marks {
  private readonly flags = new Map<string, number>()
  private readonly counts = [0, 0, 0, 0, 0, 0, 0, 0]

  add(id: string, flags: number): void {
    const before = this.take(id)
    const after = (before ?? 0) | flags
    this.flags.set(id, after)
    ;(this.counts[after] as number)++
  }

  take(id: string): number | undefined {
    const flags = this.flags.get(id)
    if (flags === undefined) return undefined
    this.flags.delete(id)
    ;(this.counts[flags] as number)--
    return flags
  }

  /** Whether an answer may be left: below an answer there is none, and from one side alone none is reached. */
  get isOpen(): boolean {
    const [, ofA, ofB, ofBoth] = this.counts as [number, number, number, number]
    return ofBoth > 0 || (ofA > 0 && ofB > 0)
  }
}

function* commonAncestors(a: string, b: string, newest: number): Work<string[]> {
  const marks = new Marks()
  marks.add(a, fromA)
  marks.add(b, fromB)
  const found: string[] = []
  let before = newest + 1
  for (let limit = firstBatch; marks.isOpen; limit = Math.min(limit * 2, lastBatch)) {
    const rows = yield* all(descentBefore, { before, limit })
    for (const [id, sequence, parent, further] of rows) {
      before = sequence
      const flags = marks.take(id)
      if (flags === undefined) continue
      if (flags === fromBoth) found.push(id)
      const passed = (flags & fromBoth) === fromBoth ? flags | stale : flags
      if (parent !== null) marks.add(parent, passed)
      if (further !== null) for (const other of JSON.parse(further) as string[]) marks.add(other, passed)
      if (!marks.isOpen) break
    }
    if (rows.length === 0) break
  }
  return found
}
