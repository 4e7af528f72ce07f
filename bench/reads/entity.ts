/** Reading one entity: at the head against the floor, in the past against the head. */
import { ages, partOf, viewAt } from '../support/fixture.js'
import { Random } from '../support/random.js'
import { report } from '../support/report.js'
import type { Reads } from './reads.js'

export async function readEntities({ fixture, ending, compare }: Reads): Promise<void> {
  const { universe, floor, entityIds, versionIds, beginning } = fixture
  const id = (turn: number) => entityIds[turn % entityIds.length] as string
  const head = (turn: number) => universe.head.entity(id(turn))

  report(`head entity${ending}`, await compare({ measured: head, against: (turn) => floor.entity(id(turn)) }), {
    atMost: 2,
  })
  for (const age of ages) {
    const view = await viewAt(fixture, partOf[age])
    const past = await compare({ measured: (turn) => view.entity(id(turn)), against: head })
    report(`as-of entity, ${age} version, held view${ending}`, past, { atMost: 1.3 })
  }
  const random = new Random(3)
  const drawn = Array.from({ length: 4_096 }, () => random.pick(versionIds.slice(beginning - 1)))
  const anew = await compare({
    measured: (turn) => universe.at({ version: drawn[turn % drawn.length] as string }).entity(id(turn)),
    against: head,
  })
  report(`as-of entity, new at() at a random version${ending}`, anew, { atMost: 2.5 })
}
