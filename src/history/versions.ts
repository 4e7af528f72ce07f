/**
 * Versions: by id, newest, at a moment, along first parents, and over all parents.
 *
 * Parents have smaller sequences than their children, so one walk down the sequences meets every
 * version after all of its descendants.
 */
import { branchByName } from '../../queries/branch.js'
import {
  childVersions,
  latestVersion,
  type VersionRow,
  versionById,
  versionBySequence,
  versionHistory,
  versionsBefore,
  versionsByPrefix,
} from '../../queries/version.js'
import type { Database } from '../database/database.js'
import { all, first, type Work } from '../database/work.js'
import type { Moment } from '../graph/filter.js'
import { placeOfReference, type Reference } from '../graph/reference.js'
import { type CallOptions, startBudget } from '../model/budget.js'
import { IntegrityError, NotFoundError, ValidationError } from '../model/errors.js'
import { readableId } from '../model/id.js'
import { isText } from '../model/json.js'
import type { Operation } from '../model/operation.js'
import type { Version } from '../model/version.js'
import type { Place } from '../state/place.js'
import { toVersion } from '../state/rows.js'
import { operationsOfVersion } from './commit.js'
import { mergeBasesOf } from './merge-bases.js'

/** How many versions a walk reads at a time. */
const batch = 512

/** Reads versions and how they descend from one another. Got from `universe.versions`. */
export class Versions {
  /** @internal */
  constructor(private readonly database: Database) {}

  /** The version that a reference names; undefined where there is none. */
  async get(reference: Reference): Promise<Version | undefined> {
    try {
      return await this.database.read(() => versionOf(reference))
    } catch (error) {
      if (error instanceof NotFoundError) return undefined
      throw error
    }
  }

  /**
   * The newest version of a branch; undefined while `main` has none.
   *
   * @throws {NotFoundError} where the branch does not exist.
   */
  async latest(branch = 'main'): Promise<Version | undefined> {
    const name = readableId(branch)
    return this.database.read(function* () {
      const head = yield* first(branchByName, { name })
      if (head === undefined) throw new NotFoundError({ what: 'Branch', id: branch })
      if (head.version_id === null) return undefined
      const row = yield* first(versionById, { id: head.version_id })
      return row && toVersion(row)
    })
  }

  /**
   * The version that stood on a branch at a moment: of those on its first-parent chain whose
   * timestamp is not later, the one with the greatest sequence. Undefined before the first.
   */
  async at(moment: Moment, branch = 'main'): Promise<Version | undefined> {
    if (moment === undefined) {
      throw new ValidationError({ what: 'The moment is not valid', issues: [{ path: '', reason: 'must be given' }] })
    }
    return this.database.read(() => versionOf({ time: moment, branch }))
  }

  /**
   * A version and its first parents, newest first: all of them, or at most `limit`.
   *
   * @throws {NotFoundError} where the version does not exist.
   * @throws {IntegrityError} where one of its first parents is damaged.
   */
  async history(version: Reference, options: CallOptions & { limit?: number | undefined } = {}): Promise<Version[]> {
    const budget = startBudget(options, ['limit'])
    const limit = readLimit(options.limit)
    return this.database.read(function* () {
      const start = yield* versionOf(version)
      if (start === undefined) return []
      const chain = (yield* all(versionHistory, { id: start.versionId, limit })).map(toVersion)
      const { versionId, parentVersionId: parent } = chain.at(-1) as Version
      if (parent === null || chain.length === limit) return chain
      const reason = `The first parent of version ${versionId} is damaged: ${parent} is not before it`
      throw new IntegrityError({ reason, hint: 'Run verify to see what else is damaged, and restore a backup.' })
    }, budget)
  }

  /**
   * A version, or several, and all that they descend from, over all parents, each once, greatest
   * sequence first.
   */
  async *ancestors(
    version: Reference | readonly Reference[],
    options: CallOptions = {},
  ): AsyncIterableIterator<Version> {
    const budget = startBudget(options, [])
    // A list without a version is refused as what is no reference.
    const isList = Array.isArray(version) && version.length > 0
    const references: readonly Reference[] = isList ? version : [version as Reference]
    const starts = await this.database.read(() => versionsOf(references), budget)
    const wanted = new Set(starts.map(({ versionId }) => versionId))
    let before = starts.reduce((greatest, { sequence }) => Math.max(greatest, sequence), 0) + 1
    while (wanted.size > 0) {
      budget.check()
      const rows = await this.database.read(() => all(versionsBefore, { before, limit: batch }), budget)
      for (const row of rows) {
        if (!wanted.delete(row.version_id)) continue
        const found = toVersion(row)
        for (const parent of found.parents) wanted.add(parent)
        yield found
      }
      if (rows.length === 0) return
      before = (rows.at(-1) as VersionRow).sequence
    }
  }

  /** The versions that have this one as a parent, by sequence. */
  async children(version: Reference): Promise<Version[]> {
    return this.database.read(function* () {
      const parent = yield* versionOf(version)
      if (parent === undefined) return []
      return (yield* all(childVersions, { id: parent.versionId })).map(toVersion)
    })
  }

  /**
   * The best common ancestors of two versions, as `git merge-base --all`: common ancestors that no
   * other common ancestor descends from, greatest sequence first.
   */
  async mergeBases(a: Reference, b: Reference): Promise<Version[]> {
    return this.database.read(() => mergeBasesOf(a, b))
  }

  /**
   * The operations that lead from a version's first parent to it, as recorded.
   *
   * @throws {NotFoundError} where the version does not exist.
   */
  async operations(version: Reference): Promise<Operation[]> {
    return this.database.read(function* () {
      const found = yield* versionOf(version)
      return found === undefined ? [] : yield* operationsOfVersion(found.versionId)
    })
  }

  /** The ids of versions that begin with a prefix, by id; at most `limit`. */
  async withPrefix(prefix: string, limit = 10): Promise<string[]> {
    if (!isText(prefix)) return []
    readLimit(limit)
    const end = `${prefix}${'\u{10FFFF}'.repeat(128)}`
    const rows = await this.database.read(() => all(versionsByPrefix, { prefix, end, limit }))
    return rows.map(({ version_id }) => version_id)
  }
}

function* versionsOf(references: readonly Reference[]): Work<Version[]> {
  const found: Version[] = []
  for (const reference of references) {
    const version = yield* versionOf(reference)
    if (version !== undefined) found.push(version)
  }
  return found
}

/** The version that a reference names now; undefined for the empty graph. */
export function* versionOf(reference: Reference): Work<Version | undefined> {
  return yield* versionAt(yield* placeOfReference(reference))
}

function* versionAt(place: Place): Work<Version | undefined> {
  if (place.sequence === 0) return undefined
  const row = yield* first(versionBySequence, { sequence: place.sequence })
  return row && toVersion(row)
}

/** The sequence of the newest version of the universe; 0 without one. */
export function* newestSequence(): Work<number> {
  return (yield* first(latestVersion, {}))?.sequence ?? 0
}

function readLimit(limit: number | undefined): number {
  if (limit === undefined) return Number.MAX_SAFE_INTEGER
  if (Number.isSafeInteger(limit) && limit >= 1) return limit
  throw new ValidationError({
    what: 'The options are not valid',
    issues: [{ path: '/limit', reason: 'must be a whole number, 1 or more' }],
  })
}
