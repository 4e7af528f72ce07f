/** What is asked of a driver: `pg`'s pool is one, and in tests so is an engine in the process. */

export interface Query {
  text: string
  values?: unknown[]
  /** The name of a prepared statement, the same for the same text everywhere. */
  name?: string | undefined
  rowMode?: 'array'
}

export interface Answer {
  rows: unknown[]
  /** What was done: of a transaction that was to be committed `ROLLBACK` where it had failed. */
  command: string
}

/** One connection. Queries are sent as they come and answered in order; none waits for the one before it. */
export interface Client {
  query(query: Query): Promise<Answer>
  /** Gives the connection back; what is broken, or not worth to be kept, with a reason. */
  release(broken?: Error | boolean): void
}

export interface Pool {
  /** How many connections it gives out at most; who asks for more waits. */
  readonly size: number
  connect(): Promise<Client>
  end(): Promise<void>
}
