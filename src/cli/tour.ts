/**
 * `npm start`: a tour over the history of a git repository, the one it stands in or the one named as
 * an argument. Needs no network and no terminal, ends by itself, and leaves nothing behind unless
 * asked with `--keep <path>`.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openDatabase } from '../database/open.js'
import { openUniverse, type Universe, type Version } from '../index.js'
import { endWithReader, report, statusOf, UsageError } from './failure.js'
import { interruptible } from './interrupt.js'
import { colours, print, printable } from './output.js'
import { Shortener } from './shorten.js'
import { chooseEntity } from './tour/choose.js'
import { fillFromGit } from './tour/git.js'
import { commitSample } from './tour/sample.js'
import { steps } from './tour/steps.js'
import { isUrl } from './universe.js'

/** Fewer versions than this have no past worth a look. */
const fewestVersions = 3

endWithReader(false)

try {
  await interruptible(run)
} catch (error) {
  report(error, false)
  process.exitCode = statusOf(error)
}

async function run(signal: AbortSignal): Promise<void> {
  const { repository, keep } = readArguments()
  if (keep !== undefined && isUrl(keep)) throw new UsageError('--keep takes the path of a file', 'Give it one.')
  if (keep !== undefined && existsSync(keep)) {
    throw new UsageError(`${keep} is there already`, 'Give --keep a path where nothing is yet.')
  }
  const folder = mkdtempSync(join(tmpdir(), 'inner-universe-tour-'))
  try {
    if (!(await showRepository(repository, keep ?? join(folder, 'tour.db'), folder, signal))) {
      await showSample(keep ?? join(folder, 'sample.db'), folder)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  if (keep !== undefined) print(`\nKept in ${keep}: go on with \`iu log --graph --db ${keep}\`.`)
}

/** False where the repository has no history to show; then nothing is left at `path`. */
async function showRepository(repository: string, path: string, folder: string, signal: AbortSignal): Promise<boolean> {
  const isShown = await within(path, async (universe) => {
    const filled = await fillFromGit(universe, repository, signal)
    if (filled.versions < fewestVersions) {
      print(
        `${filled.why ?? `Only ${filled.versions} of git's commits here`}: the tour takes a small sample history instead.`,
      )
      return false
    }
    await showAround(universe, path, folder)
    return true
  })
  if (!isShown) for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  return isShown
}

async function showSample(path: string, folder: string): Promise<void> {
  await within(path, async (universe) => {
    await commitSample(universe)
    await showAround(universe, path, folder)
  })
}

/** Takes every step of the tour, one after the other. */
async function showAround(universe: Universe, path: string, folder: string): Promise<void> {
  const chain = await universe.versions.history('main')
  const shortener = new Shortener(universe)
  await shortener.measure(chain.map(({ versionId }) => versionId))
  const choice = await chooseEntity(universe, chain)
  const head = await openDatabase(path, {
    ...{ readOnly: true, create: false, migrate: false, durability: 'normal', busyTimeoutMs: 5_000 },
  })
  try {
    const short = ({ versionId }: Version) => printable(shortener.shorten(versionId))
    const tour = { universe, chain, choice, path, folder, short, head }
    for (const step of steps) await step(tour)
  } finally {
    await head.close()
  }
  print('')
  print(colours.dim('Times are medians of a few calls; those of commands are whole processes.'))
  print(colours.dim('In code a version id is given whole. On with README.md, docs/guide.md and `iu --help`.'))
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
