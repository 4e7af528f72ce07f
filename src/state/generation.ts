/**
 * The lane generation: how often all lanes were laid anew.
 *
 * The place of a version off `main` holds for one generation. Places are kept between calls, so
 * whoever uses one must know afterwards that it still held. To ask the database each time would cost
 * as much as half of a point read; instead a generation that was read is believed for a short lease,
 * and who lays lanes anew announces it first and waits until every lease has run out.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { configValues, deleteConfig, putConfig } from '../../queries/config.js'
import type { Database } from '../database/database.js'
import { all, each, type Work } from '../database/work.js'
import { newId } from '../model/id.js'

/** How long a generation is believed after it was asked for, in milliseconds. */
const leaseMs = 250
/** How long an announcement stands before lanes are laid, in milliseconds. */
const graceMs = 400

const generationKey = 'lane_generation'
const announcementKey = 'lanes_announced'

export class LaneGeneration {
  private known: number | undefined
  private believedUntil = Number.NEGATIVE_INFINITY

  constructor(private readonly database: Database) {}

  /** The generation as it was last read; 0 before. */
  get number(): number {
    return this.known ?? 0
  }

  /** Whether every place of this generation that was used until now held when it was used. */
  get isHeld(): boolean {
    return performance.now() < this.believedUntil
  }

  /** Reads the generation; whether it is the one that was known. */
  async confirm(): Promise<boolean> {
    const asked = performance.now()
    const { generation, announced } = await this.database.read(readGeneration)
    const isSame = generation === this.known
    this.known = generation
    this.believedUntil = announced === undefined ? asked + leaseMs : Number.NEGATIVE_INFINITY
    return isSame
  }

  /** Runs work that lays lanes anew, in one transaction, when no process believes in the old ones any more. */
  async raise<T>(work: () => Work<T>, by: string): Promise<T> {
    for (;;) {
      const token = newId()
      await this.database.write(() => announce(token, by))
      try {
        await sleep(graceMs)
        const done = await this.database.write(function* () {
          const { generation, announced } = yield* readGeneration()
          // Withdrawn by one that opened the universe and took it for left behind.
          if (announced !== token) return undefined
          const result = yield* work()
          yield* each(putConfig, [row(generationKey, String(generation + 1), 'How often lanes were laid anew', by)])
          yield* each(deleteConfig, [{ key: announcementKey }])
          return { result }
        })
        if (done !== undefined) return done.result
      } catch (error) {
        await this.database.write(() => withdraw(token)).catch(() => {})
        throw error
      } finally {
        this.believedUntil = Number.NEGATIVE_INFINITY
      }
    }
  }
}

/** How often lanes were laid anew. */
export function* laneGeneration(): Work<number> {
  return (yield* readGeneration()).generation
}

/** Whether lanes are about to be laid anew, or were when the process that said so was killed. */
export function* isAnnounced(): Work<boolean> {
  return (yield* readGeneration()).announced !== undefined
}

/** Withdraws what a killed process may have left behind. Whoever still waits announces it again. */
export function* withdrawAnnouncement(): Work<void> {
  yield* each(deleteConfig, [{ key: announcementKey }])
}

function* readGeneration(): Work<{ generation: number; announced: string | undefined }> {
  const rows = yield* all(configValues, { keys: [generationKey, announcementKey] })
  const values = new Map(rows.map(({ key, value }) => [key, value]))
  return { generation: Number(values.get(generationKey) ?? 1), announced: values.get(announcementKey) }
}

function* announce(token: string, by: string): Work<void> {
  yield* each(putConfig, [row(announcementKey, token, 'Lanes are about to be laid anew', by)])
}

function* withdraw(token: string): Work<void> {
  if ((yield* readGeneration()).announced === token) yield* each(deleteConfig, [{ key: announcementKey }])
}

function row(key: string, value: string, description: string, updatedBy: string) {
  return { key, value, description, updatedAt: Date.now(), updatedBy }
}
