/** Which laying of the lanes stands: where a version lies holds for one of them. */
import { configValue } from '../../queries/config.js'
import { first, type Work } from '../database/work.js'

/** How often lanes were laid anew. */
export function* laneGeneration(): Work<number> {
  return Number((yield* first(configValue, { key: 'lane_generation' }))?.value ?? 0)
}
