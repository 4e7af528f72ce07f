/** What changed: the differences of two versions, and every state of one entity. */
import { partOf } from '../support/fixture.js'
import { Random } from '../support/random.js'
import { report, reportValue } from '../support/report.js'
import type { Reads } from './reads.js'

const distance = 10

export async function readHistory({ fixture, ending, compare, measure }: Reads): Promise<void> {
  const { universe, floor, versionIds, beginning, entityIds, chronicleId } = fixture
  const version = (sequence: number) => ({ version: versionIds[sequence - 1] as string })

  for (const age of ['middle', 'newest'] as const) {
    const around = beginning + Math.round((versionIds.length - beginning - 80) * partOf[age])
    const diff = await measure((turn) => {
      const from = around + (turn % 60)
      return universe.diff(version(from), version(from + distance))
    })
    const inMs = { p25: diff.p25 / 1_000, p50: diff.p50 / 1_000, p75: diff.p75 / 1_000 }
    reportValue(`diff of ${distance} versions × 100 operations, ${age}${ending}`, inMs, 'ms', 10)
  }

  const random = new Random(6)
  const updated = entityIds.slice(0, 2_000)
  const lengths = new Map<string, number>()
  for (const id of [...updated, chronicleId]) lengths.set(id, (await universe.history(id)).length)
  const ordinary = random.shuffle(updated.filter((id) => (lengths.get(id) as number) >= 10))
  const asked: Record<string, string[]> = {
    'an ordinary entity': ordinary,
    'an entity updated every tenth version': [chronicleId],
  }
  for (const [name, ids] of Object.entries(asked)) {
    const id = (turn: number) => ids[turn % ids.length] as string
    const states = ids.reduce((sum, one) => sum + (lengths.get(one) as number), 0) / ids.length
    const history = await compare({
      measured: (turn) => universe.history(id(turn)),
      // What it may cost: ten point reads, and the rows of each state and of its version.
      against: (turn) => {
        const points = Array.from({ length: 10 }, (_, point) => entityIds[(turn * 10 + point) % entityIds.length])
        return floor.pointsAndRows(points as string[], 2 * (lengths.get(id(turn)) as number))
      },
    })
    report(`history of ${name} (${Math.round(states)} states)${ending}`, history, { atMost: 1 })
  }
}
