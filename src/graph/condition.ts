/**
 * Conditions on metadata as the compiler sees them: which paths there are in metadata of a known
 * type, and what may be asked of the value at each.
 */
import type { Json, JsonObject } from '../model/json.js'

/**
 * What must hold of a value of this type; all that is given holds. JSON types are never mixed: `1` is not
 * `true`, and `'10'` neither equal to `10` nor greater than `9`. Of a value that is not there only `ne` and
 * `notIn` hold.
 */
export interface ConditionOn<V = Json> {
  /** The same JSON, objects and arrays as a whole; `null` is a null that is there. */
  readonly eq?: V | undefined
  readonly ne?: V | undefined
  readonly in?: readonly V[] | undefined
  readonly notIn?: readonly V[] | undefined
  /** Numbers are compared with numbers, strings with strings by their UTF-8 bytes; nothing else has an order. */
  readonly gt?: Ordered<V> | undefined
  readonly gte?: Ordered<V> | undefined
  readonly lt?: Ordered<V> | undefined
  readonly lte?: Ordered<V> | undefined
  /** A part of a string, or a member of an array. */
  readonly contains?: Part<V> | undefined
  readonly startsWith?: Text<V> | undefined
  readonly endsWith?: Text<V> | undefined
}

/**
 * Conditions on metadata of this type, by dotted path: of a union every path of its members. What no
 * dotted path names (keys with dots, elements of arrays) is named by a JSON Pointer, whose value is any.
 */
export type MetadataConditions<M = JsonObject> = {
  readonly [P in PathOf<M>]?: ConditionOn<ValueAt<M, P>> | undefined
} & { readonly [pointer: `/${string}`]: ConditionOn | undefined }

/** The dotted paths in metadata of this type, six keys deep at most: a type may contain itself. */
export type PathOf<M, Steps extends unknown[] = []> = Steps['length'] extends 6
  ? never
  : M extends readonly unknown[]
    ? never
    : M extends object
      ? { [K in keyof M & string]-?: PathFrom<K, M[K], Steps> }[keyof M & string]
      : never

type PathFrom<K extends string, V, Steps extends unknown[]> = K extends `${string}.${string}`
  ? never
  : K | `${K}.${PathOf<V, [...Steps, unknown]>}`

/** What stands at a dotted path; any JSON where the keys are not known. */
export type ValueAt<M, P> = string extends P
  ? Json
  : M extends object
    ? P extends keyof M
      ? Exclude<M[P], undefined>
      : P extends `${infer K}.${infer Rest}`
        ? K extends keyof M
          ? ValueAt<M[K], Rest>
          : never
        : never
    : never

type Ordered<V> = V extends string ? string : V extends number ? number : never
type Part<V> = V extends string ? string : V extends readonly (infer E)[] ? E : never
type Text<V> = V extends string ? string : never
