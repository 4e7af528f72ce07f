/** Configuration: one row a key. */
import { sql } from 'kysely'
import { listOf } from './parameter.js'
import { statement } from './statement.js'

export const configValue = statement((db, given: { key: string }) =>
  db.selectFrom('config').select('value').where('key', '=', given.key),
)

/** The values of these keys, where they are there. */
export const configValues = statement<{ keys: readonly string[] }, { key: string; value: string }>(
  (_db, given, dialect) => sql`
    select c.key, c.value from ${listOf(dialect, given.keys, 'wanted')}
    cross join config as c where c.key = wanted.value`,
)

export const allConfig = statement((db, _given: object) =>
  db.selectFrom('config').select(['key', 'value']).orderBy('key'),
)

export const insertConfig = statement(
  (db, given: { key: string; value: string; description: string; updatedAt: number; updatedBy: string }) =>
    db.insertInto('config').values({
      key: given.key,
      value: given.value,
      description: given.description,
      updated_at: given.updatedAt,
      updated_by: given.updatedBy,
    }),
)

/** Writes a row in place of the one with its key. */
export const putConfig = statement(
  (db, given: { key: string; value: string; description: string; updatedAt: number; updatedBy: string }) =>
    db
      .insertInto('config')
      .values({
        key: given.key,
        value: given.value,
        description: given.description,
        updated_at: given.updatedAt,
        updated_by: given.updatedBy,
      })
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet({
          value: (eb) => eb.ref('excluded.value'),
          updated_at: (eb) => eb.ref('excluded.updated_at'),
          updated_by: (eb) => eb.ref('excluded.updated_by'),
        }),
      ),
)

export const deleteConfig = statement((db, given: { key: string }) =>
  db.deleteFrom('config').where('key', '=', given.key),
)
