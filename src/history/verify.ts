/**
 * Verify: proves that the database is what its versions say.
 *
 * Every delta is replayed from the root; each hash, head row, history row, tag and event is compared
 * with what follows from the deltas. Versions are immutable, so they are read batch by batch while
 * others commit; what stands at the head is compared at the end, in one read.
 */

import { setImmediate } from 'node:timers/promises'
import { allBranches, allLanes } from '../../queries/branch.js'
import { orphanDeltas } from '../../queries/delta.js'
import type { DeltaRecordTable, LaneTable } from '../../queries/tables.js'
import { deltaRows, headRows, headTags, historyCounts, versionsOfLane } from '../../queries/verify.js'
import { type VersionRow, versionById, versionsByIds } from '../../queries/version.js'
import type { Database } from '../database/database.js'
import { all, first, type Work } from '../database/work.js'
import { type Budget, type CallOptions, startBudget } from '../model/budget.js'
import { ClosedError, UniverseError, ValidationError } from '../model/errors.js'
import type { Version } from '../model/version.js'
import { DataHash } from '../state/hash.js'
import { MemoryGraph } from '../state/memory.js'
import { placeAt } from '../state/place.js'
import { replay } from '../state/replay.js'
import { verifyEvents } from './verify/events.js'
import { type Finding, Findings } from './verify/findings.js'
import { LaneVerifier, stateRow } from './verify/lane.js'
import { newestSequence } from './versions.js'

/** What `verify` looks at besides the database itself, and whom it tells. */
export interface VerifyOptions extends CallOptions {
  /** A version that a commit returned: it must still be there, the same. */
  receipt?: Version | undefined
  /** Called after each batch with how many versions were replayed, and of how many. */
  onProgress?: ((progress: { versions: number; total: number }) => void) | undefined
}

/** What `verify` found. */
export interface Verification {
  /** Whether nothing was found. */
  ok: boolean
  /** How many versions were replayed. */
  versions: number
  /** What is wrong, each with its place; at most 1,000 of them. */
  findings: Finding[]
  /** How many findings there were in all. */
  count: number
}

const batch = 128
const mostFindings = 1_000

interface Run {
  database: Database
  findings: Findings
  budget: Budget
  versions: number
  /** The version hashes of all versions met so far. */
  hashes: Map<string, string>
  advance(versions: number): void
}

/** Verifies everything. For errors see `Universe.verify`. */
export async function verify(database: Database, options: VerifyOptions = {}): Promise<Verification> {
  const budget = startBudget(options)
  checkOptions(options)
  const findings = new Findings(mostFindings)
  for (const problem of database.check()) findings.add('the file', problem)
  const total = await database.read(newestSequence)
  const run: Run = {
    database,
    findings,
    budget,
    versions: 0,
    hashes: new Map(),
    advance(versions) {
      run.versions += versions
      options.onProgress?.({ versions: run.versions, total })
    },
  }
  const lanes = await database.read(() => all(allLanes, {}))
  for (const lane of lanes) {
    const isWhole = await database.read(() => verifyFork(lane, lanes, findings))
    if (isWhole) await verifyLane(run, lane)
  }
  await verifyBranches(run, total)
  await verifyEvents(database, findings, budget)
  if (options.receipt !== undefined) await verifyReceipt(run, options.receipt)
  return { ok: findings.count === 0, versions: run.versions, findings: findings.list, count: findings.count }
}

function checkOptions({ receipt, onProgress }: VerifyOptions): void {
  const refuse = (path: string, reason: string) =>
    new ValidationError({ what: 'The options are not valid', issues: [{ path, reason }] })
  if (onProgress !== undefined && typeof onProgress !== 'function') throw refuse('/onProgress', 'must be a function')
  if (receipt === undefined) return
  if (typeof receipt !== 'object' || receipt === null || typeof receipt.versionId !== 'string') {
    throw refuse('/receipt', 'must be a version that a commit returned')
  }
}

/** Whether a lane forks where its first version's parent stands. If not, nothing can be read through it. */
function* verifyFork(lane: LaneTable, lanes: readonly LaneTable[], findings: Findings): Work<boolean> {
  const range = { laneId: lane.lane_id, after: 0, to: Number.MAX_SAFE_INTEGER, limit: 1 }
  const [start] = yield* all(versionsOfLane, range)
  const parent = start?.parent_version_id ? yield* first(versionById, { id: start.parent_version_id }) : undefined
  const depth = lanes.find(({ lane_id }) => lane_id === parent?.lane_id)?.depth ?? 0
  const before = findings.count
  findings.compare(`lane ${lane.lane_id}`, lane, {
    parent_lane_id: parent?.lane_id ?? null,
    fork_sequence: parent?.sequence ?? null,
    depth: depth + 1,
  })
  return findings.count === before
}

async function verifyLane(run: Run, lane: LaneTable): Promise<void> {
  const { database, findings } = run
  let verifier: LaneVerifier
  try {
    verifier = await database.read(() => startLane(lane, findings))
  } catch (error) {
    if (!(error instanceof UniverseError) || error instanceof ClosedError) throw error
    findings.add(`lane ${lane.lane_id}`, `the state that it forks from cannot be replayed: ${error.message}`)
    return
  }
  let after = 0
  for (let whole = true; whole; ) {
    run.budget.check()
    const position = after
    const step = await database.read(function* () {
      const page = yield* readVersions(run, lane.lane_id, position)
      const done = replayPage(run, verifier, page)
      if (done) yield* verifier.compare()
      // With nothing left to replay, the rest is compared in the same read: no commit comes between.
      if (done && page.versions.length < batch) yield* verifyEnd(run, verifier)
      return { done, page }
    })
    run.advance(step.page.versions.length)
    // A signal, a timer, another call: what came meanwhile is let in between two batches.
    await setImmediate()
    after = step.page.versions.at(-1)?.sequence ?? after
    whole = step.done && step.page.versions.length === batch
  }
}

