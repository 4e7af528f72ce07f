/** Waiting for others in JavaScript: SQLite's own wait would stop the whole process, and with it whom it waits for. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isBusy } from './errors.js'

/**
 * Does something, again and again while a lock of another connection is in its way; throws the driver's error once
 * the time is over. It is undone whenever it fails, and does not wait itself.
 */
export async function whenFree<T>(timeoutMs: number, act: () => T | Promise<T>): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error
    }
    await sleep(1 + Math.random() * 20)
  }
}
