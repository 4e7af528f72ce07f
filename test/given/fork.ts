/** Branches from old versions, made by hand: a row that names a version, written as the library would. */
import { branchByName, insertBranch } from '../../queries/branch.js'
import { versionById } from '../../queries/version.js'
import type { Database } from '../../src/database/database.js'
import { each, first } from '../../src/database/work.js'
import type { Universe } from '../model/open.js'

/** The database under a universe. */
export function databaseOf(universe: Universe): Database {
  return (universe as unknown as { database: Database }).database
}

/** Makes a branch whose head is a version, old or new. */
export async function fork(universe: Universe, name: string, versionId: string): Promise<void> {
  await databaseOf(universe).write(function* () {
    const version = yield* first(versionById, { id: versionId })
    if (version === undefined) throw new Error(`There is no version ${versionId}`)
    yield* each(insertBranch, [{ name, head_version_id: versionId, lane_id: version.lane_id, created_at: 0 }])
  })
}

/** The lane that a branch stands on. */
export async function laneOf(universe: Universe, name: string): Promise<number | null | undefined> {
  return databaseOf(universe).read(function* () {
    return (yield* first(branchByName, { name }))?.lane_id
  })
}
