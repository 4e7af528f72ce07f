/** Damage that keeps to the constraints of the schema: statements of SQL, one after the other. */
import { sql } from 'kysely'
import { statement } from '../../queries/statement.js'
import { each } from '../../src/database/work.js'
import type { Universe } from '../model/open.js'
import { databaseOf } from './fork.js'

export async function damage(universe: Universe, statements: string): Promise<void> {
  await databaseOf(universe).write(function* () {
    for (const text of statements.split(';')) {
      yield* each(
        statement(() => sql.raw(text)),
        [{}],
      )
    }
  })
}
