/** Inner Universe: a knowledge graph that remembers. Everything public, and nothing else. */
export type { EventFilter, EventLog, EventPage } from './events/log.js'
export type { ConditionOn, MetadataConditions } from './graph/condition.js'
export type { EntityFilter, Filter, Moment, RelationFilter } from './graph/filter.js'
export type { EntityAttributes, GraphologyFilter, GraphologyGraph, RelationAttributes } from './graph/graphology.js'
export type { Counts, Page, TypeCount } from './graph/list.js'
export type { DegreeOptions, Neighbour, NeighbourOptions } from './graph/neighbour.js'
export type { Path, PathOptions } from './graph/path.js'
export type { ReachableOptions, Reached } from './graph/reach.js'
export type { Reference } from './graph/reference.js'
export {
  defineSchema,
  type EntityDefinitions,
  type RelationDefinition,
  type RelationDefinitions,
  type Schema,
} from './graph/schema.js'
export type { Start } from './graph/start.js'
export type { StepFilter } from './graph/step.js'
export type { Subgraph, SubgraphOptions } from './graph/subgraph.js'
export type { Traversal, TraversalOptions } from './graph/traverse.js'
export type {
  EntityInput,
  EntityLike,
  EntityOf,
  EntityPatch,
  EntityType,
  RelationInput,
  RelationLike,
  RelationOf,
  RelationPatch,
  RelationType,
} from './graph/typed.js'
export type { View } from './graph/view.js'
export type { WalkOptions } from './graph/walk.js'
export type { Branch, BranchOptions } from './history/branch.js'
export type { CommitClosure, CommitOptions } from './history/commit.js'
export type { Diff, ElementDiff } from './history/diff.js'
export type {
  CreateOptions,
  Draft,
  NewEntity,
  NewRelation,
  Validity,
  ValidityUpdate,
} from './history/draft.js'
export type { DraftEntity, DraftRelation } from './history/drafted.js'
export type { HistoryEntry, HistoryOptions } from './history/history.js'
export type { MaterialiseOptions, State } from './history/materialise.js'
export type { MergeStrategy, Resolver } from './history/merge/settle.js'
export type { MergeOptions, MergePreview, PreviewOptions } from './history/merge.js'
export type { VersionOptions } from './history/plan.js'
export type { RebuildOptions, Rebuilt } from './history/rebuild.js'
export { type RestoreOptions, restoreUniverse } from './history/restore.js'
export type { RevertOptions, RevertRange } from './history/revert.js'
export type { Stats } from './history/stats.js'
export type { Finding } from './history/verify/findings.js'
export type { Verification, VerifyOptions } from './history/verify.js'
export type { Versions } from './history/versions.js'
export type { CallOptions } from './model/budget.js'
export type { Bounds, Conflict, ElementConflict, KeyConflict, ValidityConflict } from './model/conflict.js'
export type { Direction, ElementKind, Entity, Relation } from './model/entity.js'
export {
  AbortError,
  AlreadyExistsError,
  BusyError,
  ClosedError,
  EntityInUseError,
  IntegrityError,
  LimitExceededError,
  MergeConflictError,
  MigrationError,
  NotFoundError,
  UniverseError,
  ValidationError,
  type ValidationIssue,
  VersionConflictError,
} from './model/errors.js'
export type { UniverseEvent } from './model/event.js'
export type { IdLike } from './model/id.js'
export type { Json, JsonObject } from './model/json.js'
export type {
  Change,
  CreateEntity,
  CreateRelation,
  Operation,
  UpdateEntity,
  UpdateRelation,
} from './model/operation.js'
export type { VersionRecord } from './model/record.js'
export type { StandardSchema } from './model/standard.js'
export type { Version } from './model/version.js'
export { openUniverse, type UniverseOptions } from './open.js'
export type { ExportOptions } from './stream/export.js'
export type { ImportOptions, ImportProgress, ImportResult, ImportSource } from './stream/import.js'
export type { Universe } from './universe.js'
