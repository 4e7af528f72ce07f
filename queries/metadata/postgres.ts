/**
 * Tests of metadata over PostgreSQL's JSONB.
 *
 * A path of the mode `strict` leads nowhere where a key is asked of an array or an index of an object, and no
 * number but an index of RFC 6901 can stand in one: `->` takes '-1' and '01' for indexes too.
 *
 * A number of JSONB is exact, and the canonical texts of doubles are equal and in order as the doubles are.
 * What JSONB cannot be cast to is an error, and conditions are evaluated in any order: nothing is cast here
 * that could fail, but for what is bound.
 *
 * Cost: about 0.4 µs a test for 150 bytes, ten times that where more than one token of a path is an index.
 */
import { type RawBuilder, sql } from 'kysely'
import { type MetadataLanguage, testsOfOrder } from '../metadata.js'

type Fragment = RawBuilder<unknown>

function step(value: Fragment, path: Fragment, otherwise: Fragment): Fragment {
  const along = (way: Fragment) => sql`jsonb_path_query_first(${value}, ('strict ' || ${way})::jsonpath, '{}', true)`
  return sql`coalesce(${along(path)}, ${along(otherwise)})`
}

function walk(value: Fragment, steps: Fragment): Fragment {
  const path = (way: 0 | 1) => sql`(${steps}::jsonb -> walk.step ->> ${sql.lit(way)})`
  return sql`(with recursive walk(step, value) as (
      select 0, ${value}
      union all
      select walk.step + 1, ${step(sql.ref('walk.value'), path(0), path(1))} from walk
      where walk.step < jsonb_array_length(${steps}::jsonb)
    ) select walk.value from walk where walk.step = jsonb_array_length(${steps}::jsonb))`
}

function rows(tests: Fragment, metadata: Fragment): Fragment {
  const value = sql`case when jsonb_array_length(test.value -> 1) = 1
    then ${step(metadata, sql`(test.value #>> '{1,0,0}')`, sql`(test.value #>> '{1,0,1}')`)}
    else ${walk(metadata, sql`(test.value -> 1)`)} end`
  return sql`
      select test.value ->> 0 as name, ${value} as found, test.value ->> 2 as wanted
      from jsonb_array_elements(${tests}::jsonb) as test(value) offset 0`
}

type Test = (value: Fragment, wanted: Fragment) => Fragment

const isA = (value: Fragment, type: 'string' | 'number' | 'array') => sql`jsonb_typeof(${value}) = ${sql.lit(type)}`
const textOf = (value: Fragment) => sql`(${value} #>> '{}') collate "C"`
const text = (wanted: Fragment) => sql`${wanted}::text`
const json = (wanted: Fragment) => sql`${wanted}::jsonb`

/** Whether a value is in a list, which is looked through by a hash of it. With the comparison it is no join. */
const isListed = (value: Fragment, wanted: Fragment) =>
  sql`(${value} in (select item::jsonb from jsonb_array_elements_text(${json(wanted)}) as item)) is true`

const ofTexts =
  (operator: string): Test =>
  (value, wanted) =>
    sql`(${isA(value, 'string')} and ${textOf(value)} ${sql.raw(operator)} ${text(wanted)})`

const ofNumbers =
  (operator: string): Test =>
  (value, wanted) =>
    sql`(${isA(value, 'number')} and ${value} ${sql.raw(operator)} ${json(wanted)})`

/** Whether an array has a member that is no array and no object: those are contained by their parts. */
const hasPlain = (value: Fragment, wanted: Fragment) => sql`(${isA(value, 'array')} and ${value} @> ${wanted})`
const containsPlain: Test = (value, wanted) => hasPlain(value, json(wanted))

const holds: MetadataLanguage['holds'] = {
  eq: (value, wanted) => sql`${value} = ${json(wanted)}`,
  ne: (value, wanted) => sql`${value} is distinct from ${json(wanted)}`,
  in: (value, wanted) => sql`(${isListed(value, wanted)})`,
  notIn: (value, wanted) => sql`(not ${isListed(value, wanted)})`,
  ...testsOfOrder(ofNumbers, ofTexts),
  startsWith: (value, wanted) => sql`(${isA(value, 'string')} and starts_with(${textOf(value)}, ${text(wanted)}))`,
  endsWith: (value, wanted) =>
    sql`(${isA(value, 'string')} and right(${textOf(value)}, length(${text(wanted)})) = ${text(wanted)})`,
  containsText: (value, wanted) =>
    sql`((${isA(value, 'string')} and strpos(${textOf(value)}, ${text(wanted)}) > 0)
      or ${hasPlain(value, sql`to_jsonb(${text(wanted)})`)})`,
  containsNumber: containsPlain,
  containsLiteral: containsPlain,
  containsWhole: (value, wanted) =>
    sql`exists (select 1 from jsonb_array_elements(case when ${isA(value, 'array')} then ${value} end) as member(value)
      where member.value = ${json(wanted)})`,
}

export const inPostgres: MetadataLanguage = { step, walk, rows, holds }
