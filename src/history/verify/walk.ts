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
import { DataHash } from '../../state/hash.js'
import { MemoryGraph } from '../../state/memory.js'
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
    const { done, page } = await run.read(() => step(run, verifier, range, forks.length === 0))
    run.advance(page.length)
    // A signal, a timer, another call: what came meanwhile is let in between two batches.
    await setImmediate()
    if (!done) return passOver(run, forks)
    after = page.at(-1)?.sequence ?? after
    if (page.length === batch) continue
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

/** One batch of a lane. With nothing left of it the rest is compared in the same read: no commit comes between. */
function* step(
  run: Run,
  verifier: LaneVerifier,
  range: { after: number; to: number },
  toEnd: boolean,
): Work<{ done: boolean; page: VersionRow[] }> {
  const { laneId } = verifier
  const page = yield* all(versionsOfLane, { laneId, ...range, limit: batch })
  if (page.length > 0 && !(yield* replayPage(run, verifier, page))) return { done: false, page }
  if (toEnd && page.length < batch) {
    yield* verifier.finish()
    if (laneId === 1) yield* verifyHead(verifier, run.findings)
  }
  return { done: true, page }
}

/** False where a delta could not be replayed: nothing that follows on this lane can be told then. */
function* replayPage({ findings }: Run, verifier: LaneVerifier, page: readonly VersionRow[]): Work<boolean> {
  const ids = page.map(({ version_id }) => version_id)
  const deltas = new Map<string, DeltaRecordTable[]>(ids.map((id) => [id, []]))
  for (const row of yield* all(deltaRows, { ids })) deltas.get(row.state_version_id)?.push(row)
  const parents: ParentHashes = yield* parentHashes(page)
  const stored = new Set((yield* all(versionsWithSnapshot, { ids })).map(({ version_id }) => version_id))
  for (const version of page) {
    const { version_id: id } = version
    if (!verifier.replay(version, deltas.get(id) ?? [], parents)) return false
    if (stored.has(id)) yield* verifySnapshot(id, verifier.graph, findings)
  }
  yield* verifier.compare()
  return true
}
