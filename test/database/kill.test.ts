import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { openUniverse } from '../../src/index.js'
import { type Child, pathOf, start } from '../given/child.js'
import { temporaryFolder } from '../given/folder.js'
import { snapshotOften, storedSnapshots, unfinishedSnapshots } from '../given/snapshots.js'

/** The acknowledgements of a child that is killed a while after the first. */
async function killAfter(child: Child, word: string, ms: number): Promise<string[][]> {
  await child.says(word)
  await sleep(ms)
  child.process.kill('SIGKILL')
  await child.ended
  return child.lines.filter((line) => line.startsWith('ACK')).map((line) => line.split(' '))
}

describe('a process that is killed', { timeout: 60_000 }, () => {
  beforeAll(() => {
    execFileSync(process.execPath, [pathOf('../../ci/build.mjs'), '--if-stale'])
  }, 60_000)

  it('leaves every commit that it acknowledged, whole, and nothing by halves', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    let acknowledged = 0
    for (let round = 0; round < 5; round++) {
      const acks = await killAfter(start('commit', path), 'ACK', Math.random() * 120)
      acknowledged += acks.length
      await using universe = await openUniverse(path)
      const versions = await universe.versions.history('main')
      const hashes = new Map(versions.map(({ sequence, versionHash }) => [`${sequence}`, versionHash]))
      for (const [, sequence, hash] of acks) expect(hashes.get(sequence as string)).toBe(hash)
      // The one that was under way may be there too.
      expect(versions.length - acknowledged).toBeGreaterThanOrEqual(0)
      expect(versions.length - acknowledged).toBeLessThanOrEqual(round + 1)
      expect(await universe.head.count()).toEqual({ entities: 2 * versions.length, relations: versions.length })
      expect((await universe.stats()).events).toBe(1 + 6 * versions.length)
      expect(await universe.verify()).toMatchObject({ ok: true, findings: [] })
    }
    expect(acknowledged).toBeGreaterThan(20)
  })

  it('in the middle of an import can run it again and ends with the same hashes', async () => {
    using folder = temporaryFolder()
    const stream = folder.file('stream.ndjson')
    writeFileSync(stream, records(4_000))
    await using whole = await openUniverse(':memory:')
    await whole.import(stream)
    const last = await whole.versions.latest()
    let interrupted = 0
    for (let round = 0; round < 2; round++) {
      const path = folder.file(`${round}.db`)
      const child = start('import', path, stream)
      const acks = await killAfter(child, 'ACK', Math.random() * 15)
      await using universe = await openUniverse(path)
      const { versions } = await universe.stats()
      expect(versions).toBeGreaterThanOrEqual(Number(acks.at(-1)?.[1] ?? 0))
      if (versions < 4_000) interrupted++
      expect(await universe.import(stream)).toEqual({ imported: 4_000 - versions, skipped: versions })
      expect(await universe.versions.latest()).toEqual(last)
      expect(await universe.head.count()).toEqual(await whole.head.count())
    }
    expect(interrupted).toBeGreaterThan(0)
  })

  it('while it stores a whole state leaves nothing that is read, and the next store removes it', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    {
      await using universe = await openUniverse(path)
      await universe.commit('', (draft) => {
        for (let id = 0; id < 20; id++) draft.createEntity('T', {}, { id: `${id}` })
      })
    }
    let unfinished = 0
    for (let round = 0; round < 5; round++) {
      await killAfter(start('snapshot', path), 'ACK', Math.random() * 150)
      await using universe = await openUniverse(path)
      unfinished += await unfinishedSnapshots(universe)
      expect(await universe.verify()).toMatchObject({ ok: true, findings: [] })
      const [index, deltas] = await Promise.all(
        (['index', 'deltas'] as const).map(async (from) => [
          ...(await universe.materialise('main', { from })).entities,
        ]),
      )
      expect(deltas).toEqual(index)
    }
    expect(unfinished).toBeGreaterThan(0)

    await using universe = await openUniverse(path)
    snapshotOften(universe)
    const before = (await storedSnapshots(universe)).length
    for (let n = 0; n < 3; n++) {
      await universe.commit('', (draft) => {
        for (let id = 0; id < 20; id++) draft.updateEntity(`${id}`, { n, text: 'y'.repeat(60) })
      })
    }
    expect((await storedSnapshots(universe)).length).toBeGreaterThan(before)
    expect(await unfinishedSnapshots(universe)).toBe(0)
  })

  it('while it makes the schema leaves one that others can finish', async () => {
    using folder = temporaryFolder()
    for (let round = 0; round < 5; round++) {
      const path = folder.file(`${round}.db`)
      await killAfter(start('open', path), 'READY', round * 6)
      await using universe = await openUniverse(path)
      await universe.commit('Alive', (draft) => draft.createEntity('T'))
      expect(await universe.verify()).toMatchObject({ ok: true })
      expect((await universe.events.list({ type: 'SYSTEM_INITIALIZED' })).items).toHaveLength(1)
    }
  })

  it('or others: many that open a new universe at once make one', async () => {
    using folder = temporaryFolder()
    const path = folder.file('universe.db')
    const children = Array.from({ length: 5 }, () => start('open', path))
    await Promise.all(children.map(({ ended }) => ended))
    const opened = children.map(({ lines }) => lines.at(-1))

    expect(opened[0]).toMatch(/^OPEN [0-9a-f-]{36}$/)
    expect(new Set(opened).size).toBe(1)
  })
})

/** A chain of small versions that create, change and delete. */
function records(count: number): string {
  let text = ''
  for (let n = 0; n < count; n++) {
    const operations: object[] = [{ op: 'createEntity', id: `e${n}`, entityType: 'T', metadata: { n, tags: ['x'] } }]
    if (n > 2) operations.push({ op: 'updateEntity', id: `e${n - 1}`, changes: [{ op: 'set', path: '/n', value: -n }] })
    if (n > 2)
      operations.push({
        op: 'createRelation',
        id: `r${n}`,
        relationType: 'R',
        from: `e${n}`,
        to: `e${n - 1}`,
        metadata: {},
      })
    text += `${JSON.stringify({ version: `v${n}`, parents: n ? [`v${n - 1}`] : [], timestamp: n, operations })}\n`
  }
  return text
}
