/** What the random histories really contained: a law proves nothing about what never came up. */
import { applyOperations } from './apply.js'
import { type Command, operationsOf } from './command.js'
import { tagsOf } from './filter.js'
import type { Step } from './generator.js'
import { sameJson } from './json.js'
import type { Operation } from './operation.js'
import { Refusal } from './refusal.js'
import { type Content, type Contents, sameContent, sameLife } from './state.js'
import type { ModelUniverse, ModelVersion } from './universe.js'

export class Statistics {
  /** Commands of versions that came to be, as operations recorded. */
  operations = 0
  versions = 0
  emptyVersions = 0
  /** Same timestamp as the version before. */
  standingClocks = 0
  retries = 0
  refused = 0
  refusedByCode: Record<string, number> = {}

  creations = 0
  recreations = 0
  /** Of those: deleted in the same version, as the other element, with other type or ends. */
  sameVersionRecreations = 0
  elementSwitches = 0
  otherLives = 0
  relationsCreated = 0
  parallels = 0
  selfLoops = 0

  updates = 0
  noops = 0
  tagChanges = 0
  boundChanges = 0
  neverValid = 0
  deletions = 0
  cascades = 0

  /** Counts a step and what the model made of it, the version standing in `universe` already. */
  add(universe: ModelUniverse, step: Step, outcome: ModelVersion | Refusal, isNew: boolean): void {
    if (outcome instanceof Refusal) {
      this.refused++
      for (const code of outcome.codes) this.refusedByCode[code] = (this.refusedByCode[code] ?? 0) + 1
    } else if (!isNew) this.retries++
    else this.addVersion(universe, step, outcome)
  }

  private addVersion(universe: ModelUniverse, step: Step, version: ModelVersion): void {
    const parent = universe.find(version.parents[0])
    this.versions++
    if (version.operations.length === 0) this.emptyVersions++
    if (version.timestamp === parent?.timestamp) this.standingClocks++
    this.cascades += cascadesIn(step.commands, universe.stateBefore(version))

    const lives = livesBefore(universe, version)
    const deleted = new Set<string>()
    let contents: Contents = universe.stateBefore(version)
    for (const operation of version.operations) {
      const before = find(contents, operation.id)
      const untouched = contents
      contents = applyOperations(contents, [operation])
      const after = find(contents, operation.id)
      this.addOperation(operation, before, after)
      if (after && !before) this.addCreation(untouched, after, lives.get(after.id), deleted)
      if (before && !after) deleted.add(before.id)
      if (before) lives.set(before.id, before)
    }
  }

  private addOperation(operation: Operation, before?: Content, after?: Content): void {
    this.operations++
    if (before && after) {
      this.updates++
      if (sameContent(before, after)) this.noops++
      if (before.validFrom !== after.validFrom || before.validTo !== after.validTo) this.boundChanges++
    }
    if (operation.op === 'deleteEntity' || operation.op === 'deleteRelation') this.deletions++
    if (after?.validFrom !== undefined && after.validFrom === after.validTo) this.neverValid++
    if (after && 'entityType' in after) {
      const old = before && 'entityType' in before ? tagsOf(before) : []
      if (!sameJson(old, tagsOf(after))) this.tagChanges++
    }
  }

  private addCreation(
    before: Contents,
    created: Content,
    earlier: Content | undefined,
    deleted: ReadonlySet<string>,
  ): void {
    this.creations++
    if (earlier) {
      this.recreations++
      if (deleted.has(created.id)) this.sameVersionRecreations++
      if ('entityType' in earlier !== 'entityType' in created) this.elementSwitches++
      else if (!sameLife(earlier, created)) this.otherLives++
    }
    if (!('relationType' in created)) return
    const { relationType, from, to } = created
    this.relationsCreated++
    if (from === to) this.selfLoops++
    const isTwin = (one: Content) => 'relationType' in one && one.relationType === relationType
    const twins = [...before.relations.values()].filter((one) => one.from === from && one.to === to)
    if (twins.some(isTwin)) this.parallels++
  }
}

/** How many deletions took relations along. */
function cascadesIn(commands: readonly Command[], before: Contents): number {
  let count = 0
  let contents = before
  for (const command of commands) {
    const operations = operationsOf(command, contents)
    if (command.call === 'deleteEntity' && operations.length > 1) count++
    contents = applyOperations(contents, operations)
  }
  return count
}

/** The last life of every id that lived in a version before. */
function livesBefore(universe: ModelUniverse, version: ModelVersion): Map<string, Content> {
  const lives = new Map<string, Content>()
  for (const earlier of universe.versions) {
    if (earlier.sequence >= version.sequence) break
    for (const [id, entity] of earlier.state.entities) lives.set(id, entity)
    for (const [id, relation] of earlier.state.relations) lives.set(id, relation)
  }
  return lives
}

function find({ entities, relations }: Contents, id: string): Content | undefined {
  return entities.get(id) ?? relations.get(id)
}

/** Least shares, in percent; a generator that drifts below one proves nothing there. */
const gates: [part: keyof Statistics, whole: keyof Statistics, percent: number][] = [
  ['recreations', 'creations', 20],
  ['sameVersionRecreations', 'creations', 10],
  ['elementSwitches', 'creations', 3],
  ['otherLives', 'creations', 8],
  ['parallels', 'relationsCreated', 8],
  ['selfLoops', 'relationsCreated', 8],
  ['noops', 'updates', 8],
  ['boundChanges', 'updates', 4],
  ['tagChanges', 'operations', 5],
  ['neverValid', 'operations', 0.5],
  ['cascades', 'deletions', 4],
  ['refused', 'versions', 5],
  ['emptyVersions', 'versions', 3],
  ['standingClocks', 'versions', 15],
  ['retries', 'versions', 0.5],
]

/** Fails where the histories of a law were too tame. */
export function assertGates(statistics: Statistics): void {
  // Few events say nothing of shares.
  const judged = gates.filter(([, whole, percent]) => (statistics[whole] as number) * percent >= 2_000)
  const shares = judged.map(([part, whole, least]) => {
    const share = (100 * (statistics[part] as number)) / (statistics[whole] as number)
    return {
      text: `${part} ${share.toFixed(1)} % of ${whole}, at least ${least}`,
      ok: share >= least,
    }
  })
  const failed = shares.filter(({ ok }) => !ok).map(({ text }) => text)
  if (failed.length > 0) throw new Error(`The histories were too tame: ${failed.join('; ')}`)
}
