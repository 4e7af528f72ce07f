import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { openUniverse } from '../../../src/index.js'
import { type Child, pathOf, start } from '../../given/child.js'
import { freshSchema, hasServer } from '../../given/server.js'

const branches = ['main', 'side']

describe.skipIf(!hasServer)('processes that share a universe on a PostgreSQL server', { timeout: 120_000 }, () => {
  beforeAll(() => {
    execFileSync(process.execPath, [pathOf('../../ci/build.mjs'), '--if-stale'])
  }, 60_000)

  it('lose nothing that was acknowledged and see nothing by halves, though some are killed', async () => {
    await using schema = await freshSchema()
    await using universe = await openUniverse(schema.address())
    await universe.commit('Start', (draft) => {
      for (const id of ['left', 'right']) draft.createEntity('Counter', { n: 0 }, { id })
    })
    await universe.createBranch('side')

    const ended: Child[] = []
    const kill = async (child: Child) => {
      child.process.kill('SIGKILL')
      await child.ended
      ended.push(child)
    }
    const writers = [...branches, ...branches].map((branch) => start('share', schema.address(), branch))
    const readers = branches.map(() => start('watch', schema.address()))
    await Promise.all([...writers, ...readers].map((child) => child.says(writers.includes(child) ? 'ACK' : 'READ')))
    for (let round = 0; round < 8; round++) {
      await sleep(200 + Math.random() * 400)
      const index = Math.floor(Math.random() * writers.length)
      await kill(writers[index] as Child)
      writers[index] = start('share', schema.address(), branches[index % 2] as string)
    }
    await Promise.all(writers.map((child) => child.says('ACK')))
    await Promise.all([...writers, ...readers].map(kill))

    const lines = ended.flatMap((child) => child.lines)
    expect(lines.filter((line) => !/^(READY$|ACK |CONFLICT$|MOVED$|READ )/.test(line))).toEqual([])
    expect(lines.filter((line) => line.startsWith('READ ')).length).toBeGreaterThan(20)
    const acknowledged = lines.filter((line) => line.startsWith('ACK ')).map((line) => line.split(' '))
    for (const way of ['closure', 'expected', 'list']) {
      expect(acknowledged.filter(([, , , made]) => made === way).length).toBeGreaterThan(5)
    }
    const underWay = ended.length - readers.length
    for (const branch of branches) {
      const versions = await universe.versions.history(branch)
      const ids = versions.map(({ versionId }) => versionId)
      const told = acknowledged.filter(([, of]) => of === branch)
      expect(ids).toEqual(expect.arrayContaining(told.map(([, , id]) => id)))
      expect(new Set(ids).size).toBe(ids.length)
      expect(versions.length - 1 - told.length).toBeLessThanOrEqual(underWay)
      const grown = versions.filter(({ description }) => description !== 'Start' && description !== 'Added').length
      const { items } = await universe.at(branch).entities({ type: 'Counter' })
      expect(items.map(({ metadata }) => metadata.n)).toEqual([grown, grown])
    }
    expect(await universe.verify()).toMatchObject({ ok: true, findings: [] })
  })
})
