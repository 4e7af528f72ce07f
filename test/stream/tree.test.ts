import { describe, expect, it } from 'vitest'
import { allLanes } from '../../queries/branch.js'
import { all } from '../../src/database/work.js'
import { collect } from '../given/collect.js'
import { databaseOf } from '../given/fork.js'
import { refusalOf } from '../given/refused.js'
import { type Habit, lineByLine, longestChain, makeTree, modelOf } from '../given/trees.js'
import { Dice } from '../laws/dice.js'
import { runs } from '../laws/law.js'
import { versionOf } from '../laws/play.js'
import { askAll } from '../laws/questions.js'
import { ancestors, children, firstParents, historyOf, mergeBases, versionAt } from '../model/history.js'
import { dialects, openUniverseOn, type Universe } from '../model/open.js'
import type { ModelUniverse, VersionRecord } from '../model/universe.js'
import { ids } from '../model/values.js'

const depthOf = async (universe: Universe) => {
  const lanes = await databaseOf(universe).read(() => all(allLanes, {}))
  return Math.max(...lanes.map(({ depth }) => depth))
}

/** Everything that was ever asked of versions and of the states that they left. */
async function expectTree(universe: Universe, model: ModelUniverse, dice: Dice): Promise<void> {
  for (const version of dice.some(model.versions, runs(model.versions.length))) {
    const { versionId } = version
    expect(await universe.versions.get(versionId)).toEqual(versionOf(version))
    await askAll(universe.at({ version: versionId }), version.state, dice, 1)
    expect(await universe.versions.operations(versionId)).toEqual(version.operations)
    expect((await universe.versions.children(versionId)).map(idOf)).toEqual(children(model, versionId).map(idOf))
  }
  for (const version of dice.some(model.versions, runs(30))) {
    const { versionId } = version
    const chain = (await universe.versions.history(versionId)).map(idOf)
    expect(chain).toEqual(firstParents(model, version).map(idOf))
    expect((await collect(universe.versions.ancestors(versionId))).map(idOf)).toEqual(
      ancestors(model, versionId).map(idOf),
    )
    const other = dice.pick(model.versions)
    const bases = await universe.versions.mergeBases(versionId, other.versionId)
    expect(bases.map(idOf)).toEqual(mergeBases(model, versionId, other.versionId).map(idOf))
    for (const id of dice.some(ids, 5)) {
      const told = historyOf(model, id, version).map((one) => ({ ...one, version: versionOf(one.version) }))
      expect(await universe.history(id, { until: versionId })).toEqual(told)
    }
    const replayed = await universe.materialise(versionId, { from: 'deltas' })
    expect(replayed).toEqual(await universe.materialise(versionId))
  }
}

const idOf = ({ versionId }: { versionId: string }) => versionId

/** Trees of both habits, as they came and line by line. */
const grown = (['lines', 'anywhere'] as const).flatMap((habit: Habit) => {
  const size = habit === 'lines' ? 120 : 90
  const tree = makeTree(new Dice(size), size, habit)
  return [tree.records, lineByLine(tree)].map((records) => ({ records, model: modelOf(records) }))
})

