/** A universe of several lanes beside the plain model that it must agree with. */
import { Dice } from '../laws/dice.js'
import { type Dialect, openUniverseOn, type Universe } from '../model/open.js'
import { emptyState } from '../model/state.js'
import { ModelUniverse, type ModelVersion } from '../model/universe.js'
import { fork } from './fork.js'
import { randomOperations } from './operations.js'

export interface Forks {
  universe: Universe
  model: ModelUniverse
  /** The branches and their heads. */
  heads: Map<string, ModelVersion>
  [Symbol.asyncDispose](): Promise<void>
}

/** Which branch forks from which, when so many versions are there, so many versions back from its head. */
const plan = [
  { name: 'x', from: 'main', after: 14, back: 6 },
  { name: 'y', from: 'x', after: 30, back: 3 },
  { name: 'same', from: 'x', after: 34, back: 3 },
  { name: 'tip', from: 'main', after: 36, back: 0 },
  { name: 'z', from: 'y', after: 50, back: 2 },
]

/** Commits `size` versions on lanes up to four deep, at every branch in turn, as the dice say. */
export async function makeForks(
  dialect: Dialect,
  seed: number,
  size: number,
  operationsOn = randomOperations,
  prepare: (universe: Universe) => void = () => undefined,
): Promise<Forks> {
  const dice = new Dice(seed)
  const universe = await openUniverseOn(dialect)
  prepare(universe)
  const model = new ModelUniverse()
  const heads = new Map<string, ModelVersion>()
  for (let sequence = 1; sequence <= size; sequence++) {
    for (const { name, from } of plan.filter(({ after }) => after === sequence)) {
      const start = ancestor(model, heads.get(from) as ModelVersion, plan.find((one) => one.name === name)?.back ?? 0)
      await fork(universe, name, start.versionId)
      heads.set(name, start)
    }
    const branch = heads.size < 2 ? 'main' : dice.pick(['main', ...heads.keys()])
    const parent = heads.get(branch)
    const version = `v${sequence}`
    const timestamp = (parent?.timestamp ?? 1_000) + dice.roll(4)
    const operations = operationsOn(parent?.state ?? emptyState, dice, 4)
    const record = { version, parents: parent ? [parent.versionId] : [], timestamp, operations }
    heads.set(branch, model.append({ ...record, description: branch }))
    await universe.commit(branch, operations as never, { branch, versionId: version, timestamp })
  }
  return { universe, model, heads, [Symbol.asyncDispose]: () => universe.close() }
}

function ancestor(model: ModelUniverse, from: ModelVersion, back: number): ModelVersion {
  let version = from
  for (let step = 0; step < back; step++) version = model.get(version.parents[0] as string)
  return version
}
