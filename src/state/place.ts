/**
 * Places: where a state is read from.
 *
 * A place is a version's lineage in the shape that statements take: the bound on lane 1, and the
 * nearer lanes with theirs.
 */
import { branchStandpoint, laneChain } from '../../queries/branch.js'
import { packedLanes } from '../../queries/parameter.js'
import { type PlaceGiven, type PlaceShape, stateShapeOf } from '../../queries/standing.js'
import { versionById, versionBySequence } from '../../queries/version.js'
import { all, first, type Work } from '../database/work.js'
import { NotFoundError } from '../model/errors.js'
import { readableId } from '../model/id.js'

export interface Place extends PlaceGiven {
  shape: PlaceShape
  /** The version's sequence; 0 for the empty graph. */
  sequence: number
  /** The lanes of the lineage, nearest first, each up to its bound. */
  lanes: readonly Bound[]
  /**
   * Where states were found here lately: above 0 in the history more often than in the head rows.
   * Nothing but speed depends on it.
   */
  lately: { past: number }
}

/** A lane up to a sequence. */
export interface Bound {
  laneId: number
  bound: number
}

/** The empty graph. */
export const emptyPlace: Place = placeOf(0, [])

/** `main`'s head, whatever it is when the statement runs. */
export const headPlace: Place = { shape: 'head', sequence: -1, trunk: 0, lineage: '[]', lanes: [], lately: { past: 0 } }

/** The place of a lineage, nearest lane first. */
function placeOf(sequence: number, lanes: readonly Bound[]): Place {
  const nearer = lanes.filter(({ laneId }) => laneId !== 1)
  return {
    shape: nearer.length === 0 ? 'trunk' : 'lineage',
    sequence,
    trunk: lanes.find(({ laneId }) => laneId === 1)?.bound ?? 0,
    lineage: packedLanes(nearer),
    lanes,
    lately: { past: 0 },
  }
}

/** The place of a sequence on a lane. Cost: one statement, none for lane 1. */
export function* placeAt(laneId: number, sequence: number): Work<Place> {
  if (laneId === 1) return placeOf(sequence, [{ laneId, bound: sequence }])
  let bound = sequence
  const lanes: Bound[] = []
  for (const lane of yield* all(laneChain, { laneId })) {
    lanes.push({ laneId: lane.lane_id, bound })
    bound = lane.fork_sequence ?? 0
  }
  return placeOf(sequence, lanes)
}

/** The place of a version. */
export function* placeOfVersion(id: string): Work<Place> {
  const version = yield* first(versionById, { id: readableId(id) })
  if (version === undefined) throw new NotFoundError({ what: 'Version', id })
  return yield* placeAt(version.lane_id, version.sequence)
}

/** The place of a later or earlier version on the same lane. */
function placeOnLane(place: Place, sequence: number): Place {
  const [own, ...rest] = place.lanes as [Bound, ...Bound[]]
  return placeOf(sequence, [{ laneId: own.laneId, bound: sequence }, ...rest])
}

/** The place of the version that has a sequence; the empty graph for 0. */
export function* placeOfSequence(sequence: number): Work<Place> {
  if (sequence === 0) return emptyPlace
  const version = yield* first(versionBySequence, { sequence })
  if (version === undefined) throw new NotFoundError({ what: 'Version', id: `of sequence ${sequence}` })
  return yield* placeAt(version.lane_id, sequence)
}

/** The place of a branch's head; `kept` is one of the same branch that may still hold. */
export function* placeOfBranch(name: string, kept?: Place): Work<Place> {
  const branch = yield* first(branchStandpoint, { name: readableId(name) })
  if (branch === undefined) throw new NotFoundError({ what: 'Branch', id: name })
  const [sequence, laneId] = branch
  if (sequence === null || laneId === null) return emptyPlace
  if (kept === undefined || kept.lanes[0]?.laneId !== laneId) return yield* placeAt(laneId, sequence)
  return kept.sequence === sequence ? kept : placeOnLane(kept, sequence)
}

/** The same place with only what is valid at a moment, in milliseconds. */
export function validPlace(place: Place, validAt: number): Place {
  return { ...place, shape: `${stateShapeOf(place.shape)} valid`, validAt }
}

/** Whether a place is `main`'s head, whatever is valid there. */
export function isHead(place: Place): boolean {
  return place.sequence === headPlace.sequence
}

/** Whether a place may be another when lanes are laid anew: what is on `main` stays on lane 1 for good. */
export function isLaid({ lanes }: Place): boolean {
  return lanes.length > 1 || (lanes.length === 1 && lanes[0]?.laneId !== 1)
}

/** The sequence where the first-parent chains of two places part; 0 where they have nothing in common. */
export function meetingOf(a: Place, b: Place): number {
  for (const { laneId, bound } of a.lanes) {
    const other = b.lanes.find((lane) => lane.laneId === laneId)
    if (other) return Math.min(bound, other.bound)
  }
  return 0
}

/** Whether a version is on the first-parent chain of a place. */
export function isOnWay({ laneId, sequence }: { laneId: number; sequence: number }, place: Place): boolean {
  return place.lanes.some((lane) => lane.laneId === laneId && sequence <= lane.bound)
}
