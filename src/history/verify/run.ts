/** One run of `verify`: what it reads from, whom it tells, and how far it is. */
import type { Database } from '../../database/database.js'
import type { Work } from '../../database/work.js'
import type { Budget } from '../../model/budget.js'
import { laneGeneration } from '../../state/generation.js'
import { Findings } from './findings.js'

/** Lanes were laid anew while they were read: what was read of them is worth nothing. */
export class LanesMoved extends Error {}

export class Run {
  /** How many versions were read. */
  versions = 0

  constructor(
    private readonly database: Database,
    readonly findings: Findings,
    readonly budget: Budget,
    /** The generation of lanes that the run began with. */
    private readonly generation: number,
    private readonly tell: (versions: number) => void,
  ) {}

  /**
   * Runs work in one read. It may be run again, so what it finds counts when it has come to its end.
   *
   * @throws {LanesMoved} where the lanes are not those that the run began with.
   */
  async read<T>(work: (findings: Findings) => Work<T>): Promise<T> {
    const { generation } = this
    this.budget.check()
    const { result, found } = await this.database.read(function* () {
      if ((yield* laneGeneration()) !== generation) throw new LanesMoved()
      const found = new Findings()
      return { result: yield* work(found), found }
    }, this.budget)
    this.findings.take(found)
    return result
  }

  advance(versions: number): void {
    this.versions += versions
    this.tell(this.versions)
  }
}
