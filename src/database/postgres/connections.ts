/**
 * The connections of a pool, lent for one read or one write each.
 *
 * One that is lost is never given back, and neither is one whose server is silent: what was asked over it may still be
 * answered.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Budget } from '../../model/budget.js'
import { ClosedError } from '../../model/errors.js'
import type { Client, Pool } from './client.js'
import type { Statements } from './connection.js'
import { isFailure, isSilent, OutcomeUnknownError, translate, unreachable } from './errors.js'
import { inTime, Overdue } from './time.js'

/** How long it is tried to reach a server, in milliseconds. */
const patienceMs = 1_000

/** How a connection is used. */
export interface Use {
  /** Whether a transaction is open at the end. */
  inTransaction?: boolean
  budget?: Budget | undefined
}

export class Connections {
  closed = false

  constructor(
    private readonly pool: Pool,
    private readonly statements: Statements,
    private readonly name: string,
  ) {}

  /** How many there are at most. */
  get size(): number {
    return this.pool.size
  }

  /** One that whoever takes it gives back. */
  take(): Promise<Client> {
    return this.pool.connect()
  }

  /**
   * Does something with a connection. Where one is lost, before anything could have been written, it is tried
   * again with another until the patience is at its end. A transaction that was begun is ended.
   */
  async lend<T>(act: (client: Client) => Promise<T>, how: Use = {}): Promise<T> {
    let until: number | undefined
    for (let run = 1; ; run++) {
      if (this.closed) throw new ClosedError()
      try {
        return await this.once(act, how)
      } catch (error) {
        if (isFailure(error, 'unprepared') && this.statements.named) {
          this.statements.named = false
          continue
        }
        if (!isFailure(error, 'lost')) throw translate(error, this.name)
        until ??= performance.now() + patienceMs
        if (performance.now() > until || isSilent(error)) throw unreachable(error as Error, this.name)
      }
      await sleep(Math.random() * Math.min(2 ** run, 100))
    }
  }

  /** A connection; one that comes when nobody waits for it any more is given back. */
  private async connect(budget: Budget | undefined): Promise<Client> {
    const connecting = this.pool.connect()
    try {
      return await inTime(connecting, budget)
    } catch (error) {
      if (error instanceof Overdue) connecting.then((client) => client.release()).catch(() => {})
      throw error
    }
  }

  private async once<T>(act: (client: Client) => Promise<T>, { inTransaction, budget }: Use): Promise<T> {
    const client = await this.connect(budget)
    try {
      const result = await act(client)
      if (inTransaction) end(client, 'COMMIT')
      else client.release()
      return result
    } catch (error) {
      if (error instanceof OutcomeUnknownError || isBroken(error)) client.release(error as Error)
      else if (inTransaction) end(client, 'ROLLBACK')
      else client.release()
      throw error
    }
  }

  /** Ends all of them, once what is lent is back. */
  async end(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.pool.end()
  }
}

/** Whether nothing more can be said over the connection. */
export function isBroken(error: unknown): boolean {
  return error instanceof Overdue || isFailure(error, 'lost')
}

/** Ends a transaction that wrote nothing. Nobody needs to wait for it. */
export function end(client: Client, text: 'COMMIT' | 'ROLLBACK'): void {
  client.query({ text }).then(
    () => client.release(),
    (error: Error) => client.release(error),
  )
}
