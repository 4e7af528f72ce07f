/**
 * The typed schema: which types entities and relations may have, which ends relations, and what
 * validates their metadata.
 *
 * A schema is what an application says, as values and as types. It is no part of the file: what is
 * stored stays readable without it, and it may change from one opening to the next.
 */
import { ValidationError, type ValidationIssue } from '../model/errors.js'
import { refusedId } from '../model/id.js'
import { toPointer } from '../model/pointer.js'
import type { StandardSchema } from '../model/standard.js'

/** Entity types, each with what validates its metadata. */
export type EntityDefinitions = { readonly [entityType: string]: StandardSchema<unknown, object> }

/** Between which types of entities a relation may stand, and what validates its metadata. */
export interface RelationDefinition<Type extends string = string> {
  /** The type of the entity it starts at, or several. */
  readonly from: Type | readonly Type[]
  /** The type of the entity it ends at, or several. */
  readonly to: Type | readonly Type[]
  /** Absent: any metadata. */
  readonly metadata?: StandardSchema<unknown, object> | undefined
}

/** Relation types, each with one definition or, where metadata or ends go together in pairs, a list of them. */
export type RelationDefinitions<Type extends string = string> = {
  readonly [relationType: string]: RelationDefinition<Type> | readonly RelationDefinition<Type>[]
}

/** What `defineSchema` returns and `openUniverse` takes. Without type arguments: no schema, any type is a string. */
export interface Schema<
  Entities extends EntityDefinitions = EntityDefinitions,
  Relations extends RelationDefinitions = RelationDefinitions,
> {
  readonly entities: Entities
  readonly relations: Relations
}

/**
 * Describes a graph: the types of its entities and relations, with a validator for the metadata of
 * each. Validators are of zod or any library that follows Standard Schema.
 *
 * What is written is validated and the validator's **output** recorded. An update is validated by
 * the metadata it leaves, which begins with what an earlier output was: so a validator must accept
 * its own output. It must also be pure and synchronous, for it may run more than once.
 *
 * @throws {ValidationError} for a name that breaks the rule for types, an end that is no entity type
 * of the schema, a pair of ends described twice, and what is no validator.
 * @example
 * const schema = defineSchema({
 *   entities: { Person: z.object({ name: z.string() }), Company: z.object({ name: z.string() }) },
 *   relations: { WORKS_AT: { from: 'Person', to: 'Company', metadata: z.object({ since: z.number() }) } },
 * })
 * await using universe = await openUniverse('knowledge.db', { schema })
 */
export function defineSchema<
  const Entities extends EntityDefinitions,
  const Relations extends RelationDefinitions<keyof Entities & string> = Record<never, never>,
>(definition: { readonly entities: Entities; readonly relations?: Relations }): Schema<Entities, Relations> {
  const { entities, relations } = readSchema(definition)
  const ofRelations = [...relations].map(([name, definitions]) => [name, Object.freeze(definitions)])
  return Object.freeze({
    entities: Object.freeze(Object.fromEntries(entities)) as Entities,
    relations: Object.freeze(Object.fromEntries(ofRelations)) as Relations,
  })
}

/** A schema as it is asked: every relation type with the list of its definitions, their ends in lists. */
export interface ReadSchema {
  entities: ReadonlyMap<string, StandardSchema>
  relations: ReadonlyMap<string, readonly ReadRelation[]>
}

/** One definition of a relation type. */
export interface ReadRelation {
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly metadata?: StandardSchema
}

/**
 * Reads a schema of the caller's; what becomes of the caller's objects afterwards changes nothing.
 *
 * @throws {ValidationError} for what is no schema.
 */
export function readSchema(definition: unknown): ReadSchema {
  const reader = new Reader()
  try {
    const schema = reader.schema(definition)
    if (reader.issues.length === 0) return schema
  } catch (cause) {
    // A getter or a proxy of the caller's threw.
    throw invalid([{ path: '', reason: 'cannot be read' }], cause)
  }
  throw invalid(reader.issues)
}

class Reader {
  readonly issues: ValidationIssue[] = []

