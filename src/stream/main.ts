/**
 * Which first-parent chain of a stream becomes `main`: the one that its records name, else the longest.
 *
 * It is chosen before anything is written, so that `main` can move along it with each batch.
 */
import { branchByName } from '../../queries/branch.js'
import { versionById, versionsByIds } from '../../queries/version.js'
import type { Database } from '../database/database.js'
import { all, first, type Work } from '../database/work.js'
import { type Standpoint, trunkLane } from '../state/lanes.js'
import { isOnWay, placeAt } from '../state/place.js'
import type { Shape } from '../state/shape.js'

/** The chain of `main`: what the stream adds to it, and what of that is there already on other lanes. */
export interface MainChain {
  /** Whether a version of the stream is on the chain, after `main`'s head. */
  has(versionId: string): boolean
  /** The last version of the chain that is there already, though not on `main`; undefined: none is. */
  standing: string | undefined
}

/** Follows what records say of `main`, as they come. */
export class MainChoice {
  private said = false
  private end: string | undefined
  private isEnded = false

  private constructor(
    private readonly database: Database,
    private readonly shape: Shape,
    private readonly head: string | undefined,
  ) {
    this.end = head
  }

  static async start(database: Database, shape: Shape): Promise<MainChoice> {
    const main = await database.first(branchByName, { name: 'main' })
    return new MainChoice(database, shape, main?.version_id ?? undefined)
  }

  /** A record says that it is `main`, or was. One that cannot be is refused when it is written: nothing counts after it. */
  async name(versionId: string): Promise<void> {
    this.said = true
    if (this.isEnded) return
    const { end, shape } = this
    if (end === undefined || shape.isOnChain(end, versionId)) this.end = versionId
    else if (!shape.isOnChain(versionId, end)) {
      if (await this.database.read(() => follows(shape, end, versionId))) this.end = versionId
      else if (!(await this.database.read(() => follows(shape, versionId, end)))) this.isEnded = true
    }
  }

  async choose(): Promise<MainChain> {
    const { head, shape } = this
    if (!this.said) this.end = this.longest()
    const chain: string[] = []
    for (const versionId of this.end === undefined ? [] : shape.chain(this.end)) {
      if (versionId === head) break
      chain.push(versionId)
    }
    chain.reverse()
    const members = new Set(chain)
    return { has: (versionId) => members.has(versionId), standing: await this.database.read(() => lastStanding(chain)) }
  }

  private longest(): string | undefined {
    const { head, shape } = this
    if (head !== undefined) return shape.longestFrom(head) ?? head
    const root = shape.firstRoot()
    return root === undefined ? undefined : (shape.longestFrom(root) ?? root)
  }
}

/** Whether the first parents of `versionId`, beyond what the stream shows of them, lead to `ancestor`. */
function* follows(shape: Shape, ancestor: string, versionId: string): Work<boolean> {
  let oldest = versionId
  for (const id of shape.chain(versionId)) oldest = id
  const [from, to] = [yield* first(versionById, { id: ancestor }), yield* first(versionById, { id: oldest })]
  if (from === undefined || to === undefined) return false
  return isOnWay({ laneId: from.lane_id, sequence: from.sequence }, yield* placeAt(to.lane_id, to.sequence))
}

/** How many versions are looked up at a time. */
const batch = 512

/** The last version of a chain, from its first on, that is there already. */
function* lastStanding(chain: readonly string[]): Work<string | undefined> {
  let last: (Standpoint & { versionId: string }) | undefined
  for (let from = 0; from < chain.length; from += batch) {
    const ids = chain.slice(from, from + batch)
    const rows = yield* all(versionsByIds, { ids })
    for (const { version_id: versionId, lane_id: laneId, sequence } of rows) {
      if (last === undefined || sequence > last.sequence) last = { versionId, laneId, sequence }
    }
    if (rows.length < ids.length) break
  }
  return last === undefined || last.laneId === trunkLane ? undefined : last.versionId
}
