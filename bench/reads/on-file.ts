/** Reads of a universe in a file, before and after a user's ANALYZE; by the processor's time. */
import { compare, measure } from '../support/compare.js'
import { openFixture } from '../support/fixture.js'
import type { Reads } from './reads.js'

export async function onFile(read: (reads: Reads) => Promise<void>): Promise<void> {
  for (const analysed of [false, true]) {
    const fixture = await openFixture({ analysed })
    const ending = analysed ? ', after ANALYZE' : ''
    await read({ fixture, ending, replay: !analysed, compare, measure })
    await fixture.close()
  }
}
