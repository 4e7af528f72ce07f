/** When a commit was made, whatever its author's clock, or the author, made of it. */
import type { Commit } from './commits.js'
import type { ObjectReader } from './objects.js'

/** The last moment that a Date can hold; the first is as far on the other side. */
const lastMoment = 8_640_000_000_000_000

/** No commit's header is longer, but for a signature and the tags that a merge carries. */
const maxCommitBytes = 16 * 1_048_576

/**
 * The committer's date in milliseconds, within the bounds of a Date.
 *
 * Git itself reads no negative dates and nothing without a time zone: there the commit's own text
 * is asked. A commit without any date was made at 0, as git has it.
 */
export async function timestampOf(commit: Commit, objects: ObjectReader): Promise<number> {
  let seconds = commit.seconds
  if (seconds === '') {
    await objects.read([commit.id], 'commit', maxCommitBytes, (_, content) => {
      seconds = dateInText(content.toString('latin1'))
    })
  }
  return Math.min(lastMoment, Math.max(-lastMoment, Number(seconds) * 1000 || 0))
}

function dateInText(commit: string): string {
  const [header = ''] = commit.split('\n\n', 1)
  return /^committer .*> *(-?\d+)/m.exec(header)?.[1] ?? '0'
}
