/** What a version's hash must be, from its row, its metadata and its parents. */
import { type VersionRow, versionsByIds } from '../../../queries/version.js'
import { all, type Work } from '../../database/work.js'
import type { JsonObject } from '../../model/json.js'
import { versionHash } from '../../state/hash.js'
import { parentsOf } from '../../state/rows.js'
import type { Findings } from './findings.js'

/** Parents by their ids, those of a page of versions. */
export type ParentHashes = ReadonlyMap<string, Pick<VersionRow, 'version_hash' | 'sequence'>>

/** The parents of some versions. One that is not there is not in the answer. */
export function* parentHashes(versions: readonly VersionRow[]): Work<ParentHashes> {
  const known = new Map(versions.map((row) => [row.version_id, row]))
  const ids = [...new Set(versions.flatMap(parentsOf))].filter((id) => !known.has(id))
  if (ids.length > 0) for (const row of yield* all(versionsByIds, { ids })) known.set(row.version_id, row)
  return known
}

/** The hash that follows from a version's other columns and its metadata, which is JSON. */
export function hashOf(
  version: VersionRow,
  parents: ParentHashes,
  metadata: string | null,
  findings: Findings,
): string {
  const { version_id: id } = version
  let parsed: JsonObject | null = null
  try {
    parsed = metadata === null ? null : (JSON.parse(metadata) as JsonObject)
  } catch {
    findings.add(`delta of version ${id}`, 'metadata is no JSON', id)
  }
  return versionHash({
    version: id,
    parents: parentsOf(version).map((parent) => parents.get(parent)?.version_hash ?? ''),
    timestamp: version.timestamp,
    owner: version.owner,
    description: version.description,
    metadata: parsed,
    dataHash: version.data_hash,
    operationsHash: version.operations_hash,
  })
}
