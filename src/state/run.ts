/**
 * Runs: versions that follow one another on one lane, laid down together.
 *
 * Loads what their operations touch, applies one version after the other in memory, and writes the
 * projections once. A bounded handful of statements, whatever the number of versions; a large version goes
 * window by window.
 */
import type { Work } from '../database/work.js'
import type { JsonLimits } from '../model/json.js'
import type { Operation, Operations, PendingOperation } from '../model/operation.js'
import { applyOperations, type ElementCheck } from './apply.js'
import { DataHash } from './hash.js'
import { LaneProjection } from './lane.js'
import { type Standpoint, trunkLane } from './lanes.js'
import { loadTouched } from './load.js'
import type { MemoryGraph } from './memory.js'
import { emptyPlace, headPlace, type Place, placeAt } from './place.js'
import { TrunkProjection } from './trunk.js'
import { type Window, windowsOf } from './window.js'

/** What a version stands on. */
export interface Ground extends Standpoint {
  dataHash: string
}

/** A version to be laid down. */
export interface Step {
  sequence: number
  timestamp: number
  operations: Operations<PendingOperation>
  laneId: number
  /** Its first parent: there already, or an earlier step, whose hash comes as it is applied. */
  parent: Ground | undefined
}

export interface RunOptions {
  limits: JsonLimits
  /** What the elements written must pass. */
  check?: ElementCheck | undefined
  /** What the operations touch, where it was loaded before: of one version that is one window. */
  loaded?: MemoryGraph | undefined
  /** How many operations of one version are laid down at a time. */
  window?: number | undefined
}

/** Who is told of what was laid down. */
export interface Witness<S extends Step> {
  /** Of each part of a version: its operations as they are recorded, and the graph that they left behind. */
  recorded?(step: S, operations: readonly Operation[], graph: MemoryGraph): Work<void>
  /** Of each version: the hash of its state. */
  applied(step: S, dataHash: string): void
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
 * Lays versions down, lane by lane.
 *
 * @throws {RefusedStep} for a version that cannot be applied, of its lane the first; the transaction must not be kept.
 */
export function* layRuns<S extends Step>(steps: readonly S[], options: RunOptions, witness: Witness<S>): Work<void> {
  // In the order in which the lanes begin here: a lane comes after the one that it forks from.
  const runs = new Map<number, S[]>()
  for (const step of steps) {
    const run = runs.get(step.laneId)
    if (run) run.push(step)
    else runs.set(step.laneId, [step])
  }
  for (const run of runs.values()) yield* layRun(run, options, witness)
}

/** Some operations of a version: all of them, or a window. */
interface Piece<S extends Step> extends Window {
  step: S
  operations: Iterable<PendingOperation>
}

function* layRun<S extends Step>(steps: readonly S[], options: RunOptions, witness: Witness<S>): Work<void> {
  const { laneId, parent } = steps[0] as S
  const dataHash = parent === undefined ? DataHash.empty() : DataHash.parse(parent.dataHash)
  let ground: Standpoint | undefined = parent
  for (const part of partsOf(steps, options)) {
    yield* layPart(part, ground, dataHash, options, witness)
    ground = { laneId, sequence: (part.at(-1) as Piece<S>).step.sequence }
  }
}

/** The pieces that are laid down together: small versions side by side, the windows of a large one each alone. */
function* partsOf<S extends Step>(steps: readonly S[], { window }: RunOptions): Generator<Piece<S>[]> {
  let part: Piece<S>[] = []
  for (const step of steps) {
    const { operations } = step
    const windows = windowsOf(operations, window)
    if (windows.length === 1) part.push({ step, operations, from: 0, to: operations.length })
    else {
      if (part.length > 0) yield part
      part = []
      const rest = operations[Symbol.iterator]()
      for (const { from, to } of windows) yield [{ step, operations: takenOf(rest, to - from), from, to }]
    }
  }
  if (part.length > 0) yield part
}

function* layPart<S extends Step>(
  pieces: readonly Piece<S>[],
  ground: Standpoint | undefined,
  dataHash: DataHash,
  { limits, check, loaded }: RunOptions,
  witness: Witness<S>,
): Work<void> {
  const { laneId } = (pieces[0] as Piece<S>).step
  const graph =
    loaded ?? (yield* loadTouched(yield* startOf(laneId, ground), operationsOf(pieces), check !== undefined))
  const projection = laneId === trunkLane ? new TrunkProjection() : new LaneProjection(laneId)
  for (const { step, operations: given, from, to } of pieces) {
    let recorded: readonly Operation[]
    try {
      const { operations, changes } = applyOperations(graph, given, step.timestamp, limits, check, from)
      const standing = graph.accept(changes, step.sequence)
      for (const { before, after } of standing) {
        if (before) dataHash.subtract(before.element, before.text)
        if (after) dataHash.add(after.element, after.text)
      }
      projection.add(standing, step.sequence)
      recorded = operations
      if (to === step.operations.length) witness.applied(step, dataHash.toString())
    } catch (error) {
      throw new RefusedStep(step, error)
    }
    if (witness.recorded) yield* witness.recorded(step, recorded, graph)
  }
  yield* projection.write()
}

/** Where the state before a part is read. What goes on on lane 1 is `main`'s head. */
function* startOf(laneId: number, ground: Standpoint | undefined): Work<Place> {
  if (ground === undefined) return emptyPlace
  return laneId === trunkLane ? headPlace : yield* placeAt(ground.laneId, ground.sequence)
}

function* operationsOf(pieces: readonly { operations: Iterable<PendingOperation> }[]): Generator<PendingOperation> {
  for (const { operations } of pieces) yield* operations
}

function takenOf<T>(rest: Iterator<T>, count: number): T[] {
  return Array.from({ length: count }, () => rest.next().value as T)
}
