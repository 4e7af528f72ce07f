/** A receipt: a version that a commit returned must still be there, the same in all that it says. */
import { versionById } from '../../../queries/version.js'
import { first, type Work } from '../../database/work.js'
import { readableId } from '../../model/id.js'
import type { Version } from '../../model/version.js'
import { toVersion } from '../../state/rows.js'
import type { Findings } from './findings.js'

/** Why this is no receipt, undefined for one. */
export function checkReceipt(receipt: unknown): string | undefined {
  if (typeof receipt !== 'object' || receipt === null) return 'must be a version that a commit returned'
  const { versionId, versionHash } = receipt as Partial<Version>
  if (typeof versionId !== 'string' || typeof versionHash !== 'string') {
    return 'must have the versionId and the versionHash of a version that a commit returned'
  }
  const odd = members.find((name) => !isPlain((receipt as Partial<Version>)[name]))
  return odd && `has a ${JSON.stringify(odd)} that no version has`
}

/** What a receipt says of its version. What else there is, as in what `show` prints, proves nothing. */
const members: readonly (keyof Version)[] = [
  ...(['versionId', 'parentVersionId', 'parents', 'sequence', 'timestamp'] as const),
  ...(['description', 'owner', 'dataHash', 'versionHash'] as const),
]

/** Of the kinds that the members of a version are. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((element) => typeof element === 'string')
  return value === undefined || value === null || typeof value === 'string' || typeof value === 'number'
}

/**
 * Compares what the receipt says with what is there. That the hash there is right, and with it all that
 * led to the version, is for the rest of `verify` to say.
 */
export function* verifyReceipt(receipt: Version, findings: Findings): Work<void> {
  const { versionId } = receipt
  const place = `version ${versionId}`
  const row = yield* first(versionById, { id: readableId(versionId) })
  if (row === undefined) {
    findings.add(place, 'is missing, and there is a receipt for it', versionId)
    return
  }
  const version = toVersion(row)
  for (const name of members) {
    const [actual, said] = [JSON.stringify(version[name]), JSON.stringify(receipt[name])]
    if (said !== undefined && actual !== said) {
      findings.add(place, `${name} is ${actual}, the receipt says ${said}`, versionId)
    }
  }
}
