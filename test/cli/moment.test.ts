import { describe, expect, it } from 'vitest'
import { momentOf, NoDate, relativeTime } from '../../src/cli/moment.js'

const day = 86_400_000
const now = Date.UTC(2024, 4, 31, 13, 30)

describe('a moment as one types it', () => {
  it('is a date, in UTC where it has no zone', () => {
    expect(momentOf('2024-05-01')).toBe(Date.UTC(2024, 4, 1))
    expect(momentOf('2024-05-01T10:00')).toBe(Date.UTC(2024, 4, 1, 10))
    expect(momentOf('2024-05-01 10:00:30.25Z')).toBe(Date.UTC(2024, 4, 1, 10, 0, 30, 250))
    expect(momentOf('2024-05-01T10:00-0130')).toBe(Date.UTC(2024, 4, 1, 11, 30))
    expect(momentOf('2024-05-01 10:00 +02:00')).toBe(Date.UTC(2024, 4, 1, 8))
    for (const text of ['1 May 2024', '01 may 2024', 'May 1, 2024', 'May 1 2024']) {
      expect(momentOf(text)).toBe(Date.UTC(2024, 4, 1))
    }
    expect(momentOf('3 Sep 2024 09:30')).toBe(Date.UTC(2024, 8, 3, 9, 30))
    expect(momentOf('@-5')).toBe(-5)
  })

  it('is a day or so much time before now', () => {
    const wanted: [string, number][] = [
      ['now', now],
      ['today', Date.UTC(2024, 4, 31)],
      ['Yesterday', Date.UTC(2024, 4, 30)],
      ['tomorrow', Date.UTC(2024, 5, 1)],
      ['in 2 weeks', now + 14 * day],
      ['in a month', Date.UTC(2024, 5, 30, 13, 30)],
      ['3 days ago', now - 3 * day],
      ['1 second ago', now - 1_000],
      ['an hour ago', now - 3_600_000],
      ['a week ago', now - 7 * day],
      ['last week', now - 7 * day],
      ['3_days_ago', now - 3 * day],
      ['a month ago', Date.UTC(2024, 3, 30, 13, 30)],
      ['3 months ago', Date.UTC(2024, 1, 29, 13, 30)],
      ['last year', Date.UTC(2023, 4, 31, 13, 30)],
    ]
    expect(wanted.map(([text]) => momentOf(text, now))).toEqual(wanted.map(([, time]) => time))
    expect(momentOf('yesterday', -1)).toBe(-2 * day)
  })

  it('is nothing else', () => {
    for (const text of [
      'main',
      '2024',
      '2024-05',
      '20240501',
      '@',
      '@1.5',
      'x2024-05-01',
      'days ago',
      '3 days',
      '-3 days ago',
      '1 Foo 2024',
      'in May',
    ]) {
      expect(momentOf(text)).toBeUndefined()
    }
  })

  it('is refused where it has the form of one and is in no calendar', () => {
    const none = [
      '2023-02-29',
      '2024-13-01',
      '2024-05-01T25:00',
      '30 Feb 2024',
      '@9007199254740993',
      '999999999 years ago',
    ]
    for (const text of none) expect(() => momentOf(text)).toThrow(NoDate)
  })
})

describe('a time as one reads it', () => {
  it('says how long ago it was, two of a unit at least where it can', () => {
    const passed: [number, string][] = [
      [0, 'just now'],
      [59_999, 'just now'],
      [60_000, '1 minute ago'],
      [119 * 60_000, '119 minutes ago'],
      [120 * 60_000, '2 hours ago'],
      [47 * 3_600_000, '47 hours ago'],
      [13 * day, '13 days ago'],
      [14 * day, '2 weeks ago'],
      [400 * day, '13 months ago'],
      [1_000 * day, '2 years ago'],
    ]
    expect(passed.map(([ms]) => relativeTime(now - ms, now))).toEqual(passed.map(([, text]) => text))
    expect(relativeTime(now + 1, now)).toBe('2024-05-31T13:30:00.001Z')
  })
})
