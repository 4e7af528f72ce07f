/**
 * The rules of a schema, asked when elements are written and read.
 *
 * A creation is validated once, at the door, where its caller still waits; what depends on the state
 * (the ends of relations, what an update leaves) when the operation is applied. Of what a validator
 * does nothing reaches the store but its output.
 */
import type { Entity, Relation } from '../model/entity.js'
import { ValidationError, type ValidationIssue } from '../model/errors.js'
import type { JsonLimits, JsonObject } from '../model/json.js'
import type { Operation, OperationGuard } from '../model/operation.js'
import type { StandardSchema } from '../model/standard.js'
import type { ElementCheck, Writing } from '../state/apply.js'
import type { ReadCheck } from './read-check.js'
import { type ReadRelation, type ReadSchema, readSchema } from './schema.js'
import { validate } from './validate.js'

/** What an error says besides its issues. */
interface Facts {
  what: string
  operation?: number | undefined
}

/** The rules of one schema under these limits of depth and size. */
export class Rules implements ElementCheck, ReadCheck {
  private readonly schema: ReadSchema

  /** @throws {ValidationError} for what is no schema. */
  constructor(
    schema: unknown,
    private readonly limits: JsonLimits,
  ) {
    this.schema = readSchema(schema)
  }

  /** Validates an entity and returns the metadata to write. */
  entity(entity: Entity, writing: Writing): JsonObject {
    const facts = factsOf(writing.operation)
    return this.output(this.validatorOf(entity.entityType, facts), entity.metadata, facts)
  }

  /** Validates a relation between two entities and returns the metadata to write. */
  relation(relation: Relation, from: Entity, to: Entity, writing: Writing): JsonObject {
    const facts = factsOf(writing.operation)
    const definition = definitionBetween(relation, from, to, this.definitionsOf(relation.relationType, facts), facts)
    return this.output(definition.metadata, relation.metadata, facts)
  }

  /** For commits, whose creations have passed `guarded`: validates what is left to validate. */
  readonly commitCheck: ElementCheck = {
    entity: (entity, writing) => (writing.isNew ? entity.metadata : this.entity(entity, writing)),
    relation: (relation, from, to, writing) => {
      const facts = factsOf(writing.operation)
      const definitions = this.definitionsOf(relation.relationType, facts)
      const definition = definitionBetween(relation, from, to, definitions, facts)
      if (writing.isNew && isUniform(definitions)) return relation.metadata
      return this.output(definition.metadata, relation.metadata, facts)
    },
  }

  /** For what others recorded: validates all of it and changes nothing. */
  readonly recordCheck: ElementCheck = {
    entity: (entity, writing) => {
      this.entity(entity, writing)
      return entity.metadata
    },
    relation: (relation, from, to, writing) => {
      this.relation(relation, from, to, writing)
      return relation.metadata
    },
  }

  /** The guard with the rules for creations, as far as they do not depend on the state; it returns what is recorded. */
  guarded(guard: OperationGuard): OperationGuard {
    return (input, index) => this.atDoor(guard(input, index), factsOf(index))
  }

  /** The metadata that a draft shows after an update: as it will be recorded, or as it will be refused. */
  settledEntity({ entityType, metadata }: Pick<Entity, 'entityType' | 'metadata'>): JsonObject {
    return this.settled(this.schema.entities.get(entityType), metadata)
  }

  /** As `settledEntity`, for a relation between entities of these types, where they are known. */
  settledRelation(
    { relationType, metadata }: Pick<Relation, 'relationType' | 'metadata'>,
    from: string | undefined,
    to: string | undefined,
  ): JsonObject {
    const definitions = this.schema.relations.get(relationType) ?? []
    return this.settled(definitions.find((one) => isBetween(one, from, to))?.metadata, metadata)
  }

  checkEntity({ id, entityType, metadata }: Entity): void {
    const facts = { what: `Entity ${JSON.stringify(id)} breaks the schema` }
    this.output(this.validatorOf(entityType, facts), metadata, facts)
  }

