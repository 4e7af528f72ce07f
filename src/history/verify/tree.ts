/** Lanes as a tree: where each forks, as its first version says, and whether its row says the same. */
import { allLanes } from '../../../queries/branch.js'
import { laneStarts } from '../../../queries/verify.js'
import { all, type Work } from '../../database/work.js'
import type { Findings } from './findings.js'

/** A lane, and those that fork from it. */
export interface LaneNode {
  laneId: number
  /** The sequence that it forks from on the lane it is under; 0: a root. */
  fork: number
  depth: number
  /** Ascending by where they fork. */
  forks: LaneNode[]
}

/** The roots of the tree. Damage to the rows of lanes is named; it hides nothing of what lies on them. */
export function* readLanes(findings: Findings): Work<LaneNode[]> {
  const rows = new Map((yield* all(allLanes, {})).map((row) => [row.lane_id, row]))
  const nodes = new Map<number, LaneNode>()
  const roots: LaneNode[] = []
  // By their first versions: a parent has a smaller sequence, so what a lane forks from is there already.
  for (const start of yield* all(laneStarts, {})) {
    const { lane_id: laneId, parent_version_id: parent, parent_lane_id, parent_sequence } = start
    const under = parent_lane_id === null ? undefined : nodes.get(parent_lane_id)
    if (parent !== null && (under === undefined || parent_sequence === null || parent_sequence >= start.sequence)) {
      findings.add(`lane ${laneId}`, `the state that it forks from cannot be replayed: ${parent} is not before it`)
      continue
    }
    const node = { laneId, fork: parent_sequence ?? 0, depth: (under?.depth ?? 0) + 1, forks: [] }
    nodes.set(laneId, node)
    ;(under?.forks ?? roots).push(node)
    const expected = { parent_lane_id, fork_sequence: parent_sequence, depth: node.depth }
    findings.compare(`lane ${laneId}`, rows.get(laneId), expected)
    rows.delete(laneId)
  }
  if (!nodes.has(1)) {
    // Without a version `main` is empty, and so must be the head tables.
    roots.push({ laneId: 1, fork: 0, depth: 1, forks: [] })
    findings.compare('lane 1', rows.get(1), { parent_lane_id: null, fork_sequence: null, depth: 1 })
    rows.delete(1)
  }
  for (const laneId of rows.keys()) findings.add(`lane ${laneId}`, 'no version is on it')
  for (const { forks } of nodes.values()) forks.sort((a, b) => a.fork - b.fork)
  return roots
}
