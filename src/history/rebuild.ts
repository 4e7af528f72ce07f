/**
 * Rebuild: drops every projection and derives it again from the deltas, lanes chosen anew.
 *
 * All of it is one transaction: readers see what stood before until it ends, and a run that is cut
 * short leaves nothing behind.
 */
import { branchByName, moveBranch } from '../../queries/branch.js'
import { clearProjection, layBranches, layVersion, projections, versionShapes } from '../../queries/rebuild.js'
import { type VersionRow, versionsByIds, versionsInOrder } from '../../queries/version.js'
import { all, each, first, type Work } from '../database/work.js'
import { type Budget, type CallOptions, startBudget } from '../model/budget.js'
import { IntegrityError, ValidationError } from '../model/errors.js'
import { type Recorded, recordedIn } from '../state/delta.js'
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
  let total = 0
  for (let after = 0; ; ) {
    budget.check()
    const rows = yield* all(versionShapes, { after, limit: shapeBatch })
    for (const { version_id, parent_version_id, sequence } of rows) {
      shape.add(version_id, parent_version_id ?? undefined)
      after = sequence
    }
    total += rows.length
    if (rows.length < shapeBatch) break
  }
  const main = (yield* first(branchByName, { name: 'main' }))?.version_id
  const chain = new Set(main ? shape.chain(main) : [])
  const plan = { isMain: (id: string) => chain.has(id), continues: (id: string) => shape.isHeaviest(id) }
  return { plan, total }
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
    throw new IntegrityError({
      reason: `The delta of version ${versionId} is damaged: ${(error.cause as Error).message}`,
      hint: 'Nothing was rebuilt. Run verify to see what else is damaged, and restore a backup.',
      cause: error.cause,
    })
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
