/**
 * Tests of one value inside the metadata: the conditions behind `metadata` in a filter.
 *
 * Metadata is canonical JSON (RFC 8785), as text or as JSONB; how a value is found in it and compared is a
 * language of each database. A value that is not there is null, and only `ne` and `notIn` hold of it.
 */
import { type RawBuilder, sql } from 'kysely'

/** The tests, each with the type of what is wanted where that matters. */
export const metadataTests = [
  'eq',
  'in',
  'startsWith',
  'endsWith',
  'containsText',
  'containsNumber',
  'containsLiteral',
  'containsWhole',
  'gtNumber',
  'gteNumber',
  'ltNumber',
  'lteNumber',
  'gtText',
  'gteText',
  'ltText',
  'lteText',
  'ne',
  'notIn',
] as const

export type MetadataTestName = (typeof metadataTests)[number]

export interface MetadataTest {
  /** The keys that lead to the value; under an array, an index. */
  tokens: readonly string[]
  name: MetadataTestName
  /**
   * The text of a string for `startsWith`, `endsWith` and what ends in `Text`, a number for what ends in
   * `Number`, canonical JSON for the rest; for `in` and `notIn` a list of it.
   */
  wanted: string | number | readonly string[]
}

/**
 * The tests of a filter as a statement knows them. At most two are part of its shape, the rest are bound as
 * one list, so that the statements are bounded in number.
 */
export interface MetadataShape {
  tests: readonly { name: MetadataTestName; steps: 'one' | 'many' }[]
  more: boolean
}

const mostInShape = 2

type Fragment = RawBuilder<unknown>

/** How a database finds values in metadata and compares them. */
export interface MetadataLanguage {
  /** The value that one step leads to: by its path, and where that leads nowhere by the other. */
  step(value: Fragment, path: Fragment, otherwise: Fragment): Fragment
  /** The value that steps lead to, a JSON list of pairs. */
  walk(value: Fragment, steps: Fragment): Fragment
  /** A JSON list of tests, each `[name, steps, wanted]`, as rows `(name, found, wanted)` that are made once. */
  rows(tests: Fragment, metadata: Fragment): Fragment
  /** Whether a test holds of a value. What is wanted is bound, or a text of `rows`. */
  holds: Record<MetadataTestName, Test>
}

type Test = (value: Fragment, wanted: Fragment) => Fragment

/** The tests of order, of a language that compares numbers and texts by an operator. */
export function testsOfOrder(ofNumbers: (operator: string) => Test, ofTexts: (operator: string) => Test) {
  return {
    gtNumber: ofNumbers('>'),
    gteNumber: ofNumbers('>='),
    ltNumber: ofNumbers('<'),
    lteNumber: ofNumbers('<='),
    gtText: ofTexts('>'),
    gteText: ofTexts('>='),
    ltText: ofTexts('<'),
    lteText: ofTexts('<='),
  }
}

/**
 * The shape of these tests, and what is bound for them. Their order does not matter: the same tests have
 * the same shape and the same values.
 */
export function metadataQuestion(tests: readonly MetadataTest[]): {
  shape: MetadataShape
  given: Record<string, string | number | null>
} {
  const listed = tests.map(({ tokens, name, wanted }) => ({ name, steps: stepsOf(tokens), wanted }))
  const byText = listed.map((test) => ({ test, text: JSON.stringify([test.steps, test.wanted]) }))
  byText.sort((a, b) => rank(a.test.name) - rank(b.test.name) || (a.text < b.text ? -1 : 1))
  const sorted = byText.map(({ test }) => test)

  const inShape = sorted.slice(0, mostInShape)
  const more = sorted.slice(mostInShape)
  const given: Record<string, string | number | null> = {}
  inShape.forEach(({ steps, wanted }, index) => {
    given[`wanted${index}`] = typeof wanted === 'object' ? JSON.stringify(wanted) : wanted
    if (steps.length > 1) given[`steps${index}`] = JSON.stringify(steps)
    else [given[`path${index}`], given[`otherwise${index}`]] = steps[0] as Step
  })
  if (more.length > 0) given.tests = JSON.stringify(more.map(({ name, steps, wanted }) => [name, steps, wanted]))
  return {
    shape: {
      tests: inShape.map(({ name, steps }) => ({ name, steps: steps.length > 1 ? 'many' : 'one' })),
      more: more.length > 0,
    },
    given,
  }
}

function rank(name: MetadataTestName): number {
  return metadataTests.indexOf(name)
}

/**
 * One step into a value: a path, and the one to take where the first leads nowhere. Both are written as
 * SQLite and the language `jsonpath` of PostgreSQL read them alike: `$."key"[0]`.
 */
type Step = [path: string, otherwise: string | null]

/** No array of metadata is longer than nine digits can count. */
const index = /^(0|[1-9]\d{0,8})$/

/** PostgreSQL reads a path by recursion. */
const mostKeysInStep = 1_000

/**
 * The steps along these tokens. A token that is an index under an array is a key under an object: at each
 * of them the way forks, so all but the last one end a step.
 */
function stepsOf(tokens: readonly string[]): Step[] {
  const steps: Step[] = [['$', null]]
  for (const [place, token] of tokens.entries()) {
    if (place > 0 && place % mostKeysInStep === 0) steps.push(['$', null])
    const last = steps.at(-1) as Step
    const key = `.${JSON.stringify(token)}`
    if (!index.test(token)) {
      last[0] += key
      if (last[1] !== null) last[1] += key
    } else if (last[1] === null) {
      last[1] = last[0] + key
      last[0] += `[${token}]`
    } else steps.push([`$[${token}]`, `$${key}`])
  }
  return steps
}

/** The conditions, all of which hold of `metadata` where the tests do. */
export function metadataHolds(
  { step, walk, rows, holds }: MetadataLanguage,
  shape: MetadataShape,
  given: object,
  metadata: Fragment,
): Fragment[] {
  const bound = given as Record<string, unknown>
  const conditions = shape.tests.map(({ name, steps }, index) => {
    const value =
      steps === 'many'
        ? walk(metadata, sql`${bound[`steps${index}`]}`)
        : step(metadata, sql`${bound[`path${index}`]}`, sql`${bound[`otherwise${index}`]}`)
    return holds[name](value, sql`${bound[`wanted${index}`]}`)
  })
  if (!shape.more) return conditions

  const cases = metadataTests.map(
    (name) => sql`when ${sql.lit(name)} then ${holds[name](sql.ref('one.found'), sql.ref('one.wanted'))}`,
  )
  const all = sql`not exists (
    select 1 from (${rows(sql`${bound.tests}`, metadata)}) as one
    where not coalesce(case one.name ${sql.join(cases, sql` `)} end, false))`
  return [...conditions, all]
}
