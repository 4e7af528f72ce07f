import { describe, expect, it } from 'vitest'
import * as library from '../src/index.js'
import { collect } from './given/collect.js'
import { temporaryFolder } from './given/folder.js'
import { everythingOf, expectRefused } from './given/refused.js'
import { dialects, openUniverseOn, type Universe } from './model/open.js'

const { UniverseError } = library

describe('the package', () => {
  it('exports this, and nothing else', () => {
    expect(Object.keys(library).sort()).toEqual([
      'AbortError',
      'AlreadyExistsError',
      'BusyError',
      'ClosedError',
      'EntityInUseError',
      'IntegrityError',
      'LimitExceededError',
      'MergeConflictError',
      'MigrationError',
      'NotFoundError',
      'UniverseError',
      'ValidationError',
      'VersionConflictError',
      'defineSchema',
      'openUniverse',
      'restoreUniverse',
    ])
  })

  it('has errors of one kind, each with a code of its own', () => {
    const classes = Object.values(library).filter(
      (value) => typeof value === 'function' && value.prototype instanceof UniverseError,
    )
    expect(classes).toHaveLength(12)
    const error = new library.NotFoundError({ what: 'Entity', id: 'a' })
    expect(error).toBeInstanceOf(Error)
    expect([error.name, error.code, error.message]).toEqual(['NotFoundError', 'NOT_FOUND', 'Entity "a" does not exist'])
    expect(new library.VersionConflictError({ branch: 'main', expected: 'a', actual: null })).toMatchObject({
      ...{ code: 'VERSION_CONFLICT', branch: 'main', expected: 'a', actual: null },
    })
  })
})

