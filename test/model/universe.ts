/**
 * The plain model: a list of versions, each with its whole state. `main` is the first-parent chain
 * of `head`; further parents and other chains come in by `append`.
 */
import { applyOperations } from './apply.js'
import { isMoment, isName } from './check.js'
import { type Command, record } from './command.js'
import { dataHash, operationsHash, versionHash } from './hash.js'
import { copyJson, type JsonObject, sameJson } from './json.js'
import type { Operation } from './operation.js'
import { attempt, type Code, Refusal, refuse } from './refusal.js'
import { emptyState, type State, stamp } from './state.js'

export interface ModelVersion {
  versionId: string
  parents: string[]
  sequence: number
  timestamp: number
  description: string
  owner: string
  metadata: JsonObject | undefined
  operations: Operation[]
  state: State
  dataHash: string
  versionHash: string
}

/** A version as a stream brings it: its operations apply to the state of its first parent. */
export interface VersionRecord {
  version: string
  parents: string[]
  timestamp: number
  description?: string
  owner?: string
  metadata?: JsonObject
  operations: Operation[]
}

export interface CommitOptions {
  timestamp?: number
  versionId?: string
  owner?: string
  metadata?: JsonObject
  expectedVersion?: string | null
}

export interface Submission {
  description: string
  commands: readonly Command[]
  /** A list of operations says what a retry must repeat; a closure does not. */
  isList: boolean
  options: CommitOptions
}

export class ModelUniverse {
  readonly versions: ModelVersion[] = []

  get head(): ModelVersion | undefined {
    return this.versions.at(-1)
  }

  get(versionId: string): ModelVersion {
    return this.find(versionId) ?? refuse('NOT_FOUND', versionId)
  }

  find(versionId: string | undefined): ModelVersion | undefined {
    return this.versions.find((version) => version.versionId === versionId)
  }

  /** The state of the version's first parent. */
  stateBefore(version: ModelVersion): State {
    return this.find(version.parents[0])?.state ?? emptyState
  }

  /**
   * Commits on `main`. `now` is what the clock says; `versionId` is the one to take where the
   * caller gave none. Throws a refusal with every code that one of the broken rules gives.
   */
  commit(submission: Submission, now: number, versionId: string): ModelVersion {
    const { description, commands, options } = submission
    const there = this.find(options.versionId)
    if (there) return this.retried(there, submission)

    const state = this.head?.state ?? emptyState
    const operations = attempt(() => record(state, commands))
    const codes = new Set<Code>(operations instanceof Refusal ? operations.codes : [])
    for (const code of this.faults(options)) codes.add(code)
    if (operations instanceof Refusal) {
      throw new Refusal([...codes], operations.message, codes.size > 1 ? undefined : operations.operation)
    }
    if (codes.size > 0) throw new Refusal([...codes], 'options')
    const timestamp = options.timestamp ?? Math.max(now, this.head?.timestamp ?? -Infinity)
    return this.append({
      version: options.versionId ?? versionId,
      parents: this.head ? [this.head.versionId] : [],
      timestamp: timestamp + 0,
      description,
      owner: options.owner ?? 'local',
      ...(options.metadata && { metadata: options.metadata }),
      operations,
    })
  }

  /** Adds a version with any parents; it becomes the head. */
  append(given: VersionRecord): ModelVersion {
    const { version: versionId, parents, timestamp, operations } = given
    const { description = '', owner = 'local' } = given
    const metadata = given.metadata && copyJson(given.metadata)
    const before = this.find(parents[0])?.state ?? emptyState
    const state = stamp(before, applyOperations(before, operations), timestamp)
    const content = { description, metadata, owner, timestamp, versionId, dataHash: dataHash(state) }
    const parentHashes = parents.map((parent) => this.get(parent).versionHash)
    const hash = versionHash({ ...content, operationsHash: operationsHash(operations), parentHashes })
    const sequence = this.versions.length + 1
    const version = { ...content, versionHash: hash, parents, sequence, operations, state }
    this.versions.push(version)
    return version
  }

  /** A caller's version id that is taken: a safe retry of the same commit, or a mistake. */
  private retried(there: ModelVersion, submission: Submission): ModelVersion {
    const { description, options } = submission
    const isSame =
      there.description === description &&
      there.owner === (options.owner ?? 'local') &&
      (!submission.isList || sameJson(there.operations as never, listOf(submission) as never))
    return isSame ? there : refuse('ALREADY_EXISTS', there.versionId)
  }

  private faults({ timestamp, versionId, owner, expectedVersion }: CommitOptions): Code[] {
    const codes: Code[] = []
    if (timestamp !== undefined) {
      const earliest = this.head?.timestamp ?? -Infinity
      if (!isMoment(timestamp) || timestamp < earliest) codes.push('VALIDATION')
    }
    if (versionId !== undefined && !isName(versionId)) codes.push('VALIDATION')
    if (owner !== undefined && !isName(owner)) codes.push('VALIDATION')
    if (expectedVersion !== undefined && expectedVersion !== (this.head?.versionId ?? null)) {
      codes.push('VERSION_CONFLICT')
    }
    return codes
  }
}

function listOf({ commands }: Submission): Operation[] {
  return commands.flatMap((command) => (command.call === 'apply' ? command.operations : []))
}
