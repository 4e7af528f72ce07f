/** Undo: what a lane changed of the state that it forked from, so that what comes after it can begin there again. */
import type { Entity, Relation } from '../../model/entity.js'
import type { MemoryGraph, Standing, StandingChange } from '../../state/memory.js'

export class Undo {
  private readonly entities = new Map<string, Standing<Entity> | undefined>()
  private readonly relations = new Map<string, Standing<Relation> | undefined>()

  /** Notes how each id stood before the first change. */
  note(changes: readonly StandingChange[]): void {
    for (const change of changes) {
      if (change.element === 'entity') {
        if (!this.entities.has(change.id)) this.entities.set(change.id, change.before)
      } else if (!this.relations.has(change.id)) this.relations.set(change.id, change.before)
    }
  }

  /** Lets every id stand as it did. */
  restore(graph: MemoryGraph): void {
    for (const [id, standing] of this.entities) graph.setEntity(id, standing)
    for (const [id, standing] of this.relations) graph.setRelation(id, standing)
  }
}
