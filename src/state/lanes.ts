/**
 * Lanes: which lane a version goes to.
 *
 * A lane continues into at most one child of its last version. Lane 1 is `main`'s own; elsewhere the
 * caller says which child goes on, and every other child, and every other root, opens a lane.
 */
import { insertLane, laneEnds, nextLane } from '../../queries/branch.js'
import type { LaneTable } from '../../queries/tables.js'
import { all, each, first, type Work } from '../database/work.js'
import { IntegrityError } from '../model/errors.js'

/** Which versions continue the lane of their first parent, where it ends there. */
export interface LanePlan {
  /** Whether the version is on `main`'s first-parent chain, and so on lane 1. */
  isMain(versionId: string): boolean
  /** Whether the version, where it is not on that chain, goes on where its first parent's lane ends. */
  continues(versionId: string): boolean
}

/** Where a version stands. */
export interface Standpoint {
  laneId: number
  sequence: number
}

interface End {
  depth: number
  /** The sequence of the lane's last version; 0 without one. */
  last: number
  /** The greatest timestamp of the lane so far. */
  latest: number
}

/** The lane of `main`. */
export const trunkLane = 1

const rootDepth = 1

/** The ends of lanes, as versions are laid on them within one transaction. */
export class Lanes {
  private readonly ends = new Map<number, End>()
  private opened: LaneTable[] = []
  private next: number | undefined

  /** Those of a universe whose versions are still to be laid. */
  static none(): Lanes {
    const lanes = new Lanes()
    lanes.next = trunkLane
    lanes.open(null, null)
    return lanes
  }

  /** Learns the ends of lanes that are not known yet, and which is the next to be opened if any may be. */
  *load(laneIds: Iterable<number>, mayOpen: boolean): Work<void> {
    if (mayOpen) this.next ??= (yield* first(nextLane, {}))?.lane_id as number
    const unknown = [...new Set(laneIds)].filter((laneId) => !this.ends.has(laneId))
    if (unknown.length === 0) return
    for (const row of yield* all(laneEnds, { ids: unknown })) {
      this.ends.set(row.lane_id, {
        depth: row.depth,
        last: row.last ?? 0,
        latest: row.latest ?? Number.NEGATIVE_INFINITY,
      })
    }
  }

  /** The lane for a version whose first parent stands there; its end is known. */
  choose(versionId: string, parent: Standpoint | undefined, plan: LanePlan): number {
    if (plan.isMain(versionId) && this.isTrunkEnd(parent)) return trunkLane
    if (parent === undefined) return this.open(null, null)
    const isFree = parent.laneId !== trunkLane && this.end(parent.laneId).last === parent.sequence
    if (isFree && plan.continues(versionId)) return parent.laneId
    return this.open(parent.laneId, parent.sequence)
  }

  /** Lays a version at the end of a lane; tells whether its timestamp is below an earlier one of the lane. */
  extend(laneId: number, sequence: number, timestamp: number): { late: boolean } {
    const end = this.end(laneId)
    const late = timestamp < end.latest
    end.last = sequence
    end.latest = Math.max(end.latest, timestamp)
    return { late }
  }

  /** How many lanes are known. */
  get count(): number {
    return this.ends.size
  }

  /** Writes the lanes that were opened. */
  *write(): Work<void> {
    const rows = this.opened
    this.opened = []
    yield* each(insertLane, rows)
  }

  /** Who planned may have been overtaken by a commit on `main`. */
  private isTrunkEnd(parent: Standpoint | undefined): boolean {
    const { last } = this.end(trunkLane)
    return parent === undefined ? last === 0 : parent.laneId === trunkLane && parent.sequence === last
  }

  private open(parent: number | null, fork: number | null): number {
    const laneId = this.next as number
    this.next = laneId + 1
    const depth = parent === null ? rootDepth : this.end(parent).depth + 1
    this.ends.set(laneId, { depth, last: 0, latest: Number.NEGATIVE_INFINITY })
    this.opened.push({ lane_id: laneId, parent_lane_id: parent, fork_sequence: fork, depth })
    return laneId
  }

  private end(laneId: number): End {
    const end = this.ends.get(laneId)
    if (end !== undefined) return end
    const hint = 'Run verify to see what else is damaged; a rebuild lays all lanes anew.'
    throw new IntegrityError({ reason: `Lane ${laneId} is missing`, hint })
  }
}
