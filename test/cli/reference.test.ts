import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorOf, makeFolder, makeSample, run } from './run.js'

const folder = makeFolder()
const db = folder.at('sample.db')
beforeAll(() => makeSample(db))
afterAll(() => folder[Symbol.dispose]())

const nameAt = async (at: string) => {
  const ended = await run(['get', 'ada', '--json', '--db', db, '--at', at])
  return ended.status === 0 ? JSON.parse(ended.stdout).metadata.name : ended.status
}

describe.concurrent('what stands for a version', () => {
  it('is a branch, a version id, a unique prefix, a date or milliseconds', async () => {
    const wanted: [string, string | number][] = [
      ['aaaa1111-second', 'Ada'],
      ['bbbb', 'Ada Lovelace'],
      ['2024-03-01', 'Ada'],
      ['2024-03-01T12:00+02:00', 'Ada Lovelace'],
      [`@${Date.UTC(2024, 0, 1, 10)}`, 'Ada'],
      ['@-1', 3],
    ]
    const names = await Promise.all(wanted.map(([at]) => nameAt(at)))
    expect(names).toEqual(wanted.map(([, name]) => name))
  })

  it('is refused where it is ambiguous, with the candidates, and where it names nothing', async () => {
    const [ambiguous, nothing, noDate, empty] = await Promise.all(
      ['aaaa', 'cccc', '2024-02-30', ''].map((at) => run(['log', '--json', '--db', db, '--at', at])),
    )
    expect(ambiguous?.status).toBe(5)
    expect(errorOf(ambiguous!).message).toContain('aaaa1111-first, aaaa1111-second')
    expect([nothing?.status, errorOf(nothing!).code]).toEqual([3, 'NOT_FOUND'])
    expect([noDate?.status, errorOf(noDate!).code]).toEqual([5, 'VALIDATION'])
    expect(empty?.status).toBe(5)
  })
})
