/**
 * The whole tree of lanes, replayed once: a lane up to where another forks, that one to its end, and
 * on from there.
 *
 * One state is held however many lanes there are. What a lane changes of it is noted and taken back at
 * its end. Versions are immutable, so they are read batch by batch while others commit.
 */
import { setImmediate } from 'node:timers/promises'
import type { DeltaRecordTable } from '../../../queries/tables.js'
import { deltaRows, versionsOfLane, versionsWithSnapshot } from '../../../queries/verify.js'
import type { VersionRow } from '../../../queries/version.js'
import { all, type Work } from '../../database/work.js'
import type { Budget } from '../../model/budget.js'
import { DataHash } from '../../state/hash.js'
import { MemoryGraph } from '../../state/memory.js'
import type { Findings } from './findings.js'
import { verifyHead } from './head.js'
import { type Beginning, LaneVerifier } from './lane.js'
import type { Run } from './run.js'
import { verifySnapshot } from './snapshot.js'
import type { LaneNode } from './tree.js'
import { Undo } from './undo.js'
import { type ParentHashes, parentHashes } from './version.js'

const batch = 128

/** Replays a lane that begins with nothing, and all that fork from it. */
export function walkRoot(run: Run, root: LaneNode): Promise<void> {
  return walk(run, root, { graph: new MemoryGraph(), dataHash: DataHash.empty(), versionId: null })
}

async function walk(run: Run, lane: LaneNode, beginning: Beginning): Promise<void> {
  const verifier = new LaneVerifier(lane.laneId, beginning, run.findings)
  const forks = [...lane.forks]
  for (let after = 0; ; ) {
    const range = { after, to: forks[0]?.fork ?? Number.MAX_SAFE_INTEGER }
    const work = (findings: Findings) =>
      step(verifier, findings, range, { toEnd: forks.length === 0, budget: run.budget })
    const { page, done, isLast } = await run.read(work)
    verifier.passed()
    run.advance(page.length)
    // A signal, a timer, another call: what came meanwhile is let in between two batches.
    await setImmediate()
    if (!done) return passOver(run, forks)
    after = page.at(-1)?.sequence ?? after
    if (!isLast) continue
    const fork = forks.shift()
    if (fork === undefined) return
    await walkFork(run, fork, verifier)
  }
}

async function walkFork(run: Run, lane: LaneNode, under: LaneVerifier): Promise<void> {
  const undo = new Undo()
  const dataHash = DataHash.parse(under.dataHash.toString())
  await walk(run, lane, { graph: under.graph, dataHash, versionId: under.last, undo })
  undo.restore(under.graph)
}

/** What forks after a version that cannot be replayed cannot be either. */
function passOver({ findings }: Run, forks: readonly LaneNode[]): void {
  for (const { laneId } of forks) {
    findings.add(`lane ${laneId}`, 'the state that it forks from cannot be replayed')
  }
}

interface Step {
  page: readonly VersionRow[]
  /** False where a delta could not be replayed: nothing that follows on this lane can be told then. */
  done: boolean
  /** Whether nothing is left before the next fork or the end. */
  isLast: boolean
}

/**
 * One batch of a lane. With nothing left of it the rest is compared in the same read: no commit comes between.
 *
 * Run again it passes over what it has replayed. All else is found anew.
 */
function* step(
  verifier: LaneVerifier,
  findings: Findings,
  range: { after: number; to: number },
  { toEnd, budget }: { toEnd: boolean; budget: Budget },
): Work<Step> {
  const { laneId, graph } = verifier
  const rows = yield* all(versionsOfLane, { laneId, ...range, limit: batch })
  const { page, deltas, parents, snapshot } = yield* readPage(rows, verifier.sequence)
  const isLast = rows.length < batch && page.length === rows.length
  for (const version of page) {
    if (version.sequence <= verifier.sequence) continue
    budget.check()
    const delta = deltas.get(version.version_id) ?? []
    if (!verifier.replay(version, delta, parents)) return { page, done: false, isLast }
  }
  if (snapshot !== undefined) yield* verifySnapshot(snapshot, graph, findings)
  yield* verifier.compare(findings)
  if (toEnd && isLast) {
    yield* verifier.finish(findings)
    if (laneId === 1) yield* verifyHead(verifier, findings)
  }
  return { page, done: true, isLast }
}

/** Versions as they are replayed: a snapshot is compared with the state of the last of them. */
interface Page {
  page: readonly VersionRow[]
  deltas: ReadonlyMap<string, readonly DeltaRecordTable[]>
  parents: ParentHashes
  /** The last version, where it has a snapshot. */
  snapshot: string | undefined
}

/** What is needed to replay versions, up to the first that has a snapshot. Those before `replayed` had their turn. */
function* readPage(rows: readonly VersionRow[], replayed: number): Work<Page> {
  if (rows.length === 0) return { page: rows, deltas: new Map(), parents: new Map(), snapshot: undefined }
  const ids = rows.map(({ version_id }) => version_id)
  const stored = new Set((yield* all(versionsWithSnapshot, { ids })).map(({ version_id }) => version_id))
  const last = rows.findIndex(({ version_id: id, sequence }) => stored.has(id) && sequence >= replayed)
  const page = last < 0 ? rows : rows.slice(0, last + 1)
  const deltas = new Map<string, DeltaRecordTable[]>(page.map(({ version_id }) => [version_id, []]))
  for (const row of yield* all(deltaRows, { ids: [...deltas.keys()] })) deltas.get(row.state_version_id)?.push(row)
  return { page, deltas, parents: yield* parentHashes(page), snapshot: last < 0 ? undefined : ids[last] }
}
