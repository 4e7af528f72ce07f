/** Waiting for a server no longer than a call may take: one that is silent ends nothing itself. */
import type { Budget } from '../../model/budget.js'
import type { Client } from './client.js'

/** How much longer than the budget it is waited, in milliseconds: a server that is there ends the statement itself. */
const graceMs = 1_000
/** Node takes more for at once. */
const longestMs = 2 ** 31 - 1

/** The time was up before the server had answered; its cause is what the budget says. What becomes of what was asked nobody knows. */
export class Overdue extends Error {}

/** Waits for what is asked of a server. With {@link Overdue} it must be told nothing more over the same connection. */
export async function inTime<T>(answer: Promise<T>, budget: Budget | undefined): Promise<T> {
  if (!budget?.timed) return answer
  let timer: NodeJS.Timeout | undefined
  const isOver = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        try {
          budget.check()
        } catch (cause) {
          reject(new Overdue('The server did not answer in time', { cause }))
        }
      },
      Math.min(budget.left() + graceMs, longestMs),
    )
  })
  try {
    return await Promise.race([answer, isOver])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * A client whose server ends a statement when the time is up: each is told how much of it is left, for the
 * server counts anew with each. Nobody waits for the answer, and where it fails so does what follows.
 */
export function timed(client: Client, budget: Budget): Client {
  return {
    query(query) {
      const asked = query.values !== undefined
      if (asked) client.query({ text: `SET LOCAL statement_timeout = ${budget.left()}` }).catch(() => {})
      return client.query(query)
    },
    release: (broken) => client.release(broken),
  }
}
