/**
 * Reading neighbours: at the head against the floor, in the past against the head, and those of hubs
 * through their whole history. What the past answers is compared with a replay of the deltas first.
 */
import assert from 'node:assert/strict'
import type { Entity, Neighbour, Relation, View } from '../../src/index.js'
import { ages, partOf, type Told, versionAt, viewAt } from '../support/fixture.js'
import { report } from '../support/report.js'
import type { Reads } from './reads.js'

const limit = 200
const compared = 400

export async function readNeighbours(reads: Reads): Promise<void> {
  const { fixture, ending, compare, replay } = reads
  const { universe, floor, entityIds } = fixture
  const id = (turn: number) => entityIds[turn % entityIds.length] as string

  for (const direction of ['out', 'both'] as const) {
    const head = (turn: number) => universe.head.neighbours(id(turn), { direction, limit })
    const floorSide = (turn: number) => floor.neighbours(id(turn), direction, limit)
    report(`head neighbours, ${direction}${ending}`, await compare({ measured: head, against: floorSide }), {
      atMost: 1.5,
    })
    for (const age of ages) {
      const view = await viewAt(fixture, partOf[age])
      if (replay && direction === 'both') await checkAgainstReplay(fixture, view, partOf[age])
      const past = await compare({
        measured: (turn) => view.neighbours(id(turn), { direction, limit }),
        against: head,
      })
      report(`as-of neighbours, ${direction}, ${age} version${ending}`, past, { atMost: 2 })
    }
  }
  await readHubs(fixture, reads)
}

export async function readHubs(fixture: Told, { ending, compare }: Pick<Reads, 'ending' | 'compare'>): Promise<void> {
  const { universe } = fixture
  for (const { id, lifetimes } of fixture.hubs) {
    for (const part of [0, 0.1, 0.5, 0.9, 1]) {
      const view = await viewAt(fixture, part)
      const { items } = await view.neighbours(id, { limit })
      assert.equal(items.length, 100, 'a hub has 100 standing relations at every version')
      const hub = await compare({
        measured: () => view.neighbours(id, { limit }),
        against: () => universe.head.neighbours(id, { limit }),
      })
      report(`hub neighbours at ${part * 100} %, ${lifetimes}${ending}`, hub, { atMost: 3 })
    }
  }
}

/** Neighbours of some entities and of the hubs, each with its own state, as a replay of the deltas has them. */
async function checkAgainstReplay(fixture: Told, view: View, part: number): Promise<void> {
  const version = versionAt(fixture, part)
  const state = await fixture.universe.materialise({ version }, { from: 'deltas' })
  const entities = new Map(Array.from(state.entities, (entity) => [entity.id, entity]))
  const ids = [...fixture.entityIds.slice(0, compared), ...fixture.hubs.map((hub) => hub.id)]
  const expected = new Map(ids.map((id) => [id, [] as Neighbour[]]))
  for (const relation of state.relations) {
    for (const [near, far] of endsOf(relation)) {
      expected.get(near)?.push({ entity: entities.get(far) as Entity, relation })
    }
  }
  for (const [id, neighbours] of expected) {
    const { items } = await view.neighbours(id, { direction: 'both', limit: 1_000 })
    assert.deepEqual(items, neighbours, `the neighbours of ${id} at ${version}`)
  }
}

/** A self-loop comes once. */
function endsOf({ from, to }: Relation): [string, string][] {
  return from === to
    ? [[from, to]]
    : [
        [from, to],
        [to, from],
      ]
}
