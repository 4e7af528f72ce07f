/**
 * Moments: the version with the greatest sequence on a first-parent chain whose timestamp is not
 * above a time.
 *
 * Clocks run back, in imported histories: a version whose timestamp is below an earlier one of its
 * lane is late. The others of a lane are in the order of time, so one probe finds the last of them;
 * the late ones are walked.
 */
import { lastOrdinary, lateAt, ordinaryAt } from '../../queries/version.js'
import { first, type Work } from '../database/work.js'
import { emptyPlace, type Place, placeAt } from './place.js'

/** The place, on the way to this one, that stood at a time; the empty graph before the first version. */
export function* placeAtTime(place: Place, time: number): Work<Place> {
  // As whole milliseconds, which timestamps are.
  const whole = Math.floor(Math.max(Number.MIN_SAFE_INTEGER, Math.min(time, Number.MAX_SAFE_INTEGER)))
  for (const { laneId, bound } of place.lanes) {
    const sequence = yield* lastNotAbove(laneId, bound, whole)
    if (sequence !== undefined) return yield* placeAt(laneId, sequence)
  }
  return emptyPlace
}

function* lastNotAbove(laneId: number, bound: number, time: number): Work<number | undefined> {
  const newest = yield* first(lastOrdinary, { laneId, bound })
  const isNewest = newest !== undefined && newest.timestamp <= time
  // Below the newest one's timestamp every ordinary version lies before it, so within the bound.
  const ordinary = isNewest ? newest : yield* first(ordinaryAt, { laneId, time, bound })
  const late = yield* first(lateAt, { laneId, time, bound, after: ordinary?.sequence ?? 0 })
  return late?.sequence ?? ordinary?.sequence
}
