/** A commit that is tried again under a schema: what is given again is not yet what was recorded. */
import type { VersionRow } from '../../queries/version.js'
import type { Work } from '../database/work.js'
import { UniverseError } from '../model/errors.js'
import type { JsonLimits } from '../model/json.js'
import type { Operation } from '../model/operation.js'
import { applyOperations, type ElementCheck } from '../state/apply.js'
import { loadTouched } from '../state/load.js'
import { emptyPlace, placeOfVersion } from '../state/place.js'

/**
 * What would be recorded of operations on the first parent of a version, so that it compares with what
 * was: the check may make more of an update. Operations that cannot be applied there stay as they are.
 */
export function* recordedAgain(
  check: ElementCheck,
  limits: JsonLimits,
  version: VersionRow,
  operations: readonly Operation[],
): Work<readonly Operation[]> {
  const parent = version.parent_version_id
  const place = parent === null ? emptyPlace : yield* placeOfVersion(parent)
  const graph = yield* loadTouched(place, operations, true)
  try {
    return applyOperations(graph, operations, version.timestamp, limits, check).operations
  } catch (error) {
    if (error instanceof UniverseError) return operations
    throw error
  }
}
