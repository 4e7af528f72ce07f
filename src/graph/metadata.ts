/** Conditions on metadata: where in it, which operators, and the tests that they stand for. */
import type { MetadataTest, MetadataTestName } from '../../queries/metadata.js'
import type { ValidationIssue } from '../model/errors.js'
import { canonicalJson, guardJson, type Json, RefusedJson, refusedText } from '../model/json.js'
import { parsePointer, refusedPointer, toPointer } from '../model/pointer.js'
import type { ConditionOn } from './condition.js'

/** No value in a database is larger or deeper: an operation is at most this large. */
const limits = { maxDepth: 1_000, maxBytes: 4_194_304 }

/** Where in the filter (tokens) and why. */
type Refuse = (path: readonly string[], reason: string) => void

/** The tests that a filter on metadata stands for; whatever is wrong goes to `issues`, under `/metadata`. */
export function readMetadata(filter: unknown, issues: ValidationIssue[]): MetadataTest[] {
  const refuse: Refuse = (path, reason) => issues.push({ path: toPointer(['metadata', ...path]), reason })
  const tests: MetadataTest[] = []
  for (const [path, condition] of membersOf(filter, [], 'must be an object of conditions by path', refuse)) {
    const tokens = readPath(path, refuse)
    const reason = 'must be an object of operators, such as { eq: 1 }'
    for (const [operator, wanted] of membersOf(condition, [path], reason, refuse)) {
      if (!Object.hasOwn(operators, operator)) {
        refuse([path, operator], `is no operator: use ${Object.keys(operators).join(', ')}`)
        continue
      }
      const read = operators[operator as keyof ConditionOn]
      const test = read(wanted, (at, why) => refuse([path, operator, ...at], why))
      if (tokens !== undefined && test !== undefined) tests.push({ tokens, ...test })
    }
  }
  return tests
}

/** The members of a plain object but for those that are undefined. */
function membersOf(value: unknown, at: readonly string[], reason: string, refuse: Refuse): [string, unknown][] {
  const prototype: unknown = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined
  if (prototype !== null && prototype !== Object.prototype) {
    refuse(at, reason)
    return []
  }
  return Object.entries(value as object).filter(([, member]) => member !== undefined)
}

/** The keys that lead to a value. */
function readPath(path: string, refuse: Refuse): string[] | undefined {
  const tokens = path.startsWith('/') ? undefined : path.split('.')
  const named = tokens?.includes('__proto__') ? 'names the key "__proto__", which JavaScript reserves' : undefined
  const refused = tokens === undefined ? refusedPointer(path) : (named ?? refusedText(path))
  if (refused === undefined) return tokens ?? parsePointer(path)
  refuse([path], refused)
  return undefined
}

type Read = (wanted: unknown, refuse: Refuse) => Omit<MetadataTest, 'tokens'> | undefined

/** A whole value, as canonical JSON. */
const whole =
  (name: 'eq' | 'ne'): Read =>
  (wanted, refuse) => {
    const value = readJson(wanted, [], refuse)
    return value === undefined ? undefined : { name, wanted: canonicalJson(value) }
  }

const list =
  (name: 'in' | 'notIn'): Read =>
  (wanted, refuse) => {
    if (!Array.isArray(wanted)) {
      refuse([], 'must be a list of values')
      return undefined
    }
    // A hole is refused as the undefined that it reads as.
    const values = Array.from(wanted, (value: unknown, index) => readJson(value, [String(index)], refuse))
    return { name, wanted: values.map((value) => canonicalJson(value ?? null)) }
  }

const order =
  (name: 'gt' | 'gte' | 'lt' | 'lte'): Read =>
  (wanted, refuse) => {
    if (typeof wanted !== 'number' && typeof wanted !== 'string') {
      refuse([], 'must be a number or a string: nothing else has an order')
      return undefined
    }
    const value = readJson(wanted, [], refuse) as number | string | undefined
    if (value === undefined) return undefined
    return { name: `${name}${typeof value === 'number' ? 'Number' : 'Text'}`, wanted: value }
  }

const edge =
  (name: 'startsWith' | 'endsWith'): Read =>
  (wanted, refuse) => {
    if (typeof wanted !== 'string') {
      refuse([], 'must be a string')
      return undefined
    }
    return readJson(wanted, [], refuse) === undefined ? undefined : { name, wanted }
  }

const contains: Read = (wanted, refuse) => {
  const value = readJson(wanted, [], refuse)
  if (value === undefined) return undefined
  if (typeof value === 'string' || typeof value === 'number') {
    return { name: typeof value === 'string' ? 'containsText' : 'containsNumber', wanted: value }
  }
  const name: MetadataTestName = typeof value === 'object' && value !== null ? 'containsWhole' : 'containsLiteral'
  return { name, wanted: canonicalJson(value) }
}

const operators: Record<keyof ConditionOn, Read> = {
  eq: whole('eq'),
  ne: whole('ne'),
  gt: order('gt'),
  gte: order('gte'),
  lt: order('lt'),
  lte: order('lte'),
  contains,
  startsWith: edge('startsWith'),
  endsWith: edge('endsWith'),
  in: list('in'),
  notIn: list('notIn'),
}

/** A value that metadata may hold, or undefined where it is none. */
function readJson(value: unknown, at: readonly string[], refuse: Refuse): Json | undefined {
  try {
    return guardJson(value, limits)
  } catch (error) {
    if (!(error instanceof RefusedJson)) throw error
    refuse([...at, ...error.path], error.reason)
    return undefined
  }
}
