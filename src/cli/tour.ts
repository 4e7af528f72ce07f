/**
 * `npm start`: a tour over the history of a git repository, the one it stands in or the one named as
 * an argument. Needs no network and no terminal, ends by itself, and leaves nothing behind unless
 * asked with `--keep <path>`.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openUniverse, type Universe } from '../index.js'
import { report, statusOf, UsageError } from './failure.js'
import { interruptible } from './interrupt.js'
import { print } from './output.js'
import { fillFromGit } from './tour/git.js'
import { commitSample } from './tour/sample.js'
import { showAround } from './tour/stations.js'

/** Fewer versions than this have no past worth a look. */
const fewestVersions = 3

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  await interruptible(run)
} catch (error) {
  report(error, false)
  process.exitCode = statusOf(error)
}

async function run(signal: AbortSignal): Promise<void> {
  const { repository, keep } = readArguments()
  if (keep !== undefined && existsSync(keep)) {
    throw new UsageError(`${keep} is there already`, 'Give --keep a path where nothing is yet.')
  }
  const folder = mkdtempSync(join(tmpdir(), 'inner-universe-tour-'))
  try {
    if (!(await showRepository(repository, keep ?? join(folder, 'tour.db'), signal))) {
      await showSample(keep ?? join(folder, 'sample.db'))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  if (keep !== undefined) print(`\nKept in ${keep}: go on with \`inner-universe log --db ${keep}\`.`)
}

/** False where the repository has no history to show; then nothing is left at `path`. */
async function showRepository(repository: string, path: string, signal: AbortSignal): Promise<boolean> {
  const isShown = await within(path, async (universe) => {
    const filled = await fillFromGit(universe, repository, signal)
    if (filled.versions < fewestVersions) {
      print(
        `${filled.why ?? `Only ${filled.versions} of git's commits here`}: the tour takes a small sample history instead.`,
      )
      return false
    }
    await showAround(universe)
    return true
  })
  if (!isShown) for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  return isShown
}

async function showSample(path: string): Promise<void> {
  await within(path, async (universe) => {
    await commitSample(universe)
    await showAround(universe)
  })
}

async function within<T>(path: string, work: (universe: Universe) => Promise<T>): Promise<T> {
  await using universe = await openUniverse(path)
  return await work(universe)
}

function readArguments(): { repository: string; keep: string | undefined } {
  try {
    const { values, positionals } = parseArgs({ options: { keep: { type: 'string' } }, allowPositionals: true })
    if (positionals.length > 1) throw new Error('More than one path is given')
    return { repository: positionals[0] ?? '.', keep: values.keep }
  } catch (error) {
    throw new UsageError((error as Error).message, 'Usage: npm start -- [repository] [--keep <path>]')
  }
}
