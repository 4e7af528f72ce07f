/** Small windows: what decides how large a version may be to be laid down at once is set so low that small ones cross it. */
import type { Universe } from '../model/open.js'

/** Lets a universe lay down so many operations of a version at a time. */
export function layInWindows(universe: Universe, size: number): void {
  Object.assign((universe as unknown as { committer: object }).committer, { window: size })
}
