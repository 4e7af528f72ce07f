/** `--where`: a condition on the metadata, written as a person writes it. */
import { InvalidArgumentError } from 'commander'
import type { ConditionOn, Json } from '../index.js'
import { RefusedJson } from '../model/json.js'
import { parseJson } from '../model/text.js'

/** Conditions by path, as a filter takes them. */
export type Where = Record<string, ConditionOn>

type Operator = keyof ConditionOn

/** Longer signs first: what is not taken by one of them is one of the shorter. */
const signs: readonly (readonly [sign: string, operator: Operator])[] = [
  ['!=', 'ne'],
  ['>=', 'gte'],
  ['<=', 'lte'],
  ['^=', 'startsWith'],
  ['$=', 'endsWith'],
  ['=', 'eq'],
  ['>', 'gt'],
  ['<', 'lt'],
  ['~', 'contains'],
  ['not in', 'notIn'],
  ['in', 'in'],
]
const operators = new Map(signs)

const alternatives = signs.map(([sign]) =>
  /\w/.test(sign) ? `(?<=\\s)${sign.replace(' ', '\\s+')}(?=[\\s[])` : sign.replaceAll(/[$^]/g, '\\$&'),
)
const condition = new RegExp(`^\\s*("(?:[^"\\\\]|\\\\.)*"|.+?)\\s*(${alternatives.join('|')})\\s*(.*?)\\s*$`, 'su')

/** How the help tells of it. */
export const whereDetails = `A condition is a path into the metadata, an operator and a value:

  city=Paris   city!=Paris   age>=18   age>18   age<=65   age<65
  name~da      contains: a part of a string, or a member of an array
  name^=A      starts with
  name$=a      ends with
  city in Paris,Rome      city not in Paris,Rome      year in [2023,2024]

A path is keys with dots between them (address.city) or a JSON Pointer (/address/city);
in double quotes it may hold anything ("a=b"). A value that is JSON is taken as JSON
(18, true, null, "18", ["a"]), any other as a string; after ^= and $= only a string in
quotes is. Types are never mixed: to compare with the string 18, write age='"18"'.`

/**
 * Adds a condition to those before it; all of them must hold.
 *
 * @throws {InvalidArgumentError} for what is no condition.
 */
export function where(text: string, before: Where = {}): Where {
  const [, written, sign, value = ''] = condition.exec(text) ?? []
  if (written === undefined || sign === undefined) {
    throw new InvalidArgumentError(
      "It must be a path, an operator and a value, such as 'address.city=Paris' or 'age>=18'.",
    )
  }
  const operator = operators.get(sign.replace(/\s+/, ' ')) as Operator
  const path = pathOf(written)
  if (before[path]?.[operator] !== undefined) {
    throw new InvalidArgumentError(`The operator ${sign} is given twice for ${path}.`)
  }
  return { ...before, [path]: { ...before[path], [operator]: wanted(operator, value) } as ConditionOn }
}

function pathOf(written: string): string {
  if (!written.startsWith('"')) return written
  const path = jsonOf(written)
  if (typeof path !== 'string') throw new InvalidArgumentError(`The path ${written} is not valid.`)
  return path
}

function wanted(operator: Operator, text: string): Json {
  if (operator === 'in' || operator === 'notIn') {
    const list = text.startsWith('[') ? jsonOf(text) : undefined
    return Array.isArray(list) ? list : text.split(',').map((value) => scalarOf(value.trim()))
  }
  if (operator !== 'startsWith' && operator !== 'endsWith') return scalarOf(text)
  const quoted = text.startsWith('"') ? jsonOf(text) : undefined
  return typeof quoted === 'string' ? quoted : text
}

function scalarOf(text: string): Json {
  const value = jsonOf(text)
  return value === undefined ? text : value
}

/** What a text is as JSON; undefined where it is none. */
function jsonOf(text: string): Json | undefined {
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  try {
    return parseJson(text) as Json
  } catch (error) {
    if (error instanceof RefusedJson) throw new InvalidArgumentError(`The value ${error.reason}.`)
    throw error
  }
}
