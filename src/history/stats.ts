/** Counts and sizes of a universe. */
import { allBranches, allLanes } from '../../queries/branch.js'
import { configValue } from '../../queries/config.js'
import { countEvents } from '../../queries/event.js'
import { countRows } from '../../queries/maintenance.js'
import { countVersions } from '../../queries/version.js'
import type { Database } from '../database/database.js'
import { all, first } from '../database/work.js'
import type { ElementKind } from '../model/entity.js'

/** Counts of rows, and sizes. */
export interface Stats {
  universeId: string
  formatVersion: number
  /** What stands at `main`'s head. */
  entities: number
  relations: number
  versions: number
  branches: number
  /** Linear runs of versions that states are stored in. */
  lanes: number
  /** Superseded states. */
  entityHistory: number
  relationHistory: number
  events: number
  /** The size of the database and its log, in bytes. */
  bytes: number
}

export async function statsOf(database: Database): Promise<Stats> {
  const bytes = await database.size()
  return database.read(function* () {
    const count = function* (element: ElementKind, past = false) {
      return (yield* first(countRows({ element, past }), {}))?.count ?? 0
    }
    return {
      universeId: (yield* first(configValue, { key: 'universe_id' }))?.value ?? '',
      formatVersion: Number((yield* first(configValue, { key: 'format_version' }))?.value ?? 0),
      entities: yield* count('entity'),
      relations: yield* count('relation'),
      versions: (yield* first(countVersions, {}))?.count ?? 0,
      branches: (yield* all(allBranches, {})).length,
      lanes: (yield* all(allLanes, {})).length,
      entityHistory: yield* count('entity', true),
      relationHistory: yield* count('relation', true),
      events: (yield* first(countEvents, {}))?.count ?? 0,
      bytes,
    }
  })
}