describe.each(dialects)('an import of a version tree on %s', { timeout: 240_000 }, (dialect) => {
  it('gives every version its state, its descent and its hash', async () => {
    for (const { records, model } of grown) {
      await using universe = await openUniverseOn(dialect)
      expect(await universe.import(records)).toEqual({ imported: records.length, skipped: 0 })

      await expectTree(universe, model, new Dice(5))
      expect(await universe.verify()).toMatchObject({ findings: [] })
    }
  })

  it('has main on the longest chain, and no lineage deeper than its logarithm', async () => {
    for (const { records, model } of grown) {
      await using universe = await openUniverseOn(dialect)
      await universe.import(records)

      const main = model.get(longestChain(records) as string)
      expect(await universe.versions.latest()).toEqual(versionOf(main))
      expect(await depthOf(universe)).toBeLessThanOrEqual(Math.log2(records.length) + 1)
      expect((await universe.stats()).lanes).toBeGreaterThan(5)
      for (const moment of [-1, 0, 10, 95, 500, records.length * 10]) {
        const then = versionAt(model, moment, main)
        expect(await universe.versions.at(moment)).toEqual(then && versionOf(then))
      }
    }
  })

  it('ends the same wherever it is cut, and passes over what is there', async () => {
    for (const { records, model } of grown) {
      await using universe = await openUniverseOn(dialect)
      const cut = Math.floor(records.length / 3)
      await universe.import(records.slice(0, cut))
      expect(await universe.import(records)).toEqual({ imported: records.length - cut, skipped: cut })

      await expectTree(universe, model, new Dice(6))
      expect(await universe.verify()).toMatchObject({ findings: [] })
    }
  })

  it('is what an export gives again, and a rebuild changes no answer', async () => {
    for (const { records, model } of grown) {
      await using universe = await openUniverseOn(dialect)
      await universe.import(records)
      await using copy = await openUniverseOn(dialect)
      await copy.import(universe.export())
      const exported = await collect(universe.export())
      expect(await collect(copy.export())).toEqual(exported)

      const { lanes } = await universe.stats()
      expect(await copy.rebuild()).toEqual({ versions: records.length, lanes })
      await askAll(copy.head, model.get(longestChain(records) as string).state, new Dice(8), 5)
      expect(await collect(copy.export())).toEqual(exported)
      expect(await copy.verify()).toMatchObject({ findings: [] })
      await expectTree(copy, model, new Dice(7))
      expect(await copy.versions.latest()).toEqual(await universe.versions.latest())
    }
  })

  it('keeps lineages shallow where every version begins a line of its own', async () => {
    // A comb and a staircase: laid as they come, each tooth would be a lane deeper than the last.
    const record = (version: string, parent?: string): VersionRecord => ({
      ...{ version, parents: parent === undefined ? [] : [parent], timestamp: 0, operations: [] },
    })
    const staircase: VersionRecord[] = [record('s0')]
    for (let step = 1; step <= 200; step++) {
      staircase.push(record(`x${step}`, `s${step - 1}`), record(`s${step}`, `s${step - 1}`))
    }
    await using universe = await openUniverseOn(dialect)
    await universe.import(staircase)
    expect(await depthOf(universe)).toBe(2)
    expect(await universe.versions.latest()).toMatchObject({ versionId: 's200' })

    const doubling = [record('r')]
    for (let level = 1, before = ['r']; level <= 7; level++) {
      const after = before.flatMap((parent) => [`${parent}a`, `${parent}b`])
      doubling.push(...after.map((version) => record(version, version.slice(0, -1))))
      before = after
    }
    await using other = await openUniverseOn(dialect)
    await other.import(doubling)
    expect(await depthOf(other)).toBeLessThanOrEqual(Math.log2(doubling.length) + 1)

    // Off main, each version has a child that ends there and comes first, and one that goes on.
    const comb = [record('m0'), record('c0', 'm0')]
    for (let step = 1; step <= 60; step++) {
      comb.push(
        record(`t${step}`, `c${step - 1}`),
        record(`c${step}`, `c${step - 1}`),
        record(`m${step}`, `m${step - 1}`),
      )
    }
    await using third = await openUniverseOn(dialect)
    await third.import([...comb, { ...record('end', 'm60'), branch: 'main' }])
    expect(await depthOf(third)).toBe(3)
    expect(await third.versions.latest()).toMatchObject({ versionId: 'end' })
  })
})

