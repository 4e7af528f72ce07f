/** Replaying deltas: the state of a version from its operations, without a look at any projection. */
import { deltasOfLane } from '../../queries/delta.js'
import { all, type Work } from '../database/work.js'
import type { Operation } from '../model/operation.js'
import { applyOperations, type ElementChange } from './apply.js'
import { damagedDelta, operationsIn } from './delta.js'
import { MemoryGraph } from './memory.js'
import type { Place } from './place.js'
import { storedBefore } from './snapshot/read.js'

/** How many versions' deltas are held at a time. */
const batch = 256

/**
 * The state at a place, replayed from the nearest snapshot on its first parents, or from the root.
 *
 * Cost: the snapshot, and the operations of the versions since.
 */
export function* replay(place: Place): Work<MemoryGraph> {
  const stored = yield* storedBefore(place)
  const graph = stored?.graph ?? new MemoryGraph()
  for (const { laneId, after, to } of segments(place, stored?.sequence)) {
    let position = after
    while (position < to) {
      const rows = yield* all(deltasOfLane, { laneId, after: position, to, limit: batch })
      if (rows.length === 0) break
      for (const version of versionsOf(rows)) {
        graph.accept(changesOf(version, graph), version.sequence)
        position = version.sequence
      }
    }
  }
  return graph
}

function changesOf({ versionId, operations, timestamp }: Delta, graph: MemoryGraph): ElementChange[] {
  try {
    return applyOperations(graph, operations, timestamp, unlimited).changes
  } catch (cause) {
    throw damagedDelta(versionId, (cause as Error).message, { cause })
  }
}

/** The lanes of a place from its root on, each with the range of sequences that comes after a sequence. */
export function segments(place: Place, start = 0): { laneId: number; after: number; to: number }[] {
  const fromRoot = place.lanes.toReversed()
  return fromRoot.map(({ laneId, bound }, index) => ({
    laneId,
    after: Math.max(start, fromRoot[index - 1]?.bound ?? 0),
    to: bound,
  }))
}
/** What was recorded has passed the limits of its time. */
export const unlimited = { maxDepth: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }

/** The delta of a version, whole. */
interface Delta {
  sequence: number
  versionId: string
  timestamp: number
  operations: Operation[]
}

/** Joins the rows of each version's delta. */
function versionsOf(
  rows: readonly { sequence: number; version_id: string; timestamp: number; operations: string }[],
): Delta[] {
  const versions: Delta[] = []
  for (const row of rows) {
    const operations = operationsIn(row.operations, row.version_id)
    const last = versions.at(-1)
    if (last?.sequence === row.sequence) {
      for (const operation of operations) last.operations.push(operation)
    } else {
      versions.push({ sequence: row.sequence, versionId: row.version_id, timestamp: row.timestamp, operations })
    }
  }
  return versions
}
