/** Configuration: one row a key. */
import { statement } from './statement.js'

export const configValue = statement((db, given: { key: string }) =>
  db.selectFrom('config').select('value').where('key', '=', given.key),
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
