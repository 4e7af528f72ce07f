import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn, type Universe, type View } from '../model/open.js'

const hubRelations = 100_000
const dense = 220

/** What asks for more than a short time allows, each on a hub or in the dense part. */
const questions: Record<string, (view: View, deadline: number) => Promise<unknown>> = {
  'reachable from a hub': (view, deadline) =>
    view.reachable('hub', { direction: 'both', maxEntities: Number.POSITIVE_INFINITY, deadline }),
  'a path through a hub': (view, deadline) =>
    view.shortestPath('l1', 'd0', { direction: 'both', maxEntities: Number.POSITIVE_INFINITY, deadline }),
  'a subgraph of a hub': (view, deadline) => view.subgraph('hub', { direction: 'both', depth: 2, deadline }),
  'hops over a hub': (view, deadline) => view.traverse('hub').both().both().both().both().count({ deadline }),
  'the entities around a hub': (view, deadline) => view.traverse('l1').both().both().entities({ deadline }),
  'the ways around a hub': (view, deadline) => view.traverse('hub').both().both().both().paths({ deadline }),
  'a filter around a hub': (view, deadline) => view.traverse('hub').both().where({ tag: 'x' }).both().ids({ deadline }),
  'a thousand hops in a dense part': (view, deadline) => {
    let around = view.traverse('d0')
    for (let hop = 0; hop < 1_000; hop++) around = around.out('DENSE')
    return around.count({ deadline })
  },
  'the ways through a dense part': (view, deadline) => {
    let around = view.traverse('d0')
    for (let hop = 0; hop < 200; hop++) around = around.out('DENSE')
    return around.paths({ deadline })
  },
}

describe.each(dialects)('budgets on %s', { timeout: 120_000 }, (dialect) => {
  let universe: Universe
  let past: View
  beforeAll(async () => {
    universe = await openUniverseOn(dialect, { auditLog: false })
    const version = await universe.commit('A hub and a dense part', (draft) => {
      const leaves = Array.from({ length: hubRelations }, (_, n) => `l${n}`)
      draft.createEntities([{ entityType: 'Hub', id: 'hub' }, ...leaves.map((id) => ({ entityType: 'Leaf', id }))])
      draft.createRelations(
        leaves.map((id, n) => ({
          relationType: n % 1_000 ? 'COMMON' : 'RARE',
          from: n % 2 ? 'hub' : id,
          to: n % 2 ? id : 'hub',
        })),
      )
      for (let n = 0; n < dense; n++) draft.createEntity('Dense', {}, { id: `d${n}` })
      for (let n = 0; n < dense; n++) {
        for (let m = 0; m < dense; m++) draft.createRelation('DENSE', `d${n}`, `d${m}`)
      }
    })
    past = universe.at({ version: version.versionId })
    await universe.commit('Later', (draft) => {
      for (let n = 0; n < 10_000; n++) draft.updateEntity(`l${n}`, { later: true })
    })
  }, 120_000)
  afterAll(() => universe.close())

  it.each(Object.entries(questions))('end %s when the time is up, and the process goes on', async (_name, ask) => {
    const deadline = 80
    for (const view of [universe.head, past]) {
      await ask(view, 1).catch(() => undefined) // compiles the code
      const [start, before] = [performance.now(), process.cpuUsage()]
      const error = await refusalOf(() => ask(view, deadline))
      const { user, system } = process.cpuUsage(before)
      // What others on the machine take does not count.
      const took = Math.min(performance.now() - start, (user + system) / 1_000)

      expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', maximum: deadline })
      // A server looks at its clock, and tells of it, in its own time.
      expect(took).toBeLessThan((dialect === 'sqlite' ? 2 : 5) * deadline)
      expect(await view.entity('l1')).toMatchObject({ id: 'l1' })
    }
  })

  it('end what reads all of a version, or of the history, between two statements', async () => {
    const whole: ((options: { deadline: number }) => Promise<unknown>)[] = [
      (options) => universe.materialise('main', options),
      (options) => universe.materialise('main', { ...options, from: 'deltas' }),
      (options) => universe.verify(options),
      (options) => universe.head.count({ metadata: { no: { contains: 'such' } }, ...options }),
    ]
    for (const read of whole) {
      expect(await refusalOf(() => read({ deadline: 20 })), String(read)).toMatchObject({ code: 'LIMIT_EXCEEDED' })
    }
  })

  it('end a graph object between two pages', async () => {
    for (const view of [universe.head, past]) {
      expect(await refusalOf(() => view.toGraphology({ deadline: 60 }))).toMatchObject({ code: 'LIMIT_EXCEEDED' })
    }
  })

  it('end a walk that reaches too many long before it has seen them all', async () => {
    for (const view of [universe.head, past]) {
      const refused = { code: 'LIMIT_EXCEEDED', maximum: 100 }
      const options = { direction: 'both', maxEntities: 100 } as const
      expect(await refusalOf(() => view.reachable('hub', options))).toMatchObject(refused)
      expect(await refusalOf(() => view.reachable('l1', options))).toMatchObject(refused)
      expect(await refusalOf(() => view.shortestPath('hub', 'd0', options))).toMatchObject(refused)
      expect(await refusalOf(() => view.subgraph('hub', { ...options, depth: 1 }))).toMatchObject(refused)
    }
  })

  it('leave what is within them as it is', async () => {
    for (const view of [universe.head, past]) {
      const deadline = 60_000
      const reached = await view.reachable('hub', { direction: 'both', relationType: 'RARE', deadline })
      expect(reached).toHaveLength(hubRelations / 1_000)
      expect(await view.traverse('hub').both('RARE').both('RARE').ids({ deadline })).toEqual(['hub'])
      expect(await view.traverse('d0').out('DENSE').out('DENSE').out('DENSE').count({ deadline })).toBe(dense)
      expect((await view.traverse('d0').out('DENSE').out('DENSE').paths({ limit: 3, deadline })).length).toBe(3)
      expect(
        (await view.shortestPath('l1', 'l2', { direction: 'both', maxEntities: 200_000, deadline }))?.relations,
      ).toHaveLength(2)
    }
  })

  it('are looked at before anything is read', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const { head } = universe
    const calls: (() => unknown)[] = [
      () => head.reachable('hub', { signal }),
      () => head.shortestPath('hub', 'd0', { signal }),
      () => head.subgraph('hub', { signal }),
      () => head.toGraphology({ signal }),
      () => head.traverse('hub').out().entities({ signal }),
      () => head.traverse('hub').out().ids({ signal }),
      () => head.traverse('hub').out().count({ signal }),
      () => head.traverse('hub').out().paths({ signal }),
    ]
    for (const call of calls) {
      expect(await refusalOf(call), String(call)).toMatchObject({ code: 'ABORT', cause: { message: 'enough' } })
    }
  })
})
