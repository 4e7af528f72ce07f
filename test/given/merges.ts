/** Random histories with branches, merges and reverts, played on a universe and on the plain model. */
import { expect } from 'vitest'
import type { MergeStrategy, Conflict as ProductConflict } from '../../src/index.js'
import { Dice } from '../laws/dice.js'
import { applyOperations } from '../model/apply.js'
import { netOperations } from '../model/diff.js'
import { firstParents, mergeBases } from '../model/history.js'
import { type Conflict, conflictsOf, mergedContents, type Settle, type Three } from '../model/merge.js'
import { type Dialect, openUniverseOn, type Universe } from '../model/open.js'
import type { Operation } from '../model/operation.js'
import { type Content, type Contents, emptyState, stamp } from '../model/state.js'
import { ModelUniverse, type ModelVersion } from '../model/universe.js'
import { randomOperations } from './operations.js'

/** What the histories really contained. */
export interface Tally {
  operations: number
  merges: number
  reverts: number
  /** Merges and reverts with conflicts. */
  conflicting: number
  /** With several best common ancestors. */
  crossed: number
  forwards: number
  refused: number
  kinds: Record<string, number>
}

export interface Merges {
  universe: Universe
  model: ModelUniverse
  heads: Map<string, ModelVersion>
  [Symbol.asyncDispose](): Promise<void>
}

export function newTally(): Tally {
  return { operations: 0, merges: 0, reverts: 0, conflicting: 0, crossed: 0, forwards: 0, refused: 0, kinds: {} }
}

/** Plays `size` steps as the dice say; every version must be as in the model, hashes and operations too. */
export async function playMerges(dialect: Dialect, seed: number, size: number, tally: Tally): Promise<Merges> {
  const universe = await openUniverseOn(dialect)
  const player = new Player(universe, new Dice(seed), tally)
  for (let step = 1; step <= size; step++) await player.step(`v${step}`)
  return { universe, model: player.model, heads: player.heads, [Symbol.asyncDispose]: () => universe.close() }
}

class Player {
  readonly model = new ModelUniverse()
  readonly heads = new Map<string, ModelVersion>()

  constructor(
    private readonly universe: Universe,
    private readonly dice: Dice,
    private readonly tally: Tally,
  ) {}

  async step(name: string): Promise<void> {
    const { dice, heads, model } = this
    const kind = dice.roll(10)
    if (model.versions.length > 2 && heads.size < 5 && kind === 0) {
      const branch = `branch ${heads.size}`
      // Near the heads, so that there is much to merge by key.
      const start = dice.pick(dice.chance(70) ? model.versions.slice(-4) : model.versions)
      await this.universe.createBranch(branch, { from: start.versionId })
      heads.set(branch, start)
    }
    if (model.versions.length > 4 && kind >= 8) await this.revert(name)
    else if (heads.size > 1 && kind >= 5) await this.merge(name)
    else await this.commit(name)
  }

  private async commit(name: string): Promise<void> {
    const branch = this.branch()
    const head = this.heads.get(branch)
    const operations = edits(head?.state ?? emptyState, this.dice)
    const version = this.append(name, branch, head ? [head] : [], name, operations)
    await this.universe.commit(name, operations as never, { branch, versionId: name, timestamp: version.timestamp })
  }

  private async merge(name: string): Promise<void> {
    const { dice, heads, model } = this
    const into = this.branch()
    const ours = heads.get(into) as ModelVersion
    const [branch, head] = dice.pick([...heads])
    const theirs = dice.chance(80) ? head : dice.pick(model.versions)
    const given = dice.chance(10) ? dice.pick(model.versions) : undefined
    await this.mergeInto(name, into, theirs, theirs === head && dice.chance(50) ? branch : theirs.versionId, given)
    // Criss-cross: the other branch takes in what this one was before.
    if (branch !== into && dice.chance(40)) await this.mergeInto(`${name}, crossed`, branch, ours, ours.versionId)
  }

  private async mergeInto(
    name: string,
    into: string,
    theirs: ModelVersion,
    reference: string,
    given?: ModelVersion,
  ): Promise<void> {
    const { model, tally, universe } = this
    const head = this.heads.get(into) as ModelVersion
    const bases = mergeBases(model, head.versionId, theirs.versionId)
    const base = given ?? bases[0]
    const options = { into, ...(given ? { base: given.versionId } : {}) }
    if (!given && base === theirs) {
      expect((await universe.merge(reference, options)).versionId).toBe(head.versionId)
      return
    }
    tally.merges++
    if (bases.length > 1) tally.crossed++
    if (base === head) tally.forwards++
    const three = { base: base?.state ?? emptyState, ours: head.state, theirs: theirs.state }
    const call = (more: object) => universe.merge(reference, { ...options, ...more })
    await this.threeWay(name, into, head === theirs ? [head] : [head, theirs], three, call)
  }

