/** The tour's universe, filled from git. */
import type { Universe, VersionRecord } from '../../index.js'
import { NotFoundError, UniverseError } from '../../model/errors.js'
import { versionsOfGit } from '../../stream/git.js'
import { print } from '../output.js'
import { grouped } from './step.js'

/** A tour is short: what a longer history has after this is left out. */
const longestMs = 30_000

/**
 * Imports the history of the repository at or around a folder, along first parents. Says how much
 * came in, or why nothing did.
 */
export async function fillFromGit(
  universe: Universe,
  repository: string,
  signal: AbortSignal,
): Promise<{ versions: number; why?: string }> {
  const start = performance.now()
  const history = new Cut(versionsOfGit(repository, { signal }), start + longestMs)
  const where = repository === '.' ? 'here' : `in ${repository}`
  try {
    const { imported } = await universe.import(history, { signal })
    if (imported === 0) return { versions: 0, why: `No git history ${where}` }
    const seconds = (performance.now() - start) / 1_000
    const whole = history.isCut ? `The first ${grouped(imported)}` : grouped(imported)
    const commits = imported === 1 ? 'commit' : 'commits'
    const rate = grouped(Math.round(imported / seconds))
    print(`${whole} ${commits} of git ${where} imported as versions in ${seconds.toFixed(1)} s (${rate} a second)`)
    return { versions: imported }
  } catch (error) {
    // No repository, or no git: the tour goes on without.
    if (error instanceof NotFoundError) return { versions: 0, why: `No git history ${where}` }
    if (!(error instanceof UniverseError) || signal.aborted) throw error
    const why = `The git history ${where} cannot be read whole: ${error.message}`
    const { versions } = await universe.stats()
    if (versions > 0) print(`${why}. ${grouped(versions)} versions came in.`)
    return { versions, why }
  }
}

/** A stream that ends early once its time is up. */
class Cut implements AsyncIterable<VersionRecord> {
  isCut = false

  constructor(
    private readonly source: AsyncIterable<VersionRecord>,
    private readonly end: number,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<VersionRecord> {
    for await (const record of this.source) {
      yield record
      this.isCut = performance.now() > this.end && record.branch === undefined
      if (this.isCut) return
    }
  }
}