describe.each(dialects)('the names of a stream on %s', (dialect) => {
  const at = (version: string, parents: string[], branch?: string | string[]): VersionRecord & { branch?: never } =>
    ({
      ...{ version, parents, timestamp: 0, operations: [{ op: 'createEntity', id: version, entityType: 'T' }] },
      ...(branch === undefined ? {} : { branch }),
    }) as never
  const heads = async (universe: Universe) =>
    Object.fromEntries((await universe.branches()).map(({ name, head }) => [name, head?.versionId]))

  it('are made, and move forward', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.import([
      at('a', [], 'x'),
      at('b', ['a'], ['main', 'y']),
      at('c', ['a'], 'x'),
      at('d', ['c', 'b'], 'x'),
      at('e', ['b']),
    ])
    expect(await heads(universe)).toEqual({ main: 'b', x: 'd', y: 'b' })
    expect((await collect(universe.at('x').eachEntity())).map(({ id }) => id)).toEqual(['a', 'c', 'd'])

    await universe.import([at('f', ['d'], 'x'), at('g', ['e'], 'main')])
    expect(await heads(universe)).toEqual({ main: 'g', x: 'f', y: 'b' })
    expect((await collect(universe.head.eachEntity())).map(({ id }) => id)).toEqual(['a', 'b', 'e', 'g'])
    expect(await universe.verify()).toMatchObject({ findings: [] })
  })

  it('stay where they have gone further, and are refused elsewhere, with their line', async () => {
    await using universe = await openUniverseOn(dialect)
    const records = [at('a', []), at('b', ['a'], 'x'), at('c', ['b'], ['main', 'x']), at('d', ['a'])]
    await universe.import(records)
    await universe.import([at('a', [], ['main', 'x'])])
    expect(await heads(universe)).toEqual({ main: 'c', x: 'c' })

    for (const branch of ['main', 'x']) {
      const error = await refusalOf(() => universe.import([at('a', []), at('e', ['d'], branch), at('f', ['c'])]))
      expect(error).toMatchObject({ code: 'VALIDATION', line: 2, issues: [{ path: '/branch' }] })
      expect(await universe.versions.get('e')).toBeUndefined()
    }
    expect(await heads(universe)).toEqual({ main: 'c', x: 'c' })
  })

  it('and the ids of versions are never each other', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.import([at('a', [], 'x')])
    const refused: [VersionRecord[], string][] = [
      [[at('x', ['a'])], '/version'],
      [[at('b', ['a'], 'a')], '/branch'],
      [[at('b', ['a'], 'b')], '/branch'],
      [[at('b', ['a'], 'c'), at('c', ['b'])], '/version'],
      [[at('b', ['a']), at('c', ['b'], 'b')], '/branch'],
    ]
    for (const [records, path] of refused) {
      const error = await refusalOf(() => universe.import(records))
      expect(error).toMatchObject({ code: 'VALIDATION', line: records.length, issues: [{ path }] })
    }
  })

  it('have main follow the longest chain only where nothing says main', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.import([at('a', []), at('b', ['a'], 'main'), at('c', ['a']), at('d', ['c']), at('e', ['d'])])
    expect(await heads(universe)).toEqual({ main: 'b' })
    // The stream does not lead on from there: main stays.
    await universe.import([at('f', ['e']), at('g', ['f'])])
    expect(await heads(universe)).toEqual({ main: 'b' })
    await universe.import([at('h', ['b']), at('i', ['b']), at('j', ['i']), at('k', [])])
    expect(await heads(universe)).toEqual({ main: 'j' })
  })

  it('may be on every record, and in a stream that begins anywhere', async () => {
    await using universe = await openUniverseOn(dialect)
    const all = [at('a', [], 'main'), at('b', ['a'], 'main'), at('c', ['b'], 'main'), at('d', ['c'], ['main', 'x'])]
    expect(await universe.import(all)).toEqual({ imported: 4, skipped: 0 })
    expect(await universe.import(all)).toEqual({ imported: 0, skipped: 4 })
    expect(await universe.import([at('b', ['a'], 'main'), at('e', ['d'], 'main')])).toMatchObject({ imported: 1 })
    expect(await universe.import([at('f', ['e'], 'main'), at('c', ['b'], ['main', 'x'])])).toMatchObject({
      imported: 1,
    })
    expect(await heads(universe)).toEqual({ main: 'f', x: 'd' })
    expect((await collect(universe.head.eachEntity())).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    expect((await universe.stats()).lanes).toBe(1)

    const aside = [at('g', ['b'], 'y'), at('h', ['g'], 'main'), at('i', ['f'], 'main')]
    expect(await refusalOf(() => universe.import(aside))).toMatchObject({ line: 2, issues: [{ path: '/branch' }] })
    expect(await heads(universe)).toEqual({ main: 'f', x: 'd', y: 'g' })
  })

  it('have main follow the chain that ends later, where two are as long', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.import([at('a', []), at('b', ['a']), at('c', ['a']), at('d', ['b']), at('e', ['c']), at('f', [])])
    expect(await heads(universe)).toEqual({ main: 'e' })
  })

  it('move main onto versions of another lane, and lay the lanes anew', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.import([at('a', []), at('b', ['a'], 'x'), at('c', ['b'], 'x'), at('d', ['a'], 'y')])
    expect(await heads(universe)).toEqual({ main: 'c', x: 'c', y: 'd' })

    await using other = await openUniverseOn(dialect)
    await other.import([at('a', [], 'main'), at('b', ['a'], 'x'), at('c', ['b'], 'x'), at('d', ['a'], 'y')])
    expect(await heads(other)).toEqual({ main: 'a', x: 'c', y: 'd' })
    const old = other.at('b')
    expect((await collect(old.eachEntity())).map(({ id }) => id)).toEqual(['a', 'b'])
    await other.import([at('e', ['c'], 'main')])
    expect(await heads(other)).toEqual({ main: 'e', x: 'c', y: 'd' })
    expect((await collect(other.head.eachEntity())).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'e'])
    expect((await collect(old.eachEntity())).map(({ id }) => id)).toEqual(['a', 'b'])
    expect((await collect(other.at('d').eachEntity())).map(({ id }) => id)).toEqual(['a', 'd'])
    expect(await depthOf(other)).toBe(2)
    expect(await other.verify()).toMatchObject({ findings: [] })
  })
})
