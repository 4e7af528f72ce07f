/** Refusals: every one is a typed error and leaves everything that a caller can see as it was. */
import { expect } from 'vitest'
import { UniverseError } from '../../src/index.js'
import type { Universe } from '../model/open.js'
import { collect } from './collect.js'

/** The error that a call ends with, which must be one of the library's own. */
export async function refusalOf(call: () => unknown): Promise<UniverseError & { operation?: number; line?: number }> {
  let result: unknown
  try {
    result = await call()
  } catch (error) {
    if (!(error instanceof UniverseError)) expect.fail(`no error of the library: ${(error as Error)?.stack ?? error}`)
    return error
  }
  return expect.fail(`no error, but ${JSON.stringify(result)?.slice(0, 200)}`)
}

/** As much of a universe, with a schema or without, as tells everything that a caller can see. */
type Seen = Pick<Universe, 'events' | 'export' | 'stats'>

/** Everything that a caller can see: the stream, the figures, the events. */
export async function everythingOf(universe: Seen) {
  const events: unknown[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await universe.events.list({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) })
    events.push(...page.items)
    cursor = page.cursor
    if (cursor === undefined) break
  }
  return { stream: await collect(universe.export()), stats: await universe.stats(), events }
}

/** A call that must end with this error and write nothing. */
export async function expectRefused(universe: Seen, call: () => unknown, expected: object) {
  const before = await everythingOf(universe)
  const error = await refusalOf(call)
  expect(error).toMatchObject(expected)
  expect(await everythingOf(universe)).toEqual(before)
  return error
}

/** Calls that must each end with a `ValidationError`; together they write nothing. */
export async function expectAllRefused(universe: Seen, calls: readonly (() => unknown)[]) {
  const before = await everythingOf(universe)
  for (const [index, call] of calls.entries()) {
    const error = await refusalOf(call)
    expect(error, `call ${index}`).toMatchObject({ code: 'VALIDATION' })
  }
  expect(await everythingOf(universe)).toEqual(before)
}
