/**
 * Rebuild: drops every projection and derives it again from the deltas, lanes chosen anew.
 *
 * All of it is one transaction: readers see what stood before until it ends, and a run that is cut
 * short leaves nothing behind.
 */
import { insertBranch, moveBranch } from '../../queries/branch.js'
import { configValue } from '../../queries/config.js'
import { orphanDeltas } from '../../queries/delta.js'
import {
  clearProjection,
  headNamed,
  layBranches,
  layVersion,
  projections,
  type VersionShape,
  versionShapes,
} from '../../queries/rebuild.js'
import { type VersionRow, versionsByIds, versionsInOrder } from '../../queries/version.js'
import { all, each, first, type Work } from '../database/work.js'
import { type Budget, type CallOptions, startBudget } from '../model/budget.js'
import { IntegrityError, ValidationError } from '../model/errors.js'
import { damagedDelta, type Recorded, recordedIn } from '../state/delta.js'
import { type LanePlan, Lanes, trunkLane } from '../state/lanes.js'
import { unlimited } from '../state/replay.js'
import { type Ground, layRuns, RefusedStep, type Step } from '../state/run.js'
import { Shape } from '../state/shape.js'
import type { Committer } from './committer.js'

/** How a rebuild goes. */
export interface RebuildOptions extends CallOptions {
  /** Called after each batch with how many versions were laid, and of how many. */
  onProgress?: ((progress: { versions: number; total: number }) => void) | undefined
}

/** What a rebuild did. */
export interface Rebuilt {
  /** How many versions were replayed. */
  versions: number
  /** How many lanes they stand on. */
  lanes: number
}

/** How many versions are read and laid at a time. */
const batch = 64
/** How many are asked for their first parent at a time. */
const shapeBatch = 10_000

const nothingRebuilt = 'Nothing was rebuilt. Run verify to see what else is damaged, and restore a backup.'

interface Progress {
  budget: Budget
  tell(versions: number, total: number): void
}

/** Rebuilds everything. For errors see `Universe.rebuild`. */
export async function rebuild(committer: Committer, options: RebuildOptions = {}): Promise<Rebuilt> {
  const budget = startBudget(options, ['onProgress'])
  const { onProgress } = options
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    const issues = [{ path: '/onProgress', reason: 'must be a function' }]
    throw new ValidationError({ what: 'The options are not valid', issues })
  }
  const progress = { budget, tell: (versions: number, total: number) => onProgress?.({ versions, total }) }
  return committer.queue.run(() => {
    budget.check()
    return layIn(committer, () => layAnew(progress))
  })
}

/** Moves `main` forward onto a version that stands on another lane: the lanes are laid anew. */
export async function moveMain(committer: Committer, versionId: string): Promise<void> {
  const progress = { budget: startBudget({}), tell: () => {} }
  await layIn(committer, function* () {
    yield* each(moveBranch, [{ name: 'main', head_version_id: versionId, lane_id: trunkLane }])
    yield* layAnew(progress)
  })
}

async function layIn<T>({ lanes, snapshots, owner }: Committer, work: () => Work<T>): Promise<T> {
  await snapshots.settled()
  const result = await lanes.raise(work, owner)
  snapshots.forget()
  return result
}

function* layAnew(progress: Progress): Work<Rebuilt> {
  const { plan, total } = yield* readPlan(progress)
  for (const table of projections) yield* each(clearProjection({ table }), [{}])
  const lanes = Lanes.none()
  yield* lanes.write()
  let versions = 0
  for (let after = 0; versions < total; ) {
    progress.budget.check()
    const page = { after, to: Number.MAX_SAFE_INTEGER, limit: batch }
    const rows = yield* all(versionsInOrder, page)
    if (rows.length === 0) break
    yield* layPage(rows, yield* recordedIn(page), lanes, plan)
    versions += rows.length
    after = (rows.at(-1) as VersionRow).sequence
    progress.tell(versions, total)
  }
  yield* each(layBranches, [{}])
  return { versions, lanes: lanes.count }
}

/** The lanes as the whole tree would have them. */
function* readPlan({ budget }: Progress): Work<{ plan: LanePlan; total: number }> {
  const shape = new Shape()
  const trunk: string[] = []
  let total = 0
  let after = 0
  for (;;) {
    budget.check()
    const rows = yield* all(versionShapes, { after, limit: shapeBatch })
    for (const row of rows) {
      addTo(shape, row)
      if (row.lane_id === trunkLane) trunk.push(row.version_id)
      after = row.sequence
    }
    total += rows.length
    if (rows.length < shapeBatch) break
  }
  const head = yield* headOfMain(shape, trunk, total === after)
  const chain = new Set(head === undefined ? [] : shape.chain(head))
  const plan = { isMain: (id: string) => chain.has(id), continues: (id: string) => shape.isHeaviest(id) }
  return { plan, total }
}

