/** Random conditions on metadata, most of them about a place and a value that some element has. */
import type { Conditions } from '../model/filter.js'
import { isObject, type Json } from '../model/json.js'
import { pointerOf } from '../model/pointer.js'
import type { Element } from '../model/state.js'
import type { Dice } from './dice.js'

export const operators = [
  'eq',
  'ne',
  'gt',
  'gte',
  'lt',
  'lte',
  'contains',
  'startsWith',
  'endsWith',
  'in',
  'notIn',
] as const

type Operator = (typeof operators)[number]

/** What is easily taken for each other: by type, by text, by order, by what is not there. */
export const twins: Json[] = [
  ...[null, true, false, 0, 1, -3, 1.5, 9, 10, 1e21, 1e-7, 2 ** 53 + 2, 2 ** 62, 2 ** 62 + 1024],
  ...[
    '',
    '0',
    '1',
    'null',
    'true',
    '9',
    '10',
    'a',
    'A',
    'é',
    'e\u0301',
    '\u{ffee}',
    '\u{1f600}',
    '"',
    '\\',
    '[]',
    '{}',
  ],
  ...[[], {}, [null], [1], ['a'], { a: 1 }, [[]], [{}]],
]

/** Keys that lead elsewhere, and indexes that are none. */
const strayKeys = ['a', 'b', '', '0', '1', '00', '-', '-1', '10', 'length', 'constructor', '#', '4294967296']

/** One to four paths, each with one or two operators. */
export function randomMetadata(dice: Dice, elements: readonly Element[]): Record<string, Conditions> {
  const filter: Record<string, Conditions> = {}
  for (let count = 1 + Math.max(0, dice.roll(7) - 3); count > 0; count--) {
    const { tokens, value } = randomPlace(dice, elements)
    const key = dice.chance(50) ? dotted(tokens) : pointerOf(tokens)
    filter[key] = {
      ...filter[key],
      ...randomCondition(dice, value),
      ...(dice.chance(20) ? randomCondition(dice, value) : {}),
    }
  }
  return filter
}

function randomPlace(dice: Dice, elements: readonly Element[]): { tokens: string[]; value: Json } {
  const places = elements.length === 0 ? [] : placesIn(dice.pick(elements).metadata)
  if (places.length === 0) return { tokens: [dice.pick(strayKeys)], value: dice.pick(twins) }
  const { tokens, value } = dice.pick(places)
  if (dice.chance(85)) return { tokens, value }
  const stray = dice.chance(50) ? [...tokens, dice.pick(strayKeys)] : [...tokens.slice(0, -1), dice.pick(strayKeys)]
  return { tokens: stray, value }
}

/** Every place below the root, not too deep to be told. */
function placesIn(value: Json, tokens: string[] = []): { tokens: string[]; value: Json }[] {
  if (tokens.length > 4 || typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => {
    const here = { tokens: [...tokens, key], value: member }
    return [here, ...placesIn(member, here.tokens)]
  })
}

/** With dots where they lead to the same place. */
function dotted(tokens: string[]): string {
  const isPlain =
    tokens.every((token) => !token.includes('.')) && !tokens[0]?.startsWith('/') && tokens.join('.') !== ''
  return isPlain && !tokens.join('.').startsWith('/') ? tokens.join('.') : pointerOf(tokens)
}

/** Mostly an operator that has something to say of what was found. */
function randomCondition(dice: Dice, found: Json): Conditions {
  const operator = dice.pick(dice.chance(80) ? (fitting[typeOf(found)] ?? equality) : operators)
  return { [operator]: wantedOf(dice, operator, dice.chance(75) ? found : dice.pick(twins)) }
}

const equality: Operator[] = ['eq', 'ne', 'in', 'notIn']
const order: Operator[] = ['gt', 'gte', 'lt', 'lte']
const fitting: Record<string, readonly Operator[]> = {
  number: [...order, ...order, ...equality],
  string: operators,
  array: ['contains', 'contains', ...equality],
}

function wantedOf(dice: Dice, operator: Operator, value: Json): Json {
  switch (operator) {
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return typeof value === 'number' || typeof value === 'string'
        ? beside(dice, value)
        : dice.pick(['', 'a', 0, 1, 10])
    case 'contains':
      if (typeof value === 'string') return partOf(dice, value)
      return Array.isArray(value) && value.length > 0 && dice.chance(80) ? dice.pick(value) : value
    case 'startsWith':
      return typeof value === 'string' ? value.slice(0, wholeLetters(value, dice)) : dice.pick(['', 'a', '['])
    case 'endsWith':
      return typeof value === 'string' ? value.slice(wholeLetters(value, dice)) : dice.pick(['', 'a', ']'])
    case 'in':
    case 'notIn':
      return [...dice.some([...twins], 10), ...(dice.chance(80) ? [value] : [])]
    default:
      return value
  }
}

function beside(dice: Dice, value: number | string): number | string {
  if (dice.chance(50)) return value
  if (typeof value === 'number') return value + dice.pick([-1, 1])
  return dice.chance(50) ? `${value}a` : value.slice(0, wholeLetters(value, dice))
}

function partOf(dice: Dice, text: string): string {
  const letters = [...text]
  const from = dice.roll(letters.length + 1)
  return letters.slice(from, from + dice.roll(3)).join('')
}

/** How many units the first letters of a text have, a random number of them. */
function wholeLetters(text: string, dice: Dice): number {
  const letters = [...text]
  return letters.slice(0, dice.roll(letters.length + 1)).join('').length
}

/** Which JSON type a value has; undefined: it is not there. */
export function typeOf(value: Json | undefined): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return isObject(value) ? 'object' : typeof value
}
