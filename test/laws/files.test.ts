import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openUniverse } from '../../src/index.js'
import { stepIntents } from '../model/generator.js'
import type { Universe } from '../model/open.js'
import { emptyState } from '../model/state.js'
import { Dice } from './dice.js'
import { holdLaw, lawTimeout } from './law.js'
import { play } from './play.js'
import { askAll, collect, readPages } from './questions.js'

describe('files', { timeout: lawTimeout }, () => {
  it('keep every byte through a commit that is refused', async () => {
    const size = { numRuns: 12, leastOperations: 150 }
    await holdLaw(stepIntents(30), size, async (intents, course) => {
      await using folder = await temporaryFolder()
      await using universe = await openUniverse(join(folder.path, 'universe.db'))
      let before = await hashFiles(folder.path)
      let told = await tell(universe)
      await play(universe, intents, course, async ({ version }) => {
        const after = await hashFiles(folder.path)
        const tells = await tell(universe)
        if (!version) {
          expect(after).toEqual(before)
          expect(tells).toEqual(told)
        }
        before = after
        told = tells
      })
    })
  })

  it('hold after they are closed and opened again what they held before', async () => {
    const size = { numRuns: 8, leastOperations: 150 }
    await holdLaw(fc.tuple(stepIntents(45), fc.nat()), size, async ([intents, seed], course) => {
      await using folder = await temporaryFolder()
      const path = join(folder.path, 'universe.db')
      const dice = new Dice(seed)
      const first = await openUniverse(path)
      const model = await play(first, intents, course)
      const told = await tell(first)
      await first.close()

      await using universe = await openUniverse(path)
      expect(await tell(universe)).toEqual(told)
      await askAll(universe.head, model.head?.state ?? emptyState, dice, 5)
      for (const { versionId, state } of model.versions) {
        await askAll(universe.at({ version: versionId }), state, dice, 1)
      }
      expect(await universe.verify()).toMatchObject({ findings: [] })
    })
  })
})

/** What a universe tells of itself: its stream, its events, its figures. */
async function tell(universe: Universe) {
  const stream = await collect(universe.export())
  const events = await readPages((next) => universe.events.list({ limit: 1_000, ...next }))
  // Closing moves the log into the file.
  const { bytes: _bytes, ...stats } = await universe.stats()
  return { stream, events, stats }
}

/** Hashes of the database and its log; the shared memory is no part of what is kept. */
async function hashFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !name.endsWith('-shm')).sort()
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name))))
  return contents.map((content, index) => `${names[index]} ${createHash('sha256').update(content).digest('hex')}`)
}

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'universe-law-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