  private async revert(name: string): Promise<void> {
    const { dice, model, universe } = this
    const branch = this.branch()
    const head = this.heads.get(branch) as ModelVersion
    const chain = firstParents(model, dice.chance(70) ? head : dice.pick(model.versions))
    const last = dice.pick(chain.slice(0, 4))
    const older = firstParents(model, last).slice(1)
    const isRange = older.length > 1 && dice.chance(30)
    const before = isRange ? dice.pick(older.slice(0, 4)) : older[0]
    this.tally.reverts++
    const three = { base: last.state, ours: head.state, theirs: before?.state ?? emptyState }
    const undone = isRange ? { from: before?.versionId as string, to: last.versionId } : last.versionId
    await this.threeWay(name, branch, [head], three, (more) => universe.revert(undone, { branch, ...more }))
  }

  /** Without a strategy first, which must refuse what is in conflict; then with one. */
  private async threeWay(
    name: string,
    branch: string,
    parents: ModelVersion[],
    three: Three,
    call: (options: { strategy?: MergeStrategy; versionId: string; timestamp: number; description: string }) => unknown,
  ): Promise<void> {
    const { dice, tally } = this
    const conflicts = conflictsOf(three)
    const [ours] = parents as [ModelVersion]
    const timestamp = ours.timestamp + dice.roll(3)
    const facts = { versionId: name, timestamp, description: name }
    if (conflicts.length > 0) {
      tally.conflicting++
      for (const { kind } of conflicts) tally.kinds[kind] = (tally.kinds[kind] ?? 0) + 1
      const error = await Promise.resolve(call(facts)).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'MERGE_CONFLICT' })
      expect((error as { conflicts: unknown }).conflicts).toEqual(conflicts)
      if (dice.chance(20)) {
        tally.refused++
        return
      }
    }
    const [strategy, settle] = dice.pick(strategies)
    const merged = stamp(ours.state, mergedContents(three, settle), timestamp)
    const operations = netOperations(ours.state, merged)
    const version = this.append(name, branch, parents, name, operations, timestamp)
    expect(await call({ ...facts, ...(conflicts.length > 0 ? { strategy } : {}) })).toMatchObject({
      parents: version.parents,
      sequence: version.sequence,
    })
    expect(await this.universe.versions.operations(name)).toEqual(operations)
    expect(await this.universe.versions.get(name)).toMatchObject({
      ...{ dataHash: version.dataHash, versionHash: version.versionHash },
    })
  }

  private append(
    name: string,
    branch: string,
    parents: readonly ModelVersion[],
    description: string,
    operations: Operation[],
    time?: number,
  ): ModelVersion {
    this.tally.operations += operations.length
    const timestamp = time ?? (parents[0]?.timestamp ?? 1_000) + this.dice.roll(3)
    const ids = parents.map(({ versionId }) => versionId)
    const version = this.model.append({ version: name, parents: ids, timestamp, description, operations })
    this.heads.set(branch, version)
    return version
  }

  private branch(): string {
    return this.heads.size === 0 ? 'main' : this.dice.pick([...this.heads.keys()])
  }
}

/** Operations with updates of single keys, so that two sides often meet in one element and not always in one key. */
function edits(before: Contents, dice: Dice): Operation[] {
  const operations = dice.chance(60) ? randomOperations(before, dice, 3) : []
  const after = applyOperations(before, operations)
  for (const id of dice.some([...after.entities.keys()], 25)) operations.push(edit('updateEntity', id, dice))
  for (const id of dice.some([...after.relations.keys()], 25)) operations.push(edit('updateRelation', id, dice))
  return operations
}

function edit(op: 'updateEntity' | 'updateRelation', id: string, dice: Dice): Operation {
  if (dice.chance(15)) return { op, id, changes: [], validFrom: dice.pick([null, 1, 2]), validTo: dice.pick([null, 3]) }
  const patch = { [dice.pick(['a', 'b', 'c'])]: dice.pick([null, 0, 1, { x: 1 }, { x: 1, y: [1] }]) }
  return { op, id, changes: [{ op: 'patch', path: '', patch }] }
}

/** Each as the product takes it and as the model does. */
const strategies: readonly [MergeStrategy, Settle][] = [
  ['ours', ({ ours }) => ours],
  ['theirs', ({ theirs }) => theirs],
  [(conflict) => own(conflict), own],
  [() => undefined, () => undefined],
]

/** Settles each conflict in a way of its own. */
function own(conflict: Conflict | ProductConflict): unknown {
  const { id, key, kind, base, ours, theirs } = conflict
  const way = [...`${id}${key}${kind}`].reduce((sum, letter) => sum + (letter.codePointAt(0) as number), 0) % 5
  if (way === 0) return base
  if (way === 1) return ours
  if (way === 2) return theirs
  if (way === 3) return undefined
  if (kind !== 'changed') return { ...((ours ?? theirs ?? base) as Content), metadata: { settled: true } }
  return key === undefined ? { validFrom: 1 } : { settled: [key] }
}
