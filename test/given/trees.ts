/** Version trees for a stream: several roots, forks anywhere, merges of up to four parents. */
import type { Dice } from '../laws/dice.js'
import { emptyState } from '../model/state.js'
import { ModelUniverse, type ModelVersion, type VersionRecord } from '../model/universe.js'
import { randomOperations } from './operations.js'

export interface Tree {
  model: ModelUniverse
  records: VersionRecord[]
}

/** How the next version finds its first parent: near the end of a few lines, or anywhere. */
export type Habit = 'lines' | 'anywhere'

/** A tree of `size` versions, in the order in which they came to be. */
export function makeTree(dice: Dice, size: number, habit: Habit, operationsOn = randomOperations): Tree {
  const model = new ModelUniverse()
  const records: VersionRecord[] = []
  const lines: ModelVersion[] = []
  for (let number = 1; number <= size; number++) {
    const parents = parentsFor(dice, habit, model.versions, lines)
    const [first] = parents
    const operations = operationsOn(first?.state ?? emptyState, dice, 3)
    const timestamp = dice.chance(90) ? number * 10 : dice.roll(size * 10)
    const record = { version: `v${number}`, parents: parents.map(({ versionId }) => versionId), timestamp, operations }
    records.push(record)
    const version = model.append(record)
    const at = first === undefined ? -1 : lines.indexOf(first)
    if (at >= 0) lines[at] = version
    else lines.push(version)
  }
  return { model, records }
}

function parentsFor(
  dice: Dice,
  habit: Habit,
  versions: readonly ModelVersion[],
  lines: readonly ModelVersion[],
): ModelVersion[] {
  if (versions.length === 0 || dice.chance(3)) return []
  const anywhere = habit === 'anywhere' || dice.chance(12)
  const parents = [dice.pick([...(anywhere ? versions : lines)])]
  while (parents.length < 4 && dice.chance(20)) {
    const further = dice.pick([...(dice.chance(70) ? lines : versions)])
    if (!parents.includes(further)) parents.push(further)
  }
  return parents
}

/** The same versions in another order that puts parents first: line by line, as `git log --topo-order` does. */
export function lineByLine({ records }: Tree): VersionRecord[] {
  const left = new Map(records.map((record) => [record.version, record]))
  const order: VersionRecord[] = []
  while (left.size > 0) {
    let next = [...left.values()].find(({ parents }) => parents.every((parent) => !left.has(parent)))
    while (next) {
      left.delete(next.version)
      order.push(next)
      const { version } = next
      next = [...left.values()].find(
        ({ parents }) => parents[0] === version && parents.every((parent) => !left.has(parent)),
      )
    }
  }
  return order
}

/** The model of the same versions as they come in another order. */
export function modelOf(records: readonly VersionRecord[]): ModelUniverse {
  const model = new ModelUniverse()
  for (const record of records) model.append(record)
  return model
}

/** The longest first-parent chain from the first root, of equals the one that ends later: its end. */
export function longestChain(records: readonly VersionRecord[]): string | undefined {
  const root = records.find(({ parents }) => parents.length === 0)
  const lengths = new Map<string, number>()
  let end: string | undefined
  for (const { version, parents } of records) {
    const before = lengths.get(parents[0] ?? '')
    if (version !== root?.version && before === undefined) continue
    lengths.set(version, (before ?? 0) + 1)
    if ((lengths.get(version) as number) >= (lengths.get(end ?? '') ?? 0)) end = version
  }
  return end
}
