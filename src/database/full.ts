/** A disk without room, whoever finds it. */
import { LimitExceededError } from '../model/errors.js'

export function diskFull(facts: { reason: string; hint: string; cause: unknown }): LimitExceededError {
  return new LimitExceededError({ limit: 'bytes of free disk', maximum: 0, ...facts })
}
