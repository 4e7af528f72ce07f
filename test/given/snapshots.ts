/** Snapshots at every turn: what decides when they are written is set so low that small histories cross it. */
import { sql } from 'kysely'
import { snapshotRow } from '../../queries/snapshot.js'
import { statement } from '../../queries/statement.js'
import { each, first } from '../../src/database/work.js'
import type { Snapshots } from '../../src/state/snapshot.js'
import type { Universe } from '../model/open.js'
import { databaseOf } from './fork.js'

/** The snapshots of a universe, as it writes them. */
function snapshotsOf(universe: Universe): Snapshots {
  return (universe as unknown as { committer: { snapshots: Snapshots } }).committer.snapshots
}

/** Lets a universe look after every commit, and write from so many bytes of delta on. */
export function snapshotOften(universe: Universe, leastBytes = 1): void {
  Object.assign(snapshotsOf(universe).policy, { leastBytes, versionsBetween: 1, chunkBytes: 200 })
}

const stored = statement<object, { version_id: string; sequence: number; rows: number }>(
  () => sql`select s.version_id, v.sequence, count(*) as rows from snapshot as s
    join state_version as v on v.version_id = s.version_id group by s.version_id, v.sequence
    having min(s.position) = 0 order by v.sequence`,
)

const unfinished = statement<object, { count: number }>(
  () => sql`select count(distinct version_id) as count from snapshot where version_id not in (
    select version_id from snapshot where position = 0)`,
)

/** How many snapshots were begun and not finished. */
export async function unfinishedSnapshots(universe: Universe): Promise<number> {
  return (await databaseOf(universe).first(unfinished, {}))?.count ?? 0
}

/** The versions that have a snapshot, by sequence, with how many rows each has. */
export async function storedSnapshots(universe: Universe) {
  await snapshotsOf(universe).settled()
  return databaseOf(universe).all(stored, {})
}

const flip = statement<{ versionId: string; data: Uint8Array }, unknown>(
  (_db, given) => sql`update snapshot set data = ${given.data} where version_id = ${given.versionId} and position = 1`,
)

/** Flips a bit in the middle of a snapshot's first chunk. */
export async function damageSnapshot(universe: Universe, versionId: string): Promise<void> {
  await databaseOf(universe).write(function* () {
    const data = Buffer.from((yield* first(snapshotRow, { versionId, position: 1 }))?.data as Uint8Array)
    data[data.length >> 1] = (data[data.length >> 1] as number) ^ 16
    yield* each(flip, [{ versionId, data }])
  })
}
