/**
 * Traversals: two typed hops to distinct entities, at the head and in the past, against the join that one
 * would write by hand for the head. What is answered is compared with the floor's answer first.
 */
import assert from 'node:assert/strict'
import type { View } from '../../src/index.js'
import { ages, partOf, viewAt } from '../support/fixture.js'
import { report } from '../support/report.js'
import type { Answered, Reads } from './reads.js'

const types = Array.from({ length: 12 }, (_, index) => `TYPE_${index}`)

/** Of one type few relations lead on from an entity, of six about as many as do not. */
type Pair = readonly [first: string | readonly string[], second: string | readonly string[]]
const hops: Record<string, (turn: number) => Pair> = {
  'of one type': (turn: number) => [types[turn % 12] as string, types[(turn * 7 + 3) % 12] as string],
  'of six types': (turn: number) => [types.slice(turn % 6, (turn % 6) + 6), types.slice(0, 6)],
}

export async function readTraversals({ fixture, ending, compare }: Reads): Promise<void> {
  const { universe, floor, entityIds, hubs } = fixture
  const hub = hubs[0]?.id as string
  const starts = {
    'an entity': (turn: number) => entityIds[turn % entityIds.length] as string,
    'a hub': () => hub,
  }
  for (const [where, start] of Object.entries(starts)) {
    for (const [which, pair] of Object.entries(hops)) {
      const traversed = (view: View) => (turn: number) => {
        const [first, second] = pair(turn)
        return view.traverse(start(turn)).out(first).out(second).entities()
      }
      const joined = (turn: number) => floor.twoHops(start(turn), ...pair(turn))
      await checkAgainstFloor(traversed(universe.head), joined)
      const name = `two hops ${which} from ${where}`
      report(`${name}, head${ending}`, await compare({ measured: traversed(universe.head), against: joined }), {
        atMost: 1.5,
      })
      for (const age of ages) {
        const view = await viewAt(fixture, partOf[age])
        const past = await compare({ measured: traversed(view), against: joined })
        report(`${name}, ${age} version${ending}`, past, { atMost: 2.5 })
      }
    }
  }
}

async function checkAgainstFloor(
  traversed: (turn: number) => Promise<{ id: string }[]>,
  joined: (turn: number) => Answered<{ id: string }[]>,
): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    const ids = (await joined(turn)).map(({ id }) => id)
    assert.deepEqual(
      (await traversed(turn)).map(({ id }) => id),
      ids.sort(),
      'the same entities as the join',
    )
  }
}
