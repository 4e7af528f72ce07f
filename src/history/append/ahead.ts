/**
 * What a version on `main` needs to know besides the head that it stands on. None of it depends on that
 * head, so all of it is asked together: on a server, one way there and back.
 */
import { lastEventSeq } from '../../../queries/event.js'
import { latestVersion } from '../../../queries/version.js'
import { first, together, type Work } from '../../database/work.js'
import type { PendingOperation } from '../../model/operation.js'
import { Lanes, trunkLane } from '../../state/lanes.js'
import { loadTouched } from '../../state/load.js'
import type { MemoryGraph } from '../../state/memory.js'
import { headPlace } from '../../state/place.js'

export interface Ahead {
  /** The greatest sequence. */
  sequence: number
  /** The `seq` of the newest event; undefined where none are to be written. */
  lastSeq: number | undefined
  /** Lane 1 and where it ends. */
  lanes: Lanes
  /** What the operations touch; undefined where they are laid down window by window. */
  graph: MemoryGraph | undefined
}

/** Reads ahead for operations on `main`; with `ends` those of updated relations too. */
export function* readAhead(
  operations: readonly PendingOperation[],
  { auditLog, ends, window }: { auditLog: boolean; ends: boolean; window: number },
): Work<Ahead> {
  const lanes = new Lanes()
  const [sequence, lastSeq, graph] = yield* together(
    greatestSequence(),
    lastSeqOf(auditLog),
    operations.length > window ? nothing() : loadTouched(headPlace, operations, ends),
    lanes.load([trunkLane], false),
  )
  return { sequence, lastSeq, lanes, graph }
}

export function* greatestSequence(ahead?: Ahead): Work<number> {
  if (ahead) return ahead.sequence
  return (yield* first(latestVersion, {}))?.sequence ?? 0
}

/** The `seq` of the newest event; undefined where none are to be written. */
export function* lastSeqOf(auditLog: boolean, ahead?: Ahead): Work<number | undefined> {
  if (ahead) return ahead.lastSeq
  return auditLog ? ((yield* first(lastEventSeq, {}))?.seq ?? 0) : undefined
}

/** A large version is loaded window by window, as it is laid down. */
function* nothing(): Work<undefined> {}
