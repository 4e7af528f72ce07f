import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { momentOf } from '../../src/cli/reference.js'
import { ValidationError } from '../../src/model/errors.js'
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

  it('reads a date without a zone in UTC', () => {
    expect(momentOf('2024-05-01')).toBe(Date.UTC(2024, 4, 1))
    expect(momentOf('2024-05-01T10:00')).toBe(Date.UTC(2024, 4, 1, 10))
    expect(momentOf('2024-05-01 10:00:30.25Z')).toBe(Date.UTC(2024, 4, 1, 10, 0, 30, 250))
    expect(momentOf('2024-05-01T10:00-0130')).toBe(Date.UTC(2024, 4, 1, 11, 30))
    expect(momentOf('@-5')).toBe(-5)
    for (const text of ['main', '2024', '2024-05', '20240501', '@', '@1.5', 'x2024-05-01']) {
      expect(momentOf(text)).toBeUndefined()
    }
    for (const text of ['2023-02-29', '2024-13-01', '2024-05-01T25:00', '@9007199254740993']) {
      expect(() => momentOf(text)).toThrow(ValidationError)
    }
  })
})
