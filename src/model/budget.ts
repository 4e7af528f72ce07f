/** What a call may use up: its caller's signal and its time. */
import { AbortError, LimitExceededError, ValidationError } from './errors.js'

/** Options that every call takes. */
export interface CallOptions {
  /** Asks the call to stop; seen before it and wherever it yields. */
  signal?: AbortSignal | undefined
  /** Milliseconds from the call. */
  deadline?: number | undefined
}

export interface Budget {
  /** Whether there is a deadline to look out for. */
  readonly timed: boolean
  /** How long it is until then, in whole milliseconds, at least one. */
  left(): number
  /**
   * Called wherever the call may stop.
   *
   * @throws {AbortError} once the signal has fired.
   * @throws {LimitExceededError} once the deadline has passed.
   */
  check(): void
}

/**
 * Starts the clock of a call.
 *
 * @throws {AbortError} where the signal has fired already.
 * @throws {ValidationError} for a deadline that is no number of milliseconds.
 */
export function startBudget(options: CallOptions = {}): Budget {
  if (typeof options !== 'object' || options === null) {
    throw new ValidationError({
      what: 'The options are not valid',
      issues: [{ path: '', reason: 'must be an object' }],
    })
  }
  const { signal, deadline } = options
  if (deadline !== undefined && !(typeof deadline === 'number' && deadline >= 0)) {
    const issues = [{ path: '/deadline', reason: 'must be a number of milliseconds, 0 or more' }]
    throw new ValidationError({ what: 'The options are not valid', issues })
  }
  const end = deadline === undefined ? Number.POSITIVE_INFINITY : performance.now() + deadline
  const budget: Budget = {
    timed: end !== Number.POSITIVE_INFINITY,
    left: () => Math.max(1, Math.ceil(end - performance.now())),
    check() {
      if (signal?.aborted) throw new AbortError({ cause: signal.reason })
      if (performance.now() > end)
        throw new LimitExceededError({ limit: 'ms for this call', maximum: deadline as number })
    },
  }
  if (signal?.aborted) budget.check()
  return budget
}
