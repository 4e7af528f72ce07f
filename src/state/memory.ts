/** A graph in memory: all of a state while deltas are replayed, or as much of one as a commit touches. */
import type { Entity, Relation } from '../model/entity.js'
import { canonicalJson } from '../model/json.js'
import type { ElementChange, Graph } from './apply.js'

/** An element as it stands, since when, and (made when it is first asked for) its metadata's canonical text. */
export class Standing<E extends Entity | Relation> {
  private known: string | undefined

  constructor(
    readonly element: E,
    readonly fromSequence: number,
    text?: string,
  ) {
    this.known = text
  }

  get text(): string {
    this.known ??= canonicalJson(this.element.metadata)
    return this.known
  }
}

/** A change with the texts and sequences of both sides. */
export type StandingChange =
  | {
      element: 'entity'
      id: string
      before: Standing<Entity> | undefined
      after: Standing<Entity> | undefined
    }
  | {
      element: 'relation'
      id: string
      before: Standing<Relation> | undefined
      after: Standing<Relation> | undefined
    }

export class MemoryGraph implements Graph {
  readonly entities = new Map<string, Standing<Entity>>()
  readonly relations = new Map<string, Standing<Relation>>()
  private readonly touching = new Map<string, Set<string>>()

  entity(id: string): Entity | undefined {
    return this.entities.get(id)?.element
  }

  relation(id: string): Relation | undefined {
    return this.relations.get(id)?.element
  }

  relationsOf(id: string): Iterable<string> {
    return this.touching.get(id) ?? []
  }

  addEntity(standing: Standing<Entity>): void {
    this.entities.set(standing.element.id, standing)
  }

  addRelation(standing: Standing<Relation>): void {
    const { id, from, to } = standing.element
    this.relations.set(id, standing)
    this.addEnds(id, from, to)
  }

  /** Notes that a relation touches its ends without knowing the rest of it. */
  addEnds(relation: string, from: string, to: string): void {
    for (const end of [from, to]) {
      const known = this.touching.get(end)
      if (known) known.add(relation)
      else this.touching.set(end, new Set([relation]))
    }
  }

  /** Takes in what a version changed, and returns it with the texts and sequences of both sides. */
  accept(changes: readonly ElementChange[], sequence: number): StandingChange[] {
    return changes.map((change) =>
      change.element === 'entity' ? this.acceptEntity(change, sequence) : this.acceptRelation(change, sequence),
    )
  }

  /** Lets an entity stand so, or (undefined) not at all. */
  setEntity(id: string, standing: Standing<Entity> | undefined): void {
    if (standing) this.addEntity(standing)
    else this.entities.delete(id)
  }

  /** Lets a relation stand so, or (undefined) not at all. */
  setRelation(id: string, standing: Standing<Relation> | undefined): void {
    const before = this.relations.get(id)
    if (before) {
      this.touching.get(before.element.from)?.delete(id)
      this.touching.get(before.element.to)?.delete(id)
    }
    if (standing) this.addRelation(standing)
    else this.relations.delete(id)
  }

  private acceptEntity(change: ElementChange & { element: 'entity' }, sequence: number): StandingChange {
    const before = this.entities.get(change.id)
    const after = change.after && new Standing(change.after, sequence)
    this.setEntity(change.id, after)
    return { element: 'entity', id: change.id, before, after }
  }

  private acceptRelation(change: ElementChange & { element: 'relation' }, sequence: number): StandingChange {
    const before = this.relations.get(change.id)
    const after = change.after && new Standing(change.after, sequence)
    this.setRelation(change.id, after)
    return { element: 'relation', id: change.id, before, after }
  }
}
