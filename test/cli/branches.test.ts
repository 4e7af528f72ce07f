/** The commands that work on branches: branch, and rebuild, which lays their lanes anew. */
import { existsSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { errorOf, makeFolder, makeSample, run } from './run.js'

const folder = makeFolder()
afterAll(() => folder[Symbol.dispose]())

describe.concurrent('branch', () => {
  it('makes, lists and deletes', async () => {
    const db = folder.at('branch.db')
    await makeSample(db)
    const made = await run(['branch', 'draft', 'aaaa1111-s', '--db', db])
    expect([made.status, made.stderr]).toEqual([0, ''])
    expect(made.stdout).toMatch(/^draft {2}aaaa1111-s\S* {2}2024-02-01\S* .*Work\n$/)
    expect((await run(['branch', 'past', '2024-01-15', '--db', db])).status).toBe(0)

    const listed = await run(['branch', '--db', db, '--json'])
    expect(JSON.parse(listed.stdout).items).toMatchObject([
      { name: 'main', head: { versionId: 'bbbb2222-third' } },
      { name: 'draft', head: { versionId: 'aaaa1111-second' } },
      { name: 'past', head: { versionId: 'aaaa1111-first' } },
    ])
    const lines = (await run(['branch', '--db', db])).stdout.trimEnd().split('\n')
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['main', 'draft', 'past'])

    const deleted = await run(['branch', '-d', 'draft', '--db', db])
    expect(deleted.stdout).toBe('deleted draft (was aaaa1111-second)\n')
    expect((await run(['branch', '--db', db])).stdout).not.toContain('draft')
  })

  it('says what is wrong', async () => {
    const db = folder.at('wrong.db')
    await makeSample(db)
    const ends: [string[], number, string][] = [
      [['branch', 'main'], 4, 'ALREADY_EXISTS'],
      [['branch', 'x', 'nowhere'], 3, 'NOT_FOUND'],
      [['branch', '--delete', 'nowhere'], 3, 'NOT_FOUND'],
      [['branch', '--delete', 'main'], 5, 'VALIDATION'],
      [['branch', 'x', '--delete', 'y'], 2, 'USAGE'],
      [['branch', '-d', 'x', '-d', 'y'], 2, 'USAGE'],
    ]
    for (const [args, status, code] of ends) {
      const ended = await run([...args, '--json', '--db', db])
      expect([ended.status, errorOf(ended).code], args.join(' ')).toEqual([status, code])
    }
    for (const args of [['branch'], ['branch', 'x'], ['rebuild']]) {
      const none = folder.at('none.db')
      expect((await run([...args, '--db', none])).status).toBe(3)
      expect(existsSync(none)).toBe(false)
    }
  })
})

describe.concurrent('rebuild', () => {
  it('says how much it laid', async () => {
    const db = folder.at('rebuild.db')
    await makeSample(db)
    expect(await run(['rebuild', '--db', db])).toEqual({
      ...{ status: 0, stderr: '' },
      stdout: 'rebuilt 3 versions on 1 lane\n',
    })
    expect(JSON.parse((await run(['rebuild', '--json', '--db', db])).stdout)).toEqual({ versions: 3, lanes: 1 })
    expect((await run(['verify', '--db', db])).status).toBe(0)
  })
})
