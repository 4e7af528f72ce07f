/**
 * What a random caller has in mind, before anything is known of the state: numbers stand for
 * places in lists that `realise.ts` finds there. So a history shrinks without falling apart.
 */
import * as fc from 'fast-check'
import type { Json, JsonObject } from './json.js'
import { bound, jsonValue, key, metadata, tagList } from './values.js'

export type ElementKind = 'entity' | 'relation'

export interface ChangeIntent {
  op: 'set' | 'delete' | 'insert' | 'remove' | 'patch'
  place: number
  key: string | undefined
  value: Json
  index: number
}

interface BoundIntent {
  validFrom: number | null | undefined
  validTo: number | null | undefined
}

export interface CreateIntent extends BoundIntent {
  wish: 'create'
  element: ElementKind
  /** Parallel: the type and ends of a relation that is there. */
  shape: 'any' | 'loop' | 'parallel'
  /** Takes an id from the whole pool, also one that was the other element. */
  crosses: boolean
  id: number
  type: number
  from: number
  to: number
  metadata: JsonObject
}

export interface UpdateIntent extends BoundIntent {
  wish: 'update'
  element: ElementKind
  how: 'merge' | 'change' | 'replace' | 'nothing'
  pick: number
  metadata: JsonObject
  changes: ChangeIntent[]
}

export interface TagIntent {
  wish: 'tag'
  pick: number
  tags: Json
}

export interface DeleteIntent {
  wish: 'delete'
  element: ElementKind
  pick: number
  cascade: boolean
}

/** Deletes and creates again in one version. */
export interface RecreateIntent {
  wish: 'recreate'
  element: ElementKind
  pick: number
  as: 'same' | 'content' | 'type' | 'ends' | 'element'
  type: number
  from: number
  to: number
  metadata: JsonObject
}

export const faults = [
  'exists',
  'existsAsOther',
  'missingEnd',
  'endIsRelation',
  'missing',
  'otherElement',
  'inUse',
  'pointer',
  'bounds',
  'metadata',
  'change',
  'id',
  'kind',
] as const

/** Something that must be refused. */
export interface WrongIntent {
  wish: 'wrong'
  fault: (typeof faults)[number]
  element: ElementKind
  pick: number
  other: number
}

export type Intent = CreateIntent | UpdateIntent | TagIntent | DeleteIntent | RecreateIntent | WrongIntent

export interface StepIntent {
  intents: Intent[]
  how: 'draft' | 'apply' | 'list'
  /** How far the clock runs before the commit, in milliseconds; it may run back. */
  clock: number
  /** The given timestamp after the parent's; undefined: the clock's. */
  timestamp: number | undefined
  named: boolean
  owner: string | undefined
  description: string
  metadata: JsonObject | undefined
  /** The head expected, or something wrong with the options. */
  option: 'none' | 'expected' | 'conflict' | 'earlier' | 'badOwner' | 'retry' | 'taken'
}

const place = fc.nat({ max: 997 })
const element = fc.constantFrom<ElementKind>('entity', 'relation')

function weighted<T>(...choices: [T, number][]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([choice, weight]) => ({ arbitrary: fc.constant(choice), weight })))
}

/** Once in `times`, else undefined. */
function rarely<T>(arbitrary: fc.Arbitrary<T>, times: number): fc.Arbitrary<T | undefined> {
  const never = { arbitrary: fc.constant(undefined), weight: times - 1 }
  return fc.oneof(never, { arbitrary, weight: 1 })
}

const change: fc.Arbitrary<ChangeIntent> = fc.record({
  op: fc.constantFrom<ChangeIntent['op']>('set', 'delete', 'insert', 'remove', 'patch'),
  place,
  key: fc.oneof(fc.constant(undefined), key),
  value: jsonValue,
  index: fc.nat({ max: 4 }),
})

const create: fc.Arbitrary<CreateIntent> = fc.record({
  wish: fc.constant('create'),
  element: weighted<ElementKind>(['entity', 2], ['relation', 3]),
  shape: weighted<CreateIntent['shape']>(['any', 6], ['loop', 1], ['parallel', 2]),
  crosses: weighted([false, 3], [true, 1]),
  id: place,
  type: place,
  from: place,
  to: place,
  metadata,
  validFrom: bound,
  validTo: bound,
})