  schema(definition: unknown): ReadSchema {
    const parts = this.members(definition, '', ['entities', 'relations'])
    const entities = new Map<string, StandardSchema>()
    for (const [name, validator] of this.named(parts.entities, '/entities')) {
      entities.set(name, this.validator(validator, `/entities${toPointer([name])}`))
    }
    const relations = new Map<string, ReadRelation[]>()
    for (const [name, given] of parts.relations === undefined ? [] : this.named(parts.relations, '/relations')) {
      relations.set(name, this.relation(given, `/relations${toPointer([name])}`, entities))
    }
    return { entities, relations }
  }

  private relation(given: unknown, path: string, entities: ReadonlyMap<string, unknown>): ReadRelation[] {
    const isList = Array.isArray(given)
    const list: unknown[] = isList ? Array.from(given) : [given]
    if (list.length === 0) this.refuse(path, 'needs a definition')
    const definitions = list.map((one, index) => this.definition(one, isList ? `${path}/${index}` : path, entities))
    const pairs = definitions.flatMap(({ from, to }) => from.flatMap((start) => to.map((end) => `${start} to ${end}`)))
    const twice = pairs.find((pair, index) => pairs.indexOf(pair) !== index)
    if (twice !== undefined) this.refuse(path, `describes the pair from ${twice} twice`)
    return definitions
  }

  private definition(given: unknown, path: string, entities: ReadonlyMap<string, unknown>): ReadRelation {
    const parts = this.members(given, path, ['from', 'to', 'metadata'])
    const from = this.ends(parts.from, `${path}/from`, entities)
    const to = this.ends(parts.to, `${path}/to`, entities)
    if (parts.metadata === undefined) return { from, to }
    return { from, to, metadata: this.validator(parts.metadata, `${path}/metadata`) }
  }

  private ends(given: unknown, path: string, entities: ReadonlyMap<string, unknown>): string[] {
    const ends: unknown[] = Array.isArray(given) ? Array.from(given) : [given]
    if (ends.length === 0) this.refuse(path, 'needs an entity type')
    for (const end of ends) {
      if (typeof end !== 'string') this.refuse(path, 'must be an entity type or a list of them')
      else if (!entities.has(end)) this.refuse(path, `${JSON.stringify(end)} is no entity type of this schema`)
    }
    return ends as string[]
  }

  private validator(given: unknown, path: string): StandardSchema {
    const isObject = (typeof given === 'object' && given !== null) || typeof given === 'function'
    const standard: unknown = isObject ? (given as Partial<StandardSchema>)['~standard'] : undefined
    const { version, validate } = (standard ?? {}) as { version?: unknown; validate?: unknown }
    if (version !== 1 || typeof validate !== 'function') {
      this.refuse(path, 'must be a validator: a schema of zod or another library that follows Standard Schema 1')
    }
    return given as StandardSchema
  }

  private named(given: unknown, path: string): [string, unknown][] {
    if (!this.isObject(given, path)) return []
    const entries = Object.entries(given)
    for (const [name] of entries) {
      const reason = name === '__proto__' ? 'is a name that JavaScript reserves' : refusedId(name)
      if (reason !== undefined) this.refuse(`${path}${toPointer([name])}`, reason)
    }
    return entries
  }

  private members<Name extends string>(given: unknown, path: string, names: Name[]): { [N in Name]?: unknown } {
    if (!this.isObject(given, path)) return {}
    for (const key of Object.keys(given)) {
      if (!names.includes(key as Name))
        this.refuse(`${path}${toPointer([key])}`, `is not known here: use ${names.join(', ')}`)
    }
    return given as { [N in Name]?: unknown }
  }

  private isObject(given: unknown, path: string): given is object {
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) return true
    this.refuse(path, 'must be an object')
    return false
  }

  private refuse(path: string, reason: string): void {
    this.issues.push({ path, reason })
  }
}

function invalid(issues: ValidationIssue[], cause?: unknown): ValidationError {
  return new ValidationError({ what: 'The schema is not valid', issues, cause })
}
