/** Reading snapshots: where a replay may begin instead of at the root. */
import { snapshotBefore, snapshotRow } from '../../../queries/snapshot.js'
import { first, type Work } from '../../database/work.js'
import { IntegrityError } from '../../model/errors.js'
import { MemoryGraph } from '../memory.js'
import type { Place } from '../place.js'
import { addChunk, readSummary, snapshotFormat } from './format.js'

/** A state that was stored. */
export interface Stored {
  /** The sequence of its version. */
  sequence: number
  graph: MemoryGraph
}

/**
 * The newest state that is stored on the way to a place. One that cannot be read, or whose format is
 * not known, is passed over for an older one: the deltas are the truth, and `verify` names it.
 *
 * Cost: the state; before it one probe a version that remains to be replayed.
 */
export function* storedBefore(place: Place): Work<Stored | undefined> {
  for (const { laneId, bound } of place.lanes) {
    for (let most = bound; ; ) {
      const found = yield* first(snapshotBefore, { laneId, bound: most })
      if (found === undefined) break
      const graph = yield* load(found)
      if (graph !== undefined) return { sequence: found.sequence, graph }
      most = found.sequence - 1
    }
  }
  return undefined
}

function* load(found: { version_id: string; format: number; data: Uint8Array }): Work<MemoryGraph | undefined> {
  const graph = new MemoryGraph()
  try {
    if (found.format !== snapshotFormat) return undefined
    const { chunks, entities, relations } = readSummary(found.data)
    for (let position = 1; position <= chunks; position++) {
      const row = yield* first(snapshotRow, { versionId: found.version_id, position })
      if (row?.format !== snapshotFormat) return undefined
      addChunk(graph, row.data)
    }
    return graph.entities.size === entities && graph.relations.size === relations ? graph : undefined
  } catch (error) {
    if (error instanceof IntegrityError) return undefined
    throw error
  }
}
