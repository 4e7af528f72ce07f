/** What stands now: the rows of `main`'s head, its tags, and where branches stand. */
import { orphanDeltas } from '../../../queries/delta.js'
import { branchRows, headRows, headTags } from '../../../queries/verify.js'
import { all, first, type Work } from '../../database/work.js'
import type { Findings } from './findings.js'
import { type LaneVerifier, stateRow } from './lane.js'

/** Compares the head tables, the tags and `main` with the end of lane 1. */
export function* verifyHead(verifier: LaneVerifier, findings: Findings): Work<void> {
  yield* verifyRows(findings, 'entity', verifier.graph.entities)
  yield* verifyRows(findings, 'relation', verifier.graph.relations)
  yield* verifyTags(findings, verifier.tags)
  yield* verifyMain(findings, verifier.last)
}

/** Compares `main`'s head with the last version of lane 1. */
export function* verifyMain(findings: Findings, last: string | null): Work<void> {
  const main = (yield* all(branchRows, {})).find(({ name }) => name === 'main')
  findings.compare('branch main', main, { head_version_id: last })
}

/** Where branches stand must be where their heads lie; and every delta must be a version's. */
export function* verifyBranches(findings: Findings): Work<void> {
  for (const { name, head_version_id, version_id, lane_id, version_lane_id } of yield* all(branchRows, {})) {
    const place = `branch ${name}`
    if (head_version_id !== null && version_id === null) {
      findings.add(place, `its head ${head_version_id} is not there`)
    } else if (version_id !== null && lane_id !== version_lane_id) {
      findings.add(place, `lane_id is ${lane_id}, its head is on lane ${version_lane_id}`)
    }
  }
  const orphans = (yield* first(orphanDeltas, {}))?.count ?? 0
  if (orphans > 0) findings.add('deltas', `${orphans} rows belong to no version`)
}

function* verifyRows(
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
