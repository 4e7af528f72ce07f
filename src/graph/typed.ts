/**
 * What a schema says to the compiler: the types of what is written and read, and where relations lead.
 *
 * Everything is asked for by name, so that of a large schema only what is named is ever computed.
 * Without a schema every type is a string and every metadata a JSON object.
 */
import type { Direction, Entity, Relation } from '../model/entity.js'
import type { JsonObject } from '../model/json.js'
import type { InputOf, OutputOf, StandardSchema } from '../model/standard.js'
import type { Schema } from './schema.js'

/** The names of a schema's entity types. */
export type EntityType<S extends Schema = Schema> = keyof S['entities'] & string

/** The names of a schema's relation types. */
export type RelationType<S extends Schema = Schema> = keyof S['relations'] & string

/** An entity of these types as views show it; a union narrows by `entityType`. */
export type EntityOf<S extends Schema = Schema, T extends EntityType<S> = EntityType<S>> =
  string extends EntityType<S> ? Entity : { [K in T]: Entity<K, OutputOf<S['entities'][K]>> }[T]

/** A relation of these types as views show it; a union narrows by `relationType`. */
export type RelationOf<S extends Schema = Schema, R extends RelationType<S> = RelationType<S>> =
  string extends RelationType<S> ? Relation : { [K in R]: Relation<K, MetadataOf<Variant<S, K>>> }[R]

/** The metadata that an entity of these types is created with: what its validator takes. */
export type EntityInput<S extends Schema = Schema, T extends EntityType<S> = EntityType<S>> =
  string extends EntityType<S> ? JsonObject : InputOf<S['entities'][T]>

/** The metadata that a relation of these types is created with, between entities of these types. */
export type RelationInput<
  S extends Schema = Schema,
  R extends RelationType<S> = RelationType<S>,
  From extends EntityType<S> = EntityType<S>,
  To extends EntityType<S> = EntityType<S>,
> = string extends RelationType<S> ? JsonObject : MetadataInput<Leading<Leaving<Variant<S, R>, From>, To>>

/** A merge patch of the metadata of an entity of these types. */
export type EntityPatch<S extends Schema = Schema, T extends EntityType<S> = EntityType<S>> =
  string extends EntityType<S> ? JsonObject : MergePatch<EntityInput<S, T>>

/** A merge patch of the metadata of a relation of these types. */
export type RelationPatch<S extends Schema = Schema, R extends RelationType<S> = RelationType<S>> =
  string extends RelationType<S> ? JsonObject : MergePatch<RelationInput<S, R>>

/** A merge patch (RFC 7396): null removes a member that may be absent. */
type MergePatch<M> = M extends readonly unknown[]
  ? M
  : M extends object
    ? { readonly [K in keyof M]?: MergePatch<M[K]> | (Record<never, never> extends Pick<M, K> ? null : never) }
    : M

/** An entity of these types, or the id of any. */
export type EntityLike<T extends string = string> = string | { readonly id: string; readonly entityType?: T }

/** A relation of these types, or the id of any. */
export type RelationLike<R extends string = string> = string | { readonly id: string; readonly relationType?: R }

/** The entity types that relations of these types lead to from entities of these, in a direction; never where none do. */
export type Step<S extends Schema, D extends Direction, T extends EntityType<S>, R extends RelationType<S>> =
  string extends EntityType<S> ? string : Reached<Variant<S, R>, D, T> & EntityType<S>

/** The relation types that lead anywhere from entities of these types, in a direction. */
export type Along<S extends Schema, D extends Direction, T extends EntityType<S>> =
  string extends RelationType<S>
    ? string
    : { [R in RelationType<S>]: [T & Near<S, R, D>] extends [never] ? never : R }[RelationType<S>]

/** The entity types at the near ends of a relation type, seen in a direction. */
type Near<S extends Schema, R extends RelationType<S>, D extends Direction> =
  | (D extends 'out' | 'both' ? Ends<Variant<S, R>, 'from'> : never)
  | (D extends 'in' | 'both' ? Ends<Variant<S, R>, 'to'> : never)

/** The entity types that relations of these types start at. */
export type StartOf<S extends Schema, R extends RelationType<S>> =
  string extends RelationType<S> ? string : Ends<Variant<S, R>, 'from'> & EntityType<S>

/** The entity types that relations of these types end at, from entities of these types. */
export type EndOf<S extends Schema, R extends RelationType<S>, From extends EntityType<S> = EntityType<S>> =
  string extends RelationType<S> ? string : Ends<Leaving<Variant<S, R>, From>, 'to'> & EntityType<S>

/** The definitions of relation types, as a union. */
export type Variant<S extends Schema, R extends RelationType<S>> = S['relations'][R] extends infer D
  ? D extends readonly (infer V)[]
    ? V
    : D
  : never

type Reached<V, D, T> =
  | (D extends 'out' | 'both' ? Ends<Leaving<V, T>, 'to'> : never)
  | (D extends 'in' | 'both' ? Ends<Leading<V, T>, 'from'> : never)

/** Those that start at one of these types. */
type Leaving<V, T> = V extends { readonly from: infer N } ? (Meets<N, T> extends true ? V : never) : never

/** Those that end at one of these types. */
type Leading<V, T> = V extends { readonly to: infer N } ? (Meets<N, T> extends true ? V : never) : never

type Meets<N, T> = [Extract<Names<N>, T>] extends [never] ? false : true

type Ends<V, End extends 'from' | 'to'> = V extends { readonly [E in End]: infer N } ? Names<N> : never

type Names<N> = N extends readonly (infer T)[] ? T : N

type MetadataOf<V> = V extends { readonly metadata: infer M extends StandardSchema } ? OutputOf<M> : JsonObject

type MetadataInput<V> = V extends { readonly metadata: infer M extends StandardSchema } ? InputOf<M> : JsonObject
