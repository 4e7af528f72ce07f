/** The dates that a person types, and times as a person reads them. All in UTC, where no zone is given. */
import { colours, isTerminal } from './output.js'

const milliseconds = /^@(-?\d+)$/
const date = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2}(?:\.\d{1,3})?))?)? ?(Z|[+-]\d{2}:?\d{2})?$/i
/** 1 May 2024, 1 May 2024 10:00, May 1, 2024 */
const named = /^(?:(\d{1,2})\.? ([a-z]{3,9})|([a-z]{3,9}) (\d{1,2}))(?:,? )(\d{4})(?: (\d{2}:\d{2}))?$/i
const monthNames = 'january february march april may june july august september october november december'.split(' ')
const ago = /^(?:(\d{1,9}|an?)[\s_]+(second|minute|hour|day|week|month|year)s?[\s_]+ago|last[\s_]+(week|month|year))$/i
const ahead = /^in[\s_]+(\d{1,9}|an?)[\s_]+(second|minute|hour|day|week|month|year)s?$/i

const day = 86_400_000
/** In milliseconds; what has no fixed length is counted on the calendar. */
const units: Record<string, number> = { second: 1_000, minute: 60_000, hour: 3_600_000, day, week: 7 * day }

/** A text that has the form of a date and is none. */
export class NoDate extends Error {}

/**
 * The moment that a text names, in milliseconds since the Unix epoch; undefined where it has the form of none.
 *
 * @throws {NoDate} for what looks like a date and is not in the calendar.
 */
export function momentOf(text: string, now = Date.now()): number | undefined {
  const [, digits] = milliseconds.exec(text) ?? []
  if (digits !== undefined) {
    const time = Number(digits)
    if (Number.isSafeInteger(time)) return time
    throw new NoDate(`${text} is no whole number of milliseconds that keeps its digits`)
  }
  return momentNamed(text, now) ?? momentAway(text, now) ?? momentWritten(text)
}

function momentNamed(text: string, now: number): number | undefined {
  const midnight = now - (((now % day) + day) % day)
  switch (text.toLowerCase()) {
    case 'now':
      return now
    case 'today':
      return midnight
    case 'yesterday':
      return midnight - day
    case 'tomorrow':
      return midnight + day
    default:
      return undefined
  }
}

/** So much time before or after now. */
function momentAway(text: string, now: number): number | undefined {
  const [, later, unitAhead] = ahead.exec(text) ?? []
  const [, earlier, unitAgo, last] = ago.exec(text) ?? []
  const unit = (unitAhead ?? unitAgo ?? last)?.toLowerCase()
  if (unit === undefined) return undefined
  const count = later ?? earlier ?? '1'
  const number = (/^\d/.test(count) ? Number(count) : 1) * (unitAhead === undefined ? -1 : 1)
  const ms = units[unit]
  const time = ms === undefined ? monthsAway(now, unit === 'year' ? 12 * number : number) : now + ms * number
  // No calendar of JavaScript goes further.
  if (Number.isNaN(time) || Math.abs(time) > 8.64e15) throw new NoDate(`${text} is in no calendar`)
  return time
}

/** The same day of another month, or its last one: a month before the 31st of March is the end of February. */
function monthsAway(now: number, months: number): number {
  const then = new Date(now)
  const wanted = then.getUTCDate()
  then.setUTCDate(1)
  then.setUTCMonth(then.getUTCMonth() + months)
  const last = new Date(Date.UTC(then.getUTCFullYear(), then.getUTCMonth() + 1, 0)).getUTCDate()
  then.setUTCDate(Math.min(wanted, last))
  return then.getTime()
}

function momentWritten(text: string): number | undefined {
  const [, written, minutes = '00:00', seconds = '00', zone = 'Z'] = date.exec(inDigits(text)) ?? []
  if (written === undefined) return undefined
  const offset = /^z$/i.test(zone) ? 'Z' : zone.replace(/^(...)(\d\d)$/, '$1:$2')
  const time = Date.parse(`${written}T${minutes}:${seconds.padEnd(2, '0')}${offset}`)
  // JavaScript reads the 30th of February as the 1st of March.
  const start = new Date(`${written}T00:00Z`)
  const isDay = !Number.isNaN(start.getTime()) && start.toISOString().startsWith(written)
  if (!isDay || Number.isNaN(time)) throw new NoDate(`${text} is no date of the calendar`)
  return time
}

/** A date whose month is a word, in digits; any other text as it is. */
function inDigits(text: string): string {
  const [, dayFirst, monthLast, monthFirst, dayLast, year, time] = named.exec(text) ?? []
  const name = (monthLast ?? monthFirst ?? '').toLowerCase()
  const month = name === '' ? -1 : monthNames.findIndex((one) => one === name || one.slice(0, 3) === name)
  if (month === -1) return text
  const parts = [String(month + 1), dayFirst ?? dayLast ?? ''].map((part) => part.padStart(2, '0'))
  return `${year}-${parts.join('-')}${time === undefined ? '' : `T${time}`}`
}

/** A moment in ISO 8601, in UTC, without milliseconds where there are none. */
export function isoTime(time: number): string {
  if (Math.abs(time) > 8.64e15) return `@${time}`
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

/** From large to small, each with how many of it still read well. */
const spans: readonly { unit: string; ms: number }[] = [
  { unit: 'year', ms: 365.25 * day },
  { unit: 'month', ms: 30.44 * day },
  { unit: 'week', ms: 7 * day },
  { unit: 'day', ms: day },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
]

/** How long before now, as people say it: `3 days ago`. What is still to come is given as a date. */
export function relativeTime(time: number, now = Date.now()): string {
  const passed = now - time
  if (passed < 0) return isoTime(time)
  // Two of a unit at least: "13 months ago" says more than "1 year ago".
  const span = spans.find(({ ms }) => passed >= 2 * ms) ?? spans.find(({ ms }) => passed >= ms)
  if (span === undefined) return 'just now'
  const count = Math.floor(passed / span.ms)
  return `${count} ${span.unit}${count === 1 ? '' : 's'} ago`
}

/** A time in a list: relative on a terminal, ISO 8601 through a pipe. */
export function shownTime(time: number): string {
  return isTerminal ? relativeTime(time) : isoTime(time)
}

/** A time by itself: ISO 8601, on a terminal with how long ago it was. */
export function fullTime(time: number): string {
  return isTerminal ? `${isoTime(time)}  ${colours.dim(relativeTime(time))}` : isoTime(time)
}
