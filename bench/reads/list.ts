/** Lists by type and tag, whole and by first page, and scans by metadata: in the past against the head. */
import type { View } from '../../src/index.js'
import { ages, partOf, viewAt } from '../support/fixture.js'
import { report } from '../support/report.js'
import type { Reads } from './reads.js'

/** Another of a kind each time. */
const kinds = {
  'entities of a type': {
    whole: (view: View, turn: number) => lengthOf(view.eachEntity({ type: `Type${turn % 20}` })),
    page: (view: View, turn: number) => view.entities({ type: `Type${turn % 20}`, limit: 100 }),
  },
  'entities with a tag': {
    whole: (view: View, turn: number) => lengthOf(view.eachEntity({ tag: `tag${turn % 50}` })),
    page: (view: View, turn: number) => view.entities({ tag: `tag${turn % 50}`, limit: 100 }),
  },
  'relations of a type': {
    whole: (view: View, turn: number) => lengthOf(view.eachRelation({ type: `TYPE_${turn % 12}` })),
    page: (view: View, turn: number) => view.relations({ type: `TYPE_${turn % 12}`, limit: 100 }),
  },
}

/** Metadata has no index: all entities are looked at, one in twenty or one in two is kept. */
const scans = {
  'a range': (turn: number) => ({
    score: { gte: 50_000 * (turn % 20), lt: 50_000 * (turn % 20) + 50_000 },
  }),
  'a member': (turn: number) => ({ tags: { contains: `tag${turn % 50}` } }),
  'a value': (turn: number) => ({ active: { eq: turn % 2 === 0 } }),
}

export async function readLists({ fixture, ending, compare }: Reads): Promise<void> {
  const { head } = fixture.universe
  for (const [name, { whole, page }] of Object.entries(kinds)) {
    for (const age of ages) {
      const view = await viewAt(fixture, partOf[age])
      const all = await compare({
        measured: (turn) => whole(view, turn),
        against: (turn) => whole(head, turn),
        rounds: 12,
        turns: 2,
      })
      report(`as-of ${name}, whole, ${age} version${ending}`, all, { atMost: 3 })
      const first = await compare({
        measured: (turn) => page(view, turn),
        against: (turn) => page(head, turn),
        rounds: 30,
      })
      report(`as-of ${name}, first 100, ${age} version${ending}`, first, { atMost: 10 })
    }
  }
  for (const [name, metadata] of Object.entries(scans)) {
    for (const age of ages) {
      const view = await viewAt(fixture, partOf[age])
      const all = await compare({
        measured: (turn) => lengthOf(view.eachEntity({ metadata: metadata(turn) })),
        against: (turn) => lengthOf(head.eachEntity({ metadata: metadata(turn) })),
        rounds: 12,
        turns: 1,
      })
      report(`as-of scan by metadata, ${name}, ${age} version${ending}`, all, { atMost: 5 })
    }
  }
}

async function lengthOf(stream: AsyncIterable<unknown>): Promise<number> {
  let length = 0
  for await (const _ of stream) length++
  return length
}
