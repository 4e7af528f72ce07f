/**
 * Work: what is done inside one transaction, written once for both databases.
 *
 * A piece of work is a generator that yields the statements it needs and is resumed with their
 * rows. SQLite runs it in one go, so that nothing else of the process comes between two statements;
 * PostgreSQL awaits each. Work must not depend on anything that changes while it waits.
 */
import type { Statement } from '../../queries/statement.js'

/**
 * One statement to run: for its rows, its first row, or (with a list of what is given) its effects. Or several
 * requests, none of which depends on the answer to another.
 */
export type Request =
  | { kind: 'all' | 'first'; statement: Statement<never, unknown>; given: object }
  | { kind: 'each'; statement: Statement<never, unknown>; given: Iterable<object> }
  | { kind: 'together'; requests: readonly Request[] }

export type Work<T> = Generator<Request, T, unknown>

/** All rows of a statement. */
export function* all<G extends object, R>(statement: Statement<G, R>, given: G): Work<R[]> {
  return (yield { kind: 'all', statement: statement as Statement<never, R>, given }) as R[]
}

/** The first row of a statement, or undefined. */
export function* first<G extends object, R>(statement: Statement<G, R>, given: G): Work<R | undefined> {
  return (yield { kind: 'first', statement: statement as Statement<never, R>, given }) as R | undefined
}

/**
 * Runs a statement for its effect, once for each of what is given, in order. Rows that are made as
 * they are asked for need not all be held.
 */
export function* each<G extends object>(statement: Statement<G, unknown>, given: Iterable<G>): Work<void> {
  if (!Array.isArray(given) || given.length > 0)
    yield { kind: 'each', statement: statement as Statement<never, unknown>, given }
}

type Results<W extends readonly Work<unknown>[]> = { [K in keyof W]: W[K] extends Work<infer T> ? T : never }

/** Does pieces of work side by side, for their results: what they ask at the same step is one way to the server and back. */
export function* together<W extends readonly Work<unknown>[]>(...works: W): Work<Results<W>> {
  const results: unknown[] = []
  let waiting = works.map((work, index) => ({ work, index, answer: undefined as unknown }))
  while (waiting.length > 0) {
    const requests: Request[] = []
    const asking: typeof waiting = []
    for (const one of waiting) {
      const step = one.work.next(one.answer)
      if (step.done) results[one.index] = step.value
      else {
        asking.push(one)
        requests.push(step.value)
      }
    }
    if (requests.length === 0) break
    const answers = (yield { kind: 'together', requests }) as unknown[]
    asking.forEach((one, index) => {
      one.answer = answers[index]
    })
    waiting = asking
  }
  return results as Results<W>
}

/** What is said of work that may be done twice, where nobody knows whether it was: that it was not. */
export function* asIfNot(): Work<undefined> {}
