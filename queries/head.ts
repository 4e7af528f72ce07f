/**
 * The head asked by hand: its tables and nothing else, as one would without a history. The tour
 * shows what a read through a view costs beside these.
 */
import { statement } from './statement.js'

export const typesAtHead = statement((db, _given: object) =>
  db
    .selectFrom('entity')
    .select((of) => ['entity_type as type', of.fn.countAll<number>().as('count')])
    .groupBy('entity_type')
    .unionAll(
      db
        .selectFrom('relation')
        .select((of) => ['relation_type as type', of.fn.countAll<number>().as('count')])
        .groupBy('relation_type'),
    ),
)

export const newestVersions = statement((db, given: { limit: number }) =>
  db.selectFrom('state_version').selectAll().orderBy('sequence', 'desc').limit(given.limit),
)

export const neighboursAtHead = statement((db, given: { id: string; limit: number }) =>
  db
    .selectFrom('relation')
    .innerJoin('entity', 'entity.id', 'relation.to_entity')
    .selectAll('relation')
    .select(['entity.entity_type', 'entity.metadata as entity_metadata', 'entity.created_at as entity_created_at'])
    .where('relation.from_entity', '=', given.id)
    .orderBy('relation.id')
    .limit(given.limit),
)

/** The walks of two relations from an entity, each with all that stands on it. */
export const twoHopsAtHead = statement(
  (db, given: { id: string; firstType: string; secondType: string; limit: number }) =>
    db
      .selectFrom('relation as first')
      // A cross join keeps SQLite's planner in this order: it would begin with every relation of the second type.
      .crossJoin('entity as middle')
      .crossJoin('relation as second')
      .crossJoin('entity as last')
      .select(['first.id as first_id', 'first.metadata as first_metadata', 'middle.id as middle_id'])
      .select(['middle.metadata as middle_metadata', 'second.id as second_id', 'second.metadata as second_metadata'])
      .select(['last.id as last_id', 'last.metadata as last_metadata'])
      .whereRef('middle.id', '=', 'first.to_entity')
      .whereRef('second.from_entity', '=', 'first.to_entity')
      .whereRef('last.id', '=', 'second.to_entity')
      .where('first.from_entity', '=', given.id)
      .where('first.relation_type', '=', given.firstType)
      .where('second.relation_type', '=', given.secondType)
      .orderBy('first.to_entity')
      .orderBy('first.id')
      .orderBy('second.to_entity')
      .orderBy('second.id')
      .limit(given.limit),
)

export const entityAtHead = statement((db, given: { id: string }) =>
  db.selectFrom('entity').selectAll().where('id', '=', given.id),
)

/** What a comparison would have to read where no history says what changed. */
export const allEntitiesAtHead = statement((db, _given: object) => db.selectFrom('entity').selectAll())
