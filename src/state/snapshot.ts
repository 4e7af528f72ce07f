/**
 * Snapshots: whole states, stored beside the deltas, so that a replay need not begin at the root.
 *
 * One is due on a lane when the deltas since its last snapshot, or since it began, are more bytes than
 * the state that lives there. It is written after a commit, never in its transaction, and nothing
 * depends on it: where one cannot be written, a replay takes longer.
 */
import { setImmediate } from 'node:timers/promises'
import { stateBytes } from '../../queries/list.js'
import { deltaBytes, deltaBytesOfLane, snapshotBefore } from '../../queries/snapshot.js'
import { versionBySequence } from '../../queries/version.js'
import type { Database } from '../database/database.js'
import { all, first, type Work } from '../database/work.js'
import type { Version } from '../model/version.js'
import { laneGeneration } from './generation.js'
import { placeAt } from './place.js'
import { readSummary } from './snapshot/format.js'
import { writeSnapshot } from './snapshot/write.js'

/** When snapshots are written. */
export interface SnapshotPolicy {
  /** No snapshot for less than these bytes of delta: to replay them takes a moment. */
  leastBytes: number
  /** Commits are looked at when the sequence is a multiple of this, so that a process of one commit looks rarely. */
  versionsBetween: number
  /** Or when so many operations have come together. */
  operationsBetween: number
  /** A chunk ends with the line that fills it, in bytes before they are compressed. */
  chunkBytes: number
}

const usual: SnapshotPolicy = {
  leastBytes: 1_048_576,
  versionsBetween: 64,
  operationsBetween: 2_000,
  chunkBytes: 262_144,
}

/** How much larger the deltas must have become before the state is measured again. */
const measureAgain = 1.25

/** How many lanes are kept in mind; one that is not is read again when something is written on it. */
const mostLanes = 1_024

/** What is known of a lane. */
interface Lane {
  /** The bytes of delta since its last snapshot, or since it began. */
  bytes: number
  /** With how many bytes it is worth a look whether a snapshot is due. */
  look: number
  /** The sequence of its newest version. */
  newest: number
}

/** What was counted at one time, of which generation of lanes, and whether what was known of lanes still holds. */
interface Counted {
  generation: number
  isKnown: boolean
  lanes: ReadonlyMap<number, Lane>
}

/** The snapshots of one universe, as one process writes them. */
export class Snapshots {
  readonly policy = { ...usual }
  private readonly lanes = new Map<number, Lane>()
  /** The generation of lanes that these are of. */
  private generation = 0
  /** The sequence up to which deltas were counted. */
  private counted: number | undefined
  private operations = 0
  private isWaiting = false
  private last: Promise<void> = Promise.resolve()

  constructor(private readonly database: Database) {}

  /**
   * Notes versions that were committed, ascending; a snapshot that is due is written later. Now and then
   * it waits for one turn of the event loop, for a caller that commits without end lets nothing else run.
   */
  async notice(versions: readonly Version[], operations: number): Promise<void> {
    const [from, to] = [versions[0], versions.at(-1)]
    if (from === undefined || to === undefined) return
    this.counted ??= from.sequence - 1
    this.operations += operations
    const { versionsBetween, operationsBetween } = this.policy
    const crossed = Math.floor(to.sequence / versionsBetween) * versionsBetween >= from.sequence
    if (!crossed && this.operations < operationsBetween) return
    this.operations = 0
    this.start()
    await setImmediate()
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.last
  }

  /** Forgets what was known of lanes: they were laid anew. */
  forget(): void {
    this.lanes.clear()
    this.counted = undefined
  }

  private start(): void {
    if (this.isWaiting) return
    this.isWaiting = true
    this.last = Promise.all([this.last, setImmediate()]).then(() => {
      this.isWaiting = false
      return this.writeDue()
    })
  }

  private async writeDue(): Promise<void> {
    try {
      for (const lane of this.note(await this.database.read(() => this.count()))) await this.write(lane)
    } catch {
      // The database is busy, full or closed: whoever writes next to it is told. No answer needs a snapshot.
    }
  }

  /** The lanes with deltas since the last time, as they are with them. */
  private *count(): Work<Counted> {
    const generation = yield* laneGeneration()
    const isKnown = generation === this.generation && this.lanes.size <= mostLanes
    const lanes = new Map<number, Lane>()
    for (const { lane_id: laneId, bytes, newest, is_older } of yield* all(deltaBytes, { after: this.counted ?? 0 })) {
      const known = (isKnown && this.lanes.get(laneId)) || (is_older === 0 ? this.newLane() : undefined)
      const lane = known ? { ...known, bytes: known.bytes + bytes } : yield* this.olderLane(laneId)
      lanes.set(laneId, { ...lane, newest })
    }
    return { generation, isKnown, lanes }
  }

  /** Keeps what was counted in mind. Returns the lanes where a look is worth it. */
  private note({ generation, isKnown, lanes }: Counted): Lane[] {
    if (!isKnown) this.lanes.clear()
    this.generation = generation
    this.counted ??= 0
    for (const [laneId, lane] of lanes) {
      this.lanes.set(laneId, lane)
      this.counted = Math.max(this.counted, lane.newest)
    }
    return [...lanes.values()].filter(({ bytes, look }) => bytes >= look)
  }

  private newLane(): Lane {
    return { bytes: 0, look: this.policy.leastBytes, newest: 0 }
  }

  /** A lane that this process has not counted before, with all that is on it now. */
  private *olderLane(laneId: number): Work<Lane> {
    const last = yield* first(snapshotBefore, { laneId, bound: Number.MAX_SAFE_INTEGER })
    const after = last?.sequence ?? 0
    const bytes = (yield* first(deltaBytesOfLane, { laneId, after }))?.bytes ?? 0
    const least = last === undefined ? 0 : bytesOf(last.data)
    return { bytes, look: Math.max(this.policy.leastBytes, least), newest: after }
  }

  /** Writes a snapshot of the lane's newest version, if it is not larger than the deltas that led to it. */
  private async write(lane: Lane): Promise<void> {
    const { newest, bytes } = lane
    const { versionId, living } = await this.database.scan(() => measure(newest))
    if (living >= bytes) {
      lane.look = Math.max(living, bytes * measureAgain)
      return
    }
    const written = await writeSnapshot(this.database, versionId, this.policy.chunkBytes)
    lane.bytes -= bytes
    lane.look = Math.max(this.policy.leastBytes, written?.bytes ?? living)
  }
}

/** A version by its sequence, and about how many bytes its state has. */
function* measure(sequence: number): Work<{ versionId: string; living: number }> {
  const version = yield* first(versionBySequence, { sequence })
  if (version === undefined) throw new Error(`There is no version of sequence ${sequence}`)
  const place = yield* placeAt(version.lane_id, sequence)
  let living = 0
  for (const element of ['entity', 'relation'] as const) {
    living += (yield* first(stateBytes({ element, place: place.shape }), place))?.bytes ?? 0
  }
  return { versionId: version.version_id, living }
}

/** Of a first row that cannot be read nothing is known. */
function bytesOf(data: Uint8Array): number {
  try {
    return readSummary(data).bytes
  } catch {
    return 0
  }
}
