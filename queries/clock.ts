/**
 * The clock, looked at from inside a statement: nothing else ends one that runs.
 *
 * On SQLite the connection registers a function that counts its calls, looks at the clock now and then,
 * and throws when the time is up. On PostgreSQL the server ends statements itself.
 */
import { sql } from 'kysely'
import type { Fragment } from './standing.js'
import type { Dialect } from './statement.js'

/** The name of the function. Its argument makes it run for each row; it is always true. */
export const clockFunction = 'in_time'

/** The condition that the time is not up, asked for each `row` (a number that is cheap to read); none where there is no deadline. */
export function inTime(dialect: Dialect, timed: boolean, row: Fragment): Fragment[] {
  return timed && dialect === 'sqlite' ? [sql`${sql.raw(clockFunction)}(${row})`] : []
}
