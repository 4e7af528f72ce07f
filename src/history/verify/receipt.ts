/** A receipt: a version that a commit returned must still be there, the same in all that it says. */
import { versionById } from '../../../queries/version.js'
import { first, type Work } from '../../database/work.js'
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
  const odd = Object.entries(receipt).find(([, value]) => value !== undefined && !isPlain(value))
  return odd && `has a ${JSON.stringify(odd[0])} that no version has`
}

/** Of the kinds that the members of a version are. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((element) => typeof element === 'string')
  return value === null || typeof value === 'string' || typeof value === 'number'
}

/**
 * Compares what the receipt says with what is there. That the hash there is right, and with it all that
 * led to the version, is for the rest of `verify` to say.
 */
export function* verifyReceipt(receipt: Version, findings: Findings): Work<void> {
  const { versionId } = receipt
  const place = `version ${versionId}`
  const row = yield* first(versionById, { id: versionId })
  if (row === undefined) {
    findings.add(place, 'is missing, and there is a receipt for it', versionId)
    return
  }
  const version = toVersion(row)
  for (const name of Object.keys(version) as (keyof Version)[]) {
    const [actual, said] = [JSON.stringify(version[name]), JSON.stringify(receipt[name])]
    if (said !== undefined && actual !== said) {
      findings.add(place, `${name} is ${actual}, the receipt says ${said}`, versionId)
    }
  }
}