  /** Its ends are not looked up: its metadata must be that of one pair of ends. */
  checkRelation({ id, relationType, metadata }: Relation): void {
    const facts = { what: `Relation ${JSON.stringify(id)} breaks the schema` }
    const refusals: ValidationIssue[] = []
    for (const definition of this.definitionsOf(relationType, facts)) {
      if (definition.metadata === undefined) return
      const validated = validate(definition.metadata, metadata, this.limits)
      if ('output' in validated) return
      refusals.push(...validated.issues)
    }
    throw new ValidationError({ ...facts, issues: refusals })
  }

  private atDoor(operation: Operation, facts: Facts): Operation {
    if (operation.op === 'createEntity') {
      const validator = this.validatorOf(operation.entityType, facts)
      return { ...operation, metadata: this.output(validator, operation.metadata, facts) }
    }
    if (operation.op !== 'createRelation') return operation
    const definitions = this.definitionsOf(operation.relationType, facts)
    if (!isUniform(definitions)) return operation
    return { ...operation, metadata: this.output(definitions[0]?.metadata, operation.metadata, facts) }
  }

  private output(validator: StandardSchema | undefined, metadata: JsonObject, facts: Facts): JsonObject {
    if (validator === undefined) return metadata
    const validated = validate(validator, metadata, this.limits)
    if ('output' in validated) return validated.output
    throw new ValidationError({ ...facts, ...validated })
  }

  private settled(validator: StandardSchema | undefined, metadata: JsonObject): JsonObject {
    const validated = validator && validate(validator, metadata, this.limits)
    return validated !== undefined && 'output' in validated ? validated.output : metadata
  }

  private validatorOf(entityType: string, facts: Facts): StandardSchema {
    const validator = this.schema.entities.get(entityType)
    if (validator !== undefined) return validator
    throw unknownType('/entityType', entityType, this.schema.entities.keys(), facts)
  }

  private definitionsOf(relationType: string, facts: Facts): readonly ReadRelation[] {
    const definitions = this.schema.relations.get(relationType)
    if (definitions !== undefined) return definitions
    throw unknownType('/relationType', relationType, this.schema.relations.keys(), facts)
  }
}

/** The definition that a relation stands under; refuses ends that have none. */
function definitionBetween(
  { relationType }: Relation,
  { entityType: from }: Entity,
  { entityType: to }: Entity,
  definitions: readonly ReadRelation[],
  facts: Facts,
): ReadRelation {
  const definition = definitions.find((one) => isBetween(one, from, to))
  if (definition !== undefined) return definition
  const starting = definitions.filter((one) => one.from.includes(from))
  const issue =
    starting.length === 0
      ? { path: '/from', reason: `${relationType} starts at ${listed(definitions, 'from')}, not at ${from}` }
      : { path: '/to', reason: `${relationType} from ${from} ends at ${listed(starting, 'to')}, not at ${to}` }
  throw new ValidationError({ ...facts, issues: [issue] })
}

function isBetween(definition: ReadRelation, from: string | undefined, to: string | undefined): boolean {
  return from !== undefined && to !== undefined && definition.from.includes(from) && definition.to.includes(to)
}

/** Whether one validator serves all ends, so that metadata can be validated before the ends are known. */
function isUniform(definitions: readonly ReadRelation[]): boolean {
  return definitions.every(({ metadata }) => metadata === definitions[0]?.metadata)
}

function listed(definitions: readonly ReadRelation[], end: 'from' | 'to'): string {
  return [...new Set(definitions.flatMap((one) => one[end]))].join(' or ')
}

function factsOf(operation: number | undefined): Facts {
  return { what: 'The operation breaks the schema', operation }
}

/** So many names of a schema are told to who asks for another. */
const mostNames = 20

function unknownType(path: string, type: string, known: Iterable<string>, facts: Facts): ValidationError {
  const names = [...known].sort()
  const some = names.length > mostNames ? `${names.slice(0, mostNames).join(', ')} …` : names.join(', ')
  const what = path === '/entityType' ? 'entity type' : 'relation type'
  const reason = `${JSON.stringify(type)} is no ${what} of the schema, which has ${some || 'none'}`
  return new ValidationError({ ...facts, issues: [{ path, reason }] })
}
