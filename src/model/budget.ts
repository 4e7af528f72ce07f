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
 * Starts the clock of a call. `own` names the options that it has besides these two; without it the caller looks
 * for unknown ones itself.
 *
 * @throws {AbortError} where the signal has fired already.
 * @throws {ValidationError} for a signal that is none, a deadline that is no number of milliseconds, and an option
 * that the call does not have.
 */
export function startBudget(options: CallOptions = {}, own?: readonly string[]): Budget {
  if (typeof options !== 'object' || options === null) throw invalid('', 'must be an object')
  const { signal, deadline } = options
  if (signal !== undefined && !isSignal(signal)) throw invalid('/signal', 'must be an AbortSignal')
  if (deadline !== undefined && !(typeof deadline === 'number' && deadline >= 0)) {
    throw invalid('/deadline', 'must be a number of milliseconds, 0 or more')
  }
  if (own !== undefined) {
    const unknown = Object.keys(options).find((key) => key !== 'signal' && key !== 'deadline' && !own.includes(key))
    if (unknown !== undefined) throw invalid(`/${unknown}`, 'is no option of this call')
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

/** Of whatever realm or library. */
function isSignal(signal: unknown): boolean {
  return typeof signal === 'object' && signal !== null && 'aborted' in signal && typeof signal.aborted === 'boolean'
}

function invalid(path: string, reason: string): ValidationError {
  return new ValidationError({ what: 'The options are not valid', issues: [{ path, reason }] })
}
