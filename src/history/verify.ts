/** placeholder */
import type { Database } from '../database/database.js'
export interface Finding {
  place: string
  problem: string
}
export interface Verification {
  ok: boolean
  findings: Finding[]
}
export interface VerifyOptions {
  x?: 1
}
export async function verify(_d: Database, _o: VerifyOptions): Promise<Verification> {
  return { ok: true, findings: [] }
}
