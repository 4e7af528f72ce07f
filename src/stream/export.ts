/** Export: versions as records, parents before children, in constant memory besides the largest version. */
import { allBranches, branchByName } from '../../queries/branch.js'
import { versionsInOrder } from '../../queries/version.js'
import type { Database } from '../database/database.js'
import { all, type Work } from '../database/work.js'
import type { Reference } from '../graph/reference.js'
import { newestSequence, Versions } from '../history/versions.js'
import { type CallOptions, startBudget } from '../model/budget.js'
import { NotFoundError, ValidationError } from '../model/errors.js'
import type { VersionRecord } from '../model/record.js'
import { recordedIn } from '../state/delta.js'
import { toVersion } from '../state/rows.js'

/** Which versions are exported. */
export interface ExportOptions extends CallOptions {
  /** Leave out this version and all that it descends from. */
  from?: Reference | undefined
  /** Only this version and what it descends from. */
  to?: Reference | undefined
  /** Only these branches' heads and what they descend from. */
  branches?: readonly string[] | undefined
}

/** How many versions are read at a time. */
const batch = 64

/** The versions that the options ask for, in sequence order; all of them without options. */
export async function* exportStream(database: Database, options: ExportOptions = {}): AsyncGenerator<VersionRecord> {
  const budget = startBudget(options, ['from', 'to', 'branches'])
  checkBranches(options.branches)
  const { newest, names } = await database.read(branchesByHead, budget)
  const wanted = await selected(database, options)
  let after = 0
  while (after < newest) {
    budget.check()
    const page = { after, to: newest, limit: batch }
    const records = await database.read(() => recordsOf(page, names), budget)
    if (records.length === 0) return
    for (const { sequence, record } of records) {
      after = sequence
      if (wanted === undefined || wanted.has(sequence)) yield record
    }
  }
}

function* branchesByHead(): Work<{ newest: number; names: Map<string, string[]> }> {
  const names = new Map<string, string[]>()
  for (const { name, version_id } of yield* all(allBranches, {})) {
    if (version_id !== null) names.set(version_id, [...(names.get(version_id) ?? []), name])
  }
  return { newest: yield* newestSequence(), names }
}

/** The sequences that the options keep; undefined: all. Memory: a number a version. */
async function selected(database: Database, options: ExportOptions): Promise<Set<number> | undefined> {
  const { from, to, branches } = options
  if (from === undefined && to === undefined && branches === undefined) return undefined
  const versions = new Versions(database)
  const kept = new Set<number>()
  const ends: Reference[] = to === undefined ? [] : [to]
  for (const name of branches ?? (to === undefined ? await branchNames(database) : [])) {
    const branch = await database.first(branchByName, { name })
    if (branch === undefined) throw new NotFoundError({ what: 'Branch', id: name })
    ends.push({ branch: name })
  }
  for (const end of ends) for await (const { sequence } of versions.ancestors(end)) kept.add(sequence)
  if (from !== undefined) for await (const { sequence } of versions.ancestors(from)) kept.delete(sequence)
  return kept
}

function checkBranches(branches: unknown): void {
  if (
    branches === undefined ||
    (Array.isArray(branches) && Array.from(branches).every((name) => typeof name === 'string'))
  )
    return
  const issues = [{ path: '/branches', reason: 'must be a list of names' }]
  throw new ValidationError({ what: 'The options are not valid', issues })
}

async function branchNames(database: Database): Promise<string[]> {
  return (await database.read(() => all(allBranches, {}))).map(({ name }) => name)
}

function* recordsOf(
  page: { after: number; to: number; limit: number },
  names: ReadonlyMap<string, string[]>,
): Work<{ sequence: number; record: VersionRecord }[]> {
  const deltas = yield* recordedIn(page)
  return (yield* all(versionsInOrder, page)).map((row) => {
    const { versionId, parents, timestamp, owner, description, sequence } = toVersion(row)
    const { operations = [], metadata } = deltas.get(versionId) ?? {}
    const heads = names.get(versionId)
    const branch = heads?.length === 1 ? heads[0] : heads
    return {
      sequence,
      record: {
        version: versionId,
        parents,
        timestamp,
        owner,
        description,
        operations,
        ...(branch === undefined ? {} : { branch }),
        ...(metadata === undefined ? {} : { metadata }),
      },
    }
  })
}