/** Every call, as something that garbage is given to. */
function doors(universe: Universe, copy: string): Record<string, (garbage: never) => unknown> {
  const { head, versions, events } = universe
  const past = universe.at({ time: 5 })
  const record = { version: 'v9', parents: ['v1'], timestamp: 9, operations: [] }
  return {
    at: (x) => universe.at(x).entity('a'),
    'at { version }': (x) => universe.at({ version: x }).count(),
    'at { branch }': (x) => universe.at({ branch: x }).count(),
    'at { time }': (x) => universe.at({ time: x }).count(),
    'at { time, branch }': (x) => universe.at({ time: 5, branch: x }).count(),
    'commit description': (x) => universe.commit(x, []),
    'commit work': (x) => universe.commit('x', x),
    'commit operation': (x) => universe.commit('x', [x]),
    'commit options': (x) => universe.commit('x', [], x),
    'commit owner': (x) => universe.commit('x', [], { owner: x }),
    'commit expectedVersion': (x) => universe.commit('x', [], { expectedVersion: x }),
    'commit signal': (x) => universe.commit('x', [], { signal: x }),
    'draft.createEntity': (x) => universe.commit('x', (draft) => draft.createEntity(x, x, x)),
    'draft.createEntity options': (x) => universe.commit('x', (draft) => draft.createEntity('T', {}, x)),
    'draft.createEntities': (x) => universe.commit('x', (draft) => draft.createEntities(x)),
    'draft.createEntities [x]': (x) => universe.commit('x', (draft) => draft.createEntities([x])),
    'draft.createRelation': (x) => universe.commit('x', (draft) => draft.createRelation('R', x, x, x, x)),
    'draft.createRelations': (x) => universe.commit('x', (draft) => draft.createRelations([x])),
    'draft.updateEntity': (x) => universe.commit('x', (draft) => draft.updateEntity(x, x, x)),
    'draft.updateEntity validity': (x) => universe.commit('x', (draft) => draft.updateEntity('a', {}, x)),
    'draft.changeEntity': (x) => universe.commit('x', (draft) => draft.changeEntity('a', x)),
    'draft.changeEntity [x]': (x) => universe.commit('x', (draft) => draft.changeEntity('a', [x])),
    'draft.replaceRelation': (x) => universe.commit('x', (draft) => draft.replaceRelation('r', x)),
    'draft.deleteEntity': (x) => universe.commit('x', (draft) => draft.deleteEntity(x)),
    'draft.deleteEntity options': (x) => universe.commit('x', (draft) => draft.deleteEntity('a', x)),
    'draft.apply': (x) => universe.commit('x', (draft) => draft.apply(x)),
    'draft.entity': (x) => universe.commit('x', (draft) => draft.entity(x)),
    'draft.requireEntity': (x) => universe.commit('x', (draft) => draft.requireEntity(x)),
    'draft.relation': (x) => universe.commit('x', (draft) => draft.relation(x)),
    entity: (x) => head.entity(x),
    'relation as of': (x) => past.relation(x),
    requireEntity: (x) => past.requireEntity(x),
    entities: (x) => head.entities(x),
    'entities type': (x) => past.entities({ type: x }),
    'entities ids': (x) => past.entities({ ids: x }),
    'entities tag': (x) => head.entities({ tag: x }),
    'entities cursor': (x) => head.entities({ cursor: x }),
    relations: (x) => past.relations(x),
    'relations touching': (x) => head.relations({ touching: x }),
    count: (x) => past.count(x),
    degree: (x) => head.degree(x, x),
    'degree options': (x) => past.degree('a', x),
    neighbours: (x) => head.neighbours(x, x),
    'neighbours options': (x) => past.neighbours('a', x),
    'neighbours direction': (x) => past.neighbours('a', { direction: x }),
    reachable: (x) => head.reachable(x),
    'reachable options': (x) => past.reachable('a', x),
    'reachable maxDepth': (x) => head.reachable('a', { maxDepth: x }),
    'reachable maxEntities': (x) => past.reachable('a', { maxEntities: x }),
    shortestPath: (x) => head.shortestPath(x, x),
    'shortestPath options': (x) => past.shortestPath('a', 'a', x),
    'shortestPath relationType': (x) => head.shortestPath('a', 'a', { relationType: x }),
    subgraph: (x) => head.subgraph(x),
    'subgraph options': (x) => past.subgraph('a', x),
    'subgraph depth': (x) => head.subgraph(['a'], { depth: x }),
    toGraphology: (x) => head.toGraphology(x),
    'toGraphology relationType': (x) => past.toGraphology({ relationType: x }),
    traverse: (x) => head.traverse(x).out().entities(),
    'traverse type': (x) => past.traverse(x, 'a').ids(),
    'traverse start': (x) => past.traverse('T', x).count(),
    'traverse out': (x) => head.traverse('a').out(x).paths(),
    'traverse both': (x) => past.traverse('a').both(x).in(x).ids(),
    'traverse where': (x) => head.traverse('a').where(x).entities(),
    'traverse where type': (x) => past.traverse('a').where({ type: x }).count(),
    'traverse where ids': (x) => past.traverse('a').where({ ids: x }).ids(),
    'traverse where tag': (x) => head.traverse('a').where({ tag: x }).paths(),
    'traverse entities options': (x) => head.traverse('a').out().entities(x),
    'traverse ids options': (x) => past.traverse('a').out().ids(x),
    'traverse count options': (x) => head.traverse('a').out().count(x),
    'traverse paths options': (x) => past.traverse('a').out().paths(x),
    'traverse paths limit': (x) => past.traverse('a').out().paths({ limit: x }),
    eachEntity: (x) => collect(head.eachEntity(x)),
    eachRelation: (x) => collect(past.eachRelation(x)),
    'versions.get': (x) => versions.get(x),
    'versions.latest': (x) => versions.latest(x),
    'versions.at': (x) => versions.at(x, x),
    'versions.at branch': (x) => versions.at(5, x),
    'versions.history': (x) => versions.history(x, x),
    'versions.history options': (x) => versions.history('main', x),
    'versions.ancestors': (x) => collect(versions.ancestors(x)),
    'versions.ancestors options': (x) => collect(versions.ancestors('main', x)),
    'versions.children': (x) => versions.children(x),
    'versions.mergeBases': (x) => versions.mergeBases('main', x),
    'versions.operations': (x) => versions.operations(x),
    'versions.withPrefix': (x) => versions.withPrefix(x),
    'versions.withPrefix limit': (x) => versions.withPrefix('v', x),
    history: (x) => universe.history(x),
    'history options': (x) => universe.history('a', x),
    'history until': (x) => universe.history('a', { until: x }),
    diff: (x) => universe.diff(x, x),
    'diff options': (x) => universe.diff('main', 'main', x),
    createBranch: (x) => universe.createBranch(x),
    'createBranch options': (x) => universe.createBranch('b', x),
    'createBranch from': (x) => universe.createBranch('b', { from: x }),
    'branches options': (x) => universe.branches(x),
    deleteBranch: (x) => universe.deleteBranch(x),
    'deleteBranch options': (x) => universe.deleteBranch('b', x),
    'rebuild options': (x) => universe.rebuild(x),
    'rebuild onProgress': (x) => universe.rebuild({ onProgress: x }),
    merge: (x) => universe.merge(x),
    'merge options': (x) => universe.merge('v1', x),
    'merge into': (x) => universe.merge('v1', { into: x }),
    'merge base': (x) => universe.merge('v1', { base: x }),
    'merge strategy': (x) => universe.merge('v1', { strategy: x, base: { time: 0 } }),
    'merge description': (x) => universe.merge('v1', { description: x, base: 'v1' }),
    previewMerge: (x) => universe.previewMerge(x),
    'previewMerge options': (x) => universe.previewMerge('v1', x),
    'previewMerge into': (x) => universe.previewMerge('v1', { into: x }),
    'previewMerge base': (x) => universe.previewMerge('v1', { base: x }),
    revert: (x) => universe.revert(x),
    'revert range': (x) => universe.revert({ from: x, to: x }),
    'revert options': (x) => universe.revert('v1', x),
    'revert branch': (x) => universe.revert('v1', { branch: x }),
    'revert strategy': (x) => universe.revert('v1', { strategy: x }),
    materialise: (x) => universe.materialise(x),
    'materialise options': (x) => universe.materialise('main', x),
    'events.list': (x) => events.list(x),
    'events.list type': (x) => events.list({ type: x }),
    'events.list cursor': (x) => events.list({ cursor: x }),
    'events.publish': (x) => events.publish(x, x, x),
    'events.publish options': (x) => events.publish('X', null, x),
    import: (x) => universe.import(x),
    'import [x]': (x) => universe.import([x]),
    'import options': (x) => universe.import([record], x),
    'import onProgress': (x) => universe.import([record], { onProgress: x }),
    'import validate': (x) => universe.import([record], { validate: x }),
    export: (x) => collect(universe.export(x)),
    'export from': (x) => collect(universe.export({ from: x })),
    'export branches': (x) => collect(universe.export({ branches: x })),
    verify: (x) => universe.verify(x),
    'verify receipt': (x) => universe.verify({ receipt: x }),
    backup: (x) => universe.backup(typeof x === 'string' ? copy : x),
    openUniverse: (x) => library.openUniverse(x === 'text' ? ':memory:' : x, x),
    defineSchema: (x) => library.defineSchema(x),
    'defineSchema entities': (x) => library.defineSchema({ entities: x }),
    'defineSchema entity': (x) => library.defineSchema({ entities: { A: x } }),
    'defineSchema relation': (x) => library.defineSchema({ entities: {}, relations: { R: x } }),
    'defineSchema ends': (x) =>
      library.defineSchema({ entities: {}, relations: { R: { from: x, to: x, metadata: x } } }),
    'openUniverse schema': async (x) => (await library.openUniverse(':memory:', { schema: x })).close(),
    'openUniverse options': async (x) => (await library.openUniverse(':memory:', x)).close(),
  }
}