/** The state that a lane begins with. */
function* startLane(lane: LaneTable, findings: Findings): Work<LaneVerifier> {
  if (lane.parent_lane_id === null || lane.fork_sequence === null) {
    return new LaneVerifier(lane.lane_id, new MemoryGraph(), DataHash.empty(), findings)
  }
  const graph = yield* replay(yield* placeAt(lane.parent_lane_id, lane.fork_sequence))
  const hash = DataHash.empty()
  for (const { element, text } of [...graph.entities.values(), ...graph.relations.values()]) hash.add(element, text)
  return new LaneVerifier(lane.lane_id, graph, hash, findings)
}

interface VersionPage {
  versions: VersionRow[]
  deltas: Map<string, DeltaRecordTable[]>
}

function* readVersions(run: Run, laneId: number, after: number): Work<VersionPage> {
  const versions = yield* all(versionsOfLane, { laneId, after, to: Number.MAX_SAFE_INTEGER, limit: batch })
  const deltas = new Map<string, DeltaRecordTable[]>(versions.map(({ version_id }) => [version_id, []]))
  if (versions.length > 0) {
    for (const row of yield* all(deltaRows, { ids: [...deltas.keys()] })) deltas.get(row.state_version_id)?.push(row)
    const parents = versions.flatMap(({ parent_version_id, further_parents }) => [
      ...(parent_version_id === null ? [] : [parent_version_id]),
      ...(further_parents === null ? [] : (JSON.parse(further_parents) as string[])),
    ])
    const unknown = parents.filter((id) => !run.hashes.has(id))
    for (const row of yield* all(versionsByIds, { ids: unknown })) run.hashes.set(row.version_id, row.version_hash)
  }
  return { versions, deltas }
}

/** False where a delta could not be replayed: nothing that follows on this lane can be told then. */
function replayPage(run: Run, verifier: LaneVerifier, { versions, deltas }: VersionPage): boolean {
  for (const version of versions) {
    run.hashes.set(version.version_id, version.version_hash)
    if (!verifier.replay(version, deltas.get(version.version_id) ?? [], run.hashes)) return false
  }
  return true
}

/** What stands at the lane's end, and that there is no row more than the deltas say. */
function* verifyEnd({ findings }: Run, verifier: LaneVerifier): Work<void> {
  const { laneId, graph } = verifier
  yield* verifier.finish()
  for (const of of ['entity', 'relation', 'tag'] as const) {
    const rows = yield* all(historyCounts({ of }), {})
    const count = rows.find(({ lane_id }) => lane_id === laneId)?.count ?? 0
    if (count !== verifier.counts[of]) {
      findings.add(`history of ${of}`, `lane ${laneId} has ${count} rows, the deltas say ${verifier.counts[of]}`)
    }
  }
  if (laneId !== 1) return
  yield* verifyHead(findings, 'entity', graph.entities)
  yield* verifyHead(findings, 'relation', graph.relations)
  yield* verifyTags(findings, verifier.tags)
}

function* verifyHead(
  findings: Findings,
  element: 'entity' | 'relation',
  standing: ReadonlyMap<string, Parameters<typeof stateRow>[0]>,
): Work<void> {
  let matched = 0
  for (let after = ''; ; ) {
    const rows = yield* all(headRows({ element }), { after, limit: 5_000 })
    for (const row of rows) {
      const expected = standing.get(row.id as string)
      if (expected === undefined) findings.add(`${element} ${row.id}`, 'stands, though the deltas do not say so')
      else {
        matched++
        findings.compare(`${element} ${row.id}`, row, stateRow(expected))
      }
    }
    const last = rows.at(-1)
    if (last === undefined) break
    after = last.id as string
  }
  if (matched < standing.size) findings.add(element, `${standing.size - matched} rows are missing`)
}

function* verifyTags(findings: Findings, standing: ReadonlyMap<string, number>): Work<void> {
  let matched = 0
  for (const { tag, entity_id, from_sequence } of yield* all(headTags, {})) {
    const key = JSON.stringify([tag, entity_id])
    const since = standing.get(key)
    if (since === undefined) findings.add(`tag ${key}`, 'stands, though the deltas do not say so')
    else {
      matched++
      findings.compare(`tag ${key}`, { from_sequence }, { from_sequence: since })
    }
  }
  if (matched < standing.size) findings.add('tag', `${standing.size - matched} rows are missing`)
}

/** `total`: the newest sequence when the run began; what came since is not missed. */
async function verifyBranches({ database, findings, versions, hashes }: Run, total: number): Promise<void> {
  await database.read(function* () {
    if (versions < total || hashes.size < total) {
      findings.add('versions', `${versions} versions can be replayed, the newest had sequence ${total}`)
    }
    const orphans = (yield* first(orphanDeltas, {}))?.count ?? 0
    if (orphans > 0) findings.add('deltas', `${orphans} rows belong to no version`)
    for (const { name, version_id, sequence } of yield* all(allBranches, {})) {
      if (version_id !== null && sequence === null)
        findings.add(`branch ${name}`, `its head ${version_id} is not there`)
      const isBehind = name === 'main' && version_id === null && total > 0
      if (isBehind) findings.add('branch main', 'has no head, though there are versions')
    }
  })
}

async function verifyReceipt({ database, findings }: Run, receipt: Version): Promise<void> {
  const { versionId, versionHash, sequence } = receipt
  const row = await database.read(() => first(versionById, { id: versionId }))
  const expected = { version_hash: versionHash, sequence }
  findings.compare(`version ${versionId}`, row, expected, versionId)
}
