/** Ctrl-C in long work: the first asks it to stop where it is whole, the second ends the process. */
import { AbortError } from '../model/errors.js'

/** Runs work that stops when the signal fires; whatever it throws then is an `AbortError`. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const abort = () => controller.abort()
  process.once('SIGINT', abort)
  try {
    return await work(controller.signal)
  } catch (error) {
    throw controller.signal.aborted ? interrupted(error) : error
  } finally {
    process.removeListener('SIGINT', abort)
  }
}

function interrupted(cause: unknown): AbortError {
  const error = new AbortError({ cause })
  error.message = 'Interrupted; what was written before stays'
  return error
}