const update: fc.Arbitrary<UpdateIntent> = fc.record({
  wish: fc.constant('update'),
  element,
  how: weighted<UpdateIntent['how']>(['merge', 4], ['change', 6], ['replace', 2], ['nothing', 2]),
  pick: place,
  metadata,
  changes: fc.array(change, { maxLength: 4 }),
  validFrom: bound,
  validTo: bound,
})

const tag: fc.Arbitrary<TagIntent> = fc.record({
  wish: fc.constant('tag'),
  pick: place,
  tags: tagList,
})

const remove: fc.Arbitrary<DeleteIntent> = fc.record({
  wish: fc.constant('delete'),
  element,
  pick: place,
  cascade: fc.boolean(),
})

const recreate: fc.Arbitrary<RecreateIntent> = fc.record({
  wish: fc.constant('recreate'),
  element,
  pick: place,
  as: fc.constantFrom<RecreateIntent['as']>('same', 'content', 'type', 'ends', 'element'),
  type: place,
  from: place,
  to: place,
  metadata,
})

const wrong: fc.Arbitrary<WrongIntent> = fc.record({
  wish: fc.constant('wrong'),
  fault: fc.constantFrom(...faults),
  element,
  pick: place,
  other: place,
})

const intent: fc.Arbitrary<Intent> = fc.oneof(
  { arbitrary: create, weight: 34 },
  { arbitrary: update, weight: 30 },
  { arbitrary: tag, weight: 8 },
  { arbitrary: remove, weight: 9 },
  { arbitrary: recreate, weight: 7 },
)

const wishes = fc.oneof(
  { arbitrary: fc.array(intent, { minLength: 1, maxLength: 9, size: 'max' }), weight: 12 },
  { arbitrary: fc.constant<Intent[]>([]), weight: 1 },
)

/** One wrong command at most, anywhere in the list, so that one rule is broken and not two. */
const intents = fc.tuple(wishes, rarely(fc.tuple(wrong, place), 8)).map(([right, fault]): Intent[] => {
  if (!fault) return right
  return right.toSpliced(fault[1] % (right.length + 1), 0, fault[0])
})

const stepIntent: fc.Arbitrary<StepIntent> = fc.record({
  intents,
  how: weighted<StepIntent['how']>(['draft', 4], ['apply', 1], ['list', 2]),
  clock: weighted([0, 2], [1, 3], [1_000, 2], [-500, 1]),
  timestamp: weighted<number | undefined>([undefined, 5], [0, 2], [1, 1], [3_600_000, 1]),
  named: weighted([false, 2], [true, 1]),
  owner: weighted<string | undefined>([undefined, 3], ['ada', 1], ['\u{1f600} "', 1]),
  description: fc.constantFrom('', 'change', 'a\n"b"\\ \u{1f600}', 'change'),
  metadata: rarely(metadata, 4),
  option: weighted<StepIntent['option']>(
    ['none', 60],
    ['expected', 8],
    ['conflict', 1],
    ['earlier', 1],
    ['badOwner', 1],
    ['retry', 2],
    ['taken', 1],
  ),
})

const silent = stepIntent.map((intent): StepIntent => ({ ...intent, intents: [], option: 'none' }))

/** Histories of any length up to `most`; they shrink to the few steps that matter. */
export function stepIntents(most: number): fc.Arbitrary<StepIntent[]> {
  return fc.array(stepIntent, { maxLength: most, size: 'max' })
}

/** Histories of `length` versions in which little happens. */
export function calmStepIntents(length: number): fc.Arbitrary<StepIntent[]> {
  const step = fc.oneof({ arbitrary: silent, weight: 9 }, { arbitrary: stepIntent, weight: 1 })
  return stretch(step, length)
}

/** Histories in which states stand long: a busy beginning, a calm time, a silent one, a busy end. */
export function lastingStepIntents(): fc.Arbitrary<StepIntent[]> {
  const times = [stretch(stepIntent, 15), calmStepIntents(150), stretch(silent, 520), stretch(stepIntent, 15)]
  return fc.tuple(...times).map((steps) => steps.flat())
}

function stretch(step: fc.Arbitrary<StepIntent>, length: number): fc.Arbitrary<StepIntent[]> {
  return fc.array(step, { minLength: length, maxLength: length, size: 'max' })
}