const own = new Error('the caller’s own')
const thrower = () => {
  throw own
}

/** What the caller's own objects throw may pass. */
function isOurs(error: unknown): boolean {
  return error instanceof UniverseError || error === own
}

/** Nothing of this is what any call takes, or it is harmless. */
const garbage: [name: string, value: unknown][] = [
  ['null', null],
  ['a number', 5],
  ['NaN', Number.NaN],
  ['true', true],
  ['a bigint', 5n],
  ['a symbol', Symbol('x')],
  ['text', 'text'],
  ['a lone surrogate', '\ud800'],
  ['an empty object', {}],
  ['an object of nothing known', { color: 'red', nested: { deep: [] } }],
  ['an empty list', []],
  ['a list with a hole', new Array(2)],
  ['a list of garbage', [null, 5, {}]],
  ['an invalid Date', new Date(Number.NaN)],
  ['a class', class Thing {}],
  ['an object that throws when it is read', new Proxy({}, { get: thrower, ownKeys: thrower, has: thrower })],
  ['bytes', new Uint8Array(3)],
]

describe.each(dialects)('every call on %s', (dialect) => {
  it.each(garbage)('given %s ends with an error of the library, or harmlessly', async (_name, value) => {
    using folder = temporaryFolder()
    const universe = await openUniverseOn(dialect)
    await universe.commit(
      'Start',
      (draft) => {
        draft.createEntity('T', { n: 1 }, { id: 'a' })
        draft.createRelation('R', 'a', 'a', {}, { id: 'r' })
      },
      { versionId: 'v1', timestamp: 1 },
    )
    let before = await everythingOf(universe)
    const found: string[] = []
    for (const [door, call] of Object.entries(doors(universe, folder.file(`copy ${Math.random()}`)))) {
      if (typeof value === 'function' && /work|onProgress/.test(door)) continue // a function is what these take
      const error = await Promise.resolve()
        .then(() => call(value as never))
        .then(
          () => undefined,
          (reason: unknown) => reason,
        )
      const after = await everythingOf(universe)
      // What was let pass may have written; what was refused may not.
      if (error !== undefined && JSON.stringify(after) !== JSON.stringify(before)) found.push(`${door} wrote`)
      if (error !== undefined && !isOurs(error)) found.push(`${door}: ${error}`)
      before = after
    }
    expect(found).toEqual([])
    expect(await universe.verify()).toMatchObject({ ok: true })
    await universe.close()
  })

  it.each([
    ['an option that it does not have', { colour: 'red' }, '/colour'],
    ['a controller in the place of its signal', { signal: new AbortController() }, '/signal'],
  ])('given %s refuses it by name', async (_name, options, path) => {
    using folder = temporaryFolder()
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Start', (draft) => draft.createEntity('T', {}, { id: 'a' }), { versionId: 'v1' })
    const record = { version: 'v9', parents: ['v1'], timestamp: 9e15, operations: [] }
    const { head, versions, events } = universe
    const calls: ((given: never) => unknown)[] = [
      ...[(x: never) => universe.commit('x', [], x), (x: never) => universe.merge('v1', x)],
      ...[(x: never) => universe.previewMerge('v1', x), (x: never) => universe.revert('v1', x)],
      ...[(x: never) => universe.createBranch('b', x), (x: never) => universe.deleteBranch('b', x)],
      ...[(x: never) => universe.branches(x), (x: never) => universe.history('a', x)],
      ...[(x: never) => universe.diff('v1', 'v1', x), (x: never) => universe.materialise('v1', x)],
      ...[(x: never) => universe.import([record], x), (x: never) => collect(universe.export(x))],
      ...[(x: never) => universe.verify(x), (x: never) => universe.rebuild(x)],
      ...[(x: never) => head.entities(x), (x: never) => collect(head.eachRelation(x)), (x: never) => head.count(x)],
      ...[(x: never) => head.degree('a', x), (x: never) => head.neighbours('a', x), (x: never) => head.types(x)],
      ...[(x: never) => head.reachable('a', x), (x: never) => head.shortestPath('a', 'a', x)],
      ...[(x: never) => head.subgraph('a', x), (x: never) => head.toGraphology(x)],
      ...[(x: never) => head.traverse('a').ids(x), (x: never) => head.traverse('a').count(x)],
      ...[(x: never) => versions.history('v1', x), (x: never) => collect(versions.ancestors('v1', x))],
      ...[(x: never) => events.list(x), (x: never) => events.publish('X', null, x)],
      (x: never) => library.restoreUniverse(folder.file('a'), folder.file('b'), x),
    ]
    for (const call of calls) {
      const error = await expectRefused(universe, () => call(options as never), { code: 'VALIDATION' })
      expect((error as library.ValidationError).issues, String(call)).toMatchObject([{ path }])
    }
  })

  it('that is told to stop before it begins does nothing', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('Start', (draft) => draft.createEntity('T', {}, { id: 'a' }), { versionId: 'v1' })
    const { head, versions } = universe
    const signal = AbortSignal.abort(new Error('enough'))
    const before = await everythingOf(universe)
    const record = { version: 'v9', parents: ['v1'], timestamp: 9e15, operations: [] }
    const calls: (() => unknown)[] = [
      () => universe.commit('x', [], { signal }),
      () => universe.commit('x', () => expect.fail('the closure ran'), { signal }),
      () => head.entities({ signal }),
      () => head.relations({ signal }),
      () => head.count({ signal }),
      () => head.degree('a', { signal }),
      () => head.neighbours('a', { signal }),
      () => head.reachable('a', { signal }),
      () => head.shortestPath('a', 'a', { signal }),
      () => head.subgraph('a', { signal }),
      () => head.toGraphology({ signal }),
      () => head.traverse('a').entities({ signal }),
      () => head.traverse('a').ids({ signal }),
      () => head.traverse('a').count({ signal }),
      () => head.traverse('a').paths({ signal }),
      () => collect(head.eachEntity({ signal })),
      () => versions.history('main', { signal }),
      () => collect(versions.ancestors('main', { signal })),
      () => universe.history('a', { signal }),
      () => universe.diff('main', 'main', { signal }),
      () => universe.merge('v1', { signal }),
      () => universe.previewMerge('v1', { signal }),
      () => universe.revert('v1', { signal }),
      () => universe.materialise('main', { signal }),
      () => universe.events.list({ signal }),
      () => universe.events.publish('X', null, { signal }),
      () => universe.import([record], { signal }),
      () => collect(universe.export({ signal })),
      () => universe.verify({ signal }),
    ]
    for (const call of calls) {
      const error = await Promise.resolve()
        .then(call)
        .catch((reason: unknown) => reason)
      expect(error, String(call)).toMatchObject({ code: 'ABORT', cause: { message: 'enough' } })
    }
    expect(await everythingOf(universe)).toEqual(before)
  })
})
