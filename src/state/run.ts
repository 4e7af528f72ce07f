/**
 * Runs: versions that follow one another on one lane, laid down together.
 *
 * Loads what their operations touch, applies one version after the other in memory, and writes the
 * projections once. A bounded handful of statements, whatever the number of versions.
 */
import type { Work } from '../database/work.js'
import type { JsonLimits } from '../model/json.js'
import type { Operation, PendingOperation } from '../model/operation.js'
import { applyOperations, type ElementCheck } from './apply.js'
import { DataHash } from './hash.js'
import { LaneProjection } from './lane.js'
import { type Standpoint, trunkLane } from './lanes.js'
import { loadTouched } from './load.js'
import type { MemoryGraph } from './memory.js'
import { emptyPlace, headPlace, type Place, placeAt } from './place.js'
import { TrunkProjection } from './trunk.js'

/** What a version stands on. */
export interface Ground extends Standpoint {
  dataHash: string
}

/** A version to be laid down. */
export interface Step {
  sequence: number
  timestamp: number
  operations: readonly PendingOperation[]
  laneId: number
  /** Its first parent: there already, or an earlier step, whose hash comes as it is applied. */
  parent: Ground | undefined
}

export interface RunOptions {
  limits: JsonLimits
  /** What the elements written must pass. */
  check?: ElementCheck | undefined
  /** What the operations touch, where it was loaded before: there is one run then. */
  loaded?: MemoryGraph | undefined
}

/** A version of a run that cannot be applied. */
export class RefusedStep extends Error {
  constructor(
    readonly step: Step,
    override readonly cause: unknown,
  ) {
    super('A version cannot be applied', { cause })
  }
}

/**
 * Lays versions down, lane by lane. `applied` is told of each as it is applied, with its operations as
 * they are recorded, the graph that they left behind and the hash of its state.
 *
 * @throws {RefusedStep} for a version that cannot be applied, of its lane the first; the transaction must not be kept.
 */
export function* layRuns<S extends Step>(
  steps: readonly S[],
  options: RunOptions,
  applied: (step: S, operations: readonly Operation[], graph: MemoryGraph, dataHash: string) => void,
): Work<void> {
  // In the order in which the lanes begin here: a lane comes after the one that it forks from.
  const runs = new Map<number, S[]>()
  for (const step of steps) {
    const run = runs.get(step.laneId)
    if (run) run.push(step)
    else runs.set(step.laneId, [step])
  }
  for (const run of runs.values()) yield* layRun(run, options, applied)
}

function* layRun<S extends Step>(
  steps: readonly S[],
  { limits, check, loaded }: RunOptions,
  applied: (step: S, operations: readonly Operation[], graph: MemoryGraph, dataHash: string) => void,
): Work<void> {
  const { laneId, parent } = steps[0] as S
  const dataHash = parent === undefined ? DataHash.empty() : DataHash.parse(parent.dataHash)
  const graph = loaded ?? (yield* loadTouched(yield* startOf(laneId, parent), operationsOf(steps), check !== undefined))
  const projection = laneId === trunkLane ? new TrunkProjection() : new LaneProjection(laneId)
  for (const step of steps) {
    try {
      const { operations, changes } = applyOperations(graph, step.operations, step.timestamp, limits, check)
      const standing = graph.accept(changes, step.sequence)
      for (const { before, after } of standing) {
        if (before) dataHash.subtract(before.element, before.text)
        if (after) dataHash.add(after.element, after.text)
      }
      projection.add(standing, step.sequence)
      applied(step, operations, graph, dataHash.toString())
    } catch (error) {
      throw new RefusedStep(step, error)
    }
  }
  yield* projection.write()
}

/** Where the state before a run is read. What goes on on lane 1 is `main`'s head. */
function* startOf(laneId: number, parent: Standpoint | undefined): Work<Place> {
  if (parent === undefined) return emptyPlace
  return laneId === trunkLane ? headPlace : yield* placeAt(parent.laneId, parent.sequence)
}

function* operationsOf(steps: readonly Step[]): Generator<PendingOperation> {
  for (const { operations } of steps) yield* operations
}
