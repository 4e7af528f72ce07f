/**
 * The chain: every version's hash from what it says itself and from its parents, and that `main`'s head
 * has the data hash that its version says. No delta is read, so what they hold is taken on trust.
 */
import { setImmediate } from 'node:timers/promises'
import { branchByName } from '../../../queries/branch.js'
import { elements, type StateRow } from '../../../queries/standing.js'
import { headRows, metadataOfVersions } from '../../../queries/verify.js'
import { latestOfLane, type VersionRow, versionsInOrder } from '../../../queries/version.js'
import { all, first, type Work } from '../../database/work.js'
import { IntegrityError } from '../../model/errors.js'
import { DataHash } from '../../state/hash.js'
import { columnOf, parentsOf, toEntity, toRelation } from '../../state/rows.js'
import type { Findings } from './findings.js'
import { verifyMain } from './head.js'
import type { Run } from './run.js'
import { hashOf, parentHashes } from './version.js'

const batch = 1_000

/** Follows all versions in their order. Cost: the versions and `main`'s head; not their operations. */
export async function verifyChain(run: Run): Promise<void> {
  for (let after = 0; ; ) {
    const position = after
    const page = await run.read((findings) => verifyPage(findings, position))
    run.advance(page.length)
    await setImmediate()
    if (page.length < batch) break
    after = (page.at(-1) as VersionRow).sequence
  }
  await run.read(verifyHeadHash)
}

function* verifyPage(findings: Findings, after: number): Work<VersionRow[]> {
  const page = yield* all(versionsInOrder, { after, to: Number.MAX_SAFE_INTEGER, limit: batch })
  if (page.length === 0) return page
  const parents = yield* parentHashes(page)
  const given = yield* all(metadataOfVersions, { ids: page.map(({ version_id }) => version_id) })
  const metadata = new Map(given.map((row) => [row.version_id, row.metadata]))
  let expected = after
  for (const version of page) {
    const { version_id: id, sequence } = version
    const place = `version ${id}`
    if (sequence !== ++expected) findings.add(place, `sequence is ${sequence}, not ${expected}: a version is missing`)
    expected = sequence
    for (const parent of parentsOf(version)) {
      const known = parents.get(parent)?.sequence
      if (known === undefined) findings.add(place, `its parent ${parent} is not there`, id)
      else if (known >= sequence) findings.add(place, `its parent ${parent} comes after it`, id)
    }
    if (!metadata.has(id)) findings.add(`delta of version ${id}`, 'is missing', id)
    const hash = hashOf(version, parents, metadata.get(id) ?? null, findings)
    findings.compare(place, version, { version_hash: hash }, id)
  }
  return page
}

/** Compares `main`'s head with what its version says of it. */
function* verifyHeadHash(findings: Findings): Work<void> {
  const last = yield* first(latestOfLane, { laneId: 1 })
  yield* verifyMain(findings, last?.version_id ?? null)
  const main = yield* first(branchByName, { name: 'main' })
  const hash = DataHash.empty()
  for (const element of ['entity', 'relation'] as const) {
    const toElement = element === 'entity' ? toEntity : toRelation
    for (let after = ''; ; ) {
      const rows = yield* all(headRows({ element }), { after, limit: 5_000 })
      for (const row of rows) {
        const state = elements[element].columns.map((column) => row[column]) as StateRow
        try {
          hash.add(toElement(state), state[columnOf[element].metadata] as string)
        } catch (error) {
          if (!(error instanceof IntegrityError)) throw error
          findings.add(`${element} ${row.id}`, 'metadata is no JSON object')
        }
      }
      const last = rows.at(-1)
      if (last === undefined) break
      after = last.id as string
    }
  }
  const expected = main?.data_hash ?? DataHash.empty().toString()
  findings.compare(`the head of main`, { data_hash: hash.toString() }, { data_hash: expected })
}
