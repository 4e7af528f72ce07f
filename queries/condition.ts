/** What a filter says of one row: the conditions that lists, counts, streams and steps compare alike. */
import { sql } from 'kysely'
import { inPostgres } from './metadata/postgres.js'
import { inSqlite } from './metadata/sqlite.js'
import { type MetadataShape, metadataHolds } from './metadata.js'
import { isIn } from './parameter.js'
import type { ElementName, Fragment } from './standing.js'
import type { Dialect } from './statement.js'

/** The parts of a filter, but for its metadata. */
export type Condition = 'tag' | 'ids' | 'from' | 'to' | 'touching' | 'type' | 'types' | 'createdAfter' | 'createdBefore'

/** What a statement knows of a filter. */
export interface FilterShape {
  /** Which conditions apply, in the order of the type above. */
  conditions: readonly Condition[]
  metadata?: MetadataShape | undefined
}

/** What is bound for a filter, besides what `metadataQuestion` gives. */
export interface FilterGiven {
  tag: string
  ids: readonly string[]
  from: string
  to: string
  touching: string
  type: string
  types: readonly string[]
  createdAfter: number
  createdBefore: number
}

/**
 * What a filter says of the state in a row, as conditions that must all hold; none keeps every row.
 * `column` names a column of the state: of an alias, or as `stateOf` has it.
 *
 * Each looks at the row alone, so it holds at any place where the row is the state that stands.
 */
export function holdsOf(facts: {
  dialect: Dialect
  element: ElementName
  shape: FilterShape
  given: FilterGiven
  column: (name: string) => Fragment
}): Fragment[] {
  const { dialect, shape, given, column } = facts
  const language = dialect === 'sqlite' ? inSqlite : inPostgres
  return [
    ...shape.conditions.map((condition) => holds(condition, facts)),
    ...(shape.metadata === undefined ? [] : metadataHolds(language, shape.metadata, given, column('metadata'))),
  ]
}

function holds(condition: Condition, { dialect, element, given, column }: Parameters<typeof holdsOf>[0]): Fragment {
  const type = element === 'entity' ? 'entity_type' : 'relation_type'
  switch (condition) {
    case 'tag':
      return bears(dialect, column('metadata'), sql`${given.tag}`)
    case 'ids':
      return isIn(dialect, column('id'), given.ids)
    case 'from':
      return sql`${column('from_entity')} = ${given.from}`
    case 'to':
      return sql`${column('to_entity')} = ${given.to}`
    case 'touching':
      return sql`(${column('from_entity')} = ${given.touching} or ${column('to_entity')} = ${given.touching})`
    case 'type':
      return sql`${column(type)} = ${given.type}`
    case 'types':
      return isIn(dialect, column(type), given.types)
    case 'createdAfter':
      return sql`${column('created_at')} > ${given.createdAfter}`
    case 'createdBefore':
      return sql`${column('created_at')} < ${given.createdBefore}`
  }
}

/** Whether metadata has a tag: a string of at most 512 bytes in the array `tags`. */
function bears(dialect: Dialect, metadata: Fragment, tag: Fragment): Fragment {
  return dialect === 'sqlite'
    ? sql`(json_type(${metadata}, '$.tags') = 'array' and length(cast(${tag} as blob)) <= 512 and exists (
    select 1 from json_each(${metadata}, '$.tags') as member where member.type = 'text' and member.value = ${tag}))`
    : sql`(jsonb_typeof(${metadata} -> 'tags') = 'array' and octet_length(${tag}::text) <= 512
    and (${metadata} -> 'tags') @> to_jsonb(${tag}::text))`
}
