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

/** Gathers what records say of `main`, and chooses its chain once the shape is whole. */
export class MainChoice {
  private readonly said: string[] = []

  private constructor(
    private readonly database: Database,
    private readonly shape: Shape,
    private readonly head: string | undefined,
  ) {}

  static async start(database: Database, shape: Shape): Promise<MainChoice> {
    const main = await database.first(branchByName, { name: 'main' })
    return new MainChoice(database, shape, main?.version_id ?? undefined)
  }

  /** A record says that it is `main`, or was. */
  name(versionId: string): void {
    this.said.push(versionId)
  }

  async choose(): Promise<MainChain> {
    const { head, shape } = this
    const end = this.said.length > 0 ? await this.lastNamed() : this.longest()
    const chain: string[] = []
    for (const versionId of end === undefined ? [] : shape.chain(end)) {
      if (versionId === head) break
      chain.push(versionId)
    }
    chain.reverse()
    const members = new Set(chain)
    return { has: (versionId) => members.has(versionId), standing: await this.database.read(() => lastStanding(chain)) }
  }

  /**
   * Where the names lead, one after the other. One that `main` cannot move to is refused when its record
   * is written: nothing counts after it. Each version is passed once.
   */
  private async lastNamed(): Promise<string | undefined> {
    const { head, shape } = this
    let end = head
    const passed = new Set(end === undefined ? [] : shape.chain(end))
    for (const versionId of this.said) {
      if (passed.has(versionId)) continue
      const fresh: string[] = []
      let met: string | undefined
      for (const id of shape.chain(versionId)) {
        if (passed.has(id)) {
          met = id
          break
        }
        fresh.push(id)
      }
      let leads = end === undefined || met === end
      if (!leads && end === head) {
        const [from, oldest] = [end as string, fresh.at(-1) as string]
        leads = await this.database.read(() => follows(from, oldest))
        // A name further back stays where it has gone.
        if (!leads && !(await this.database.read(() => follows(versionId, from)))) return end
      } else if (!leads) return end
      for (const id of fresh) passed.add(id)
      if (leads) end = versionId
    }
    return end
  }

  private longest(): string | undefined {
    const { head, shape } = this
    if (head !== undefined) return shape.longestFrom(head) ?? head
    const root = shape.firstRoot()
    return root === undefined ? undefined : (shape.longestFrom(root) ?? root)
  }
}

/** Whether the first parents of `versionId`, both of them there already, lead to `ancestor`. */
function* follows(ancestor: string, versionId: string): Work<boolean> {
  const [from, to] = [yield* first(versionById, { id: ancestor }), yield* first(versionById, { id: versionId })]
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
