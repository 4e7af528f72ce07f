/** Lists by type and tag: whole and by first page, in the past against the head. */
import type { View } from '../src/index.js'
import { compare } from './support/compare.js'
import { ages, openFixture, partOf, viewAt } from './support/fixture.js'
import { report } from './support/report.js'

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

for (const analysed of [false, true]) {
  const after = analysed ? ', after ANALYZE' : ''
  const fixture = await openFixture({ analysed })
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
      report(`as-of ${name}, whole, ${age} version${after}`, all, { atMost: 3 })
      const first = await compare({
        measured: (turn) => page(view, turn),
        against: (turn) => page(head, turn),
        rounds: 30,
      })
      report(`as-of ${name}, first 100, ${age} version${after}`, first, { atMost: 10 })
    }
  }
  await fixture.close()
}

async function lengthOf(stream: AsyncIterable<unknown>): Promise<number> {
  let length = 0
  for await (const _ of stream) length++
  return length
}