/** A first parent comes before its children: a chain that went on elsewhere might have no end. */
function addTo(shape: Shape, { version_id: id, parent_version_id: parent }: VersionShape): void {
  if (parent !== null && !shape.has(parent)) {
    const reason = `The first parent of version ${id} is damaged: ${parent} is not before it`
    throw new IntegrityError({ reason, hint: nothingRebuilt })
  }
  shape.add(id, parent ?? undefined)
}

/**
 * The head of `main`, which is put back where it is lost: what is on lane 1 is `main`'s chain, so its newest version
 * was the head.
 *
 * @throws {IntegrityError} where the head is no version, or nothing tells it.
 */
function* headOfMain(shape: Shape, trunk: readonly string[], isDense: boolean): Work<string | undefined> {
  const main = yield* first(headNamed, { name: 'main' })
  if (main !== undefined && main.head_version_id !== null) {
    const { head_version_id: head } = main
    if (shape.has(head)) return head
    throw new IntegrityError({ reason: `The head of main, version ${head}, is missing`, hint: nothingRebuilt })
  }
  const head = trunk.at(-1)
  // A universe that was imported without `main` has none: that is how it is to be.
  if (main !== undefined && head === undefined) return undefined
  const chain = head === undefined ? [] : [...shape.chain(head)].reverse()
  const isWhole = isDense && (yield* first(orphanDeltas, {}))?.count === 0
  if (!isWhole || chain.length !== trunk.length || chain.some((id, index) => id !== trunk[index])) {
    const reason = 'The head of main is lost, and the versions that are left do not tell which it was'
    throw new IntegrityError({ reason, hint: nothingRebuilt })
  }
  const stand = { name: 'main', head_version_id: head ?? null, lane_id: trunkLane }
  if (main === undefined) {
    const madeAt = Number((yield* first(configValue, { key: 'created_at' }))?.value ?? 0)
    yield* each(insertBranch, [{ ...stand, created_at: madeAt }])
  } else yield* each(moveBranch, [stand])
  return head
}

/** A version that is laid again. */
interface Laid extends Step {
  versionId: string
  dataHash: string
  late: boolean
}

function* layPage(rows: readonly VersionRow[], recorded: Recorded, lanes: Lanes, plan: LanePlan): Work<void> {
  const known = yield* parentsOf(rows)
  const steps = rows.map((row): Laid => {
    const { version_id: versionId, sequence, timestamp, data_hash: dataHash } = row
    const parent = known.get(row.parent_version_id ?? '')
    const laneId = lanes.choose(versionId, parent, plan)
    const { late } = lanes.extend(laneId, sequence, timestamp)
    known.set(versionId, { laneId, sequence, dataHash })
    return {
      versionId,
      sequence,
      timestamp,
      operations: recorded.get(versionId)?.operations ?? [],
      laneId,
      late,
      parent,
      dataHash,
    }
  })
  yield* lanes.write()
  try {
    yield* layRuns<Laid>(
      steps,
      { limits: unlimited },
      {
        applied({ dataHash }, hash) {
          if (hash !== dataHash) throw new Error('it leads to another state than the one whose hash was recorded')
        },
      },
    )
  } catch (error) {
    if (!(error instanceof RefusedStep)) throw error
    const { versionId } = error.step as Laid
    throw damagedDelta(versionId, (error.cause as Error).message, { hint: nothingRebuilt, cause: error.cause })
  }
  yield* each(
    layVersion,
    steps.map(({ versionId, laneId, late }) => ({ version_id: versionId, lane_id: laneId, late: late ? 1 : 0 })),
  )
}

/** The first parents that were laid with earlier versions. */
function* parentsOf(rows: readonly VersionRow[]): Work<Map<string, Ground>> {
  const own = new Set(rows.map(({ version_id }) => version_id))
  const ids = new Set(rows.flatMap(({ parent_version_id: id }) => (id === null || own.has(id) ? [] : [id])))
  if (ids.size === 0) return new Map()
  const parents = yield* all(versionsByIds, { ids: [...ids] })
  return new Map(
    parents.map((row) => [row.version_id, { laneId: row.lane_id, sequence: row.sequence, dataHash: row.data_hash }]),
  )
}
