/**
 * Which file a relative specifier means: the file it names, else the one TypeScript or a bundler
 * would take for it.
 *
 * A specifier becomes a target (a path without `.` and `..`, with a `/` at its end where only a
 * directory can be meant), a target has candidates, and the first that is a file is meant.
 * `targetsThatMayMean` is the inverse of `candidates`: a file that appears or disappears concerns
 * the importers of those targets and no others.
 */
import { directoryOf } from './tree.js'

/** What may be left out of a specifier, the first found first. */
const extensions = [
  ...['.ts', '.tsx', '.d.ts', '.js', '.jsx', '.mts', '.d.mts', '.mjs', '.cts', '.d.cts', '.cjs'],
  '.json',
]

/** What a specifier may say, and what may stand there in its place: the source it is compiled from. */
const sources = new Map([
  ['.js', ['.ts', '.tsx', '.d.ts', '.jsx']],
  ['.jsx', ['.tsx', '.d.ts']],
  ['.mjs', ['.mts', '.d.mts']],
  ['.cjs', ['.cts', '.d.cts']],
])

/** What `specifier` in the file `importer` aims at; undefined where it leaves the repository. */
export function targetOf(importer: string, specifier: string): string | undefined {
  // What follows `?` is for a bundler.
  const [plain = ''] = specifier.split('?', 1)
  const steps = plain.split('/')
  const directory = directoryOf(importer)
  const path = directory === '' ? [] : directory.split('/')
  for (const step of steps) {
    if (step === '..') {
      if (path.pop() === undefined) return undefined
    } else if (step !== '.' && step !== '') path.push(step)
  }
  const isDirectory = ['', '.', '..'].includes(steps.at(-1) ?? '')
  return isDirectory ? `${path.join('/')}/` : path.join('/')
}

/** The paths that `target` may mean, the likeliest first. */
export function* candidates(target: string): Generator<string> {
  if (!target.endsWith('/')) {
    yield target
    for (const [written, meant] of sources) {
      if (!target.endsWith(written)) continue
      for (const extension of meant) yield target.slice(0, -written.length) + extension
    }
    for (const extension of extensions) yield target + extension
  }
  // The root is the empty path, and an index in it stands behind no slash.
  const directory = target === '/' ? '' : target.replace(/\/?$/, '/')
  for (const extension of extensions) yield `${directory}index${extension}`
}

/** Every target that has `path` among its candidates; some may come twice. */
export function* targetsThatMayMean(path: string): Generator<string> {
  yield path
  for (const extension of extensions) {
    if (!path.endsWith(extension)) continue
    const stem = path.slice(0, -extension.length)
    yield stem
    for (const [written, meant] of sources) {
      if (meant.includes(extension)) yield stem + written
    }
    if (stem !== 'index' && !stem.endsWith('/index')) continue
    const directory = directoryOf(stem)
    yield directory
    yield `${directory}/`
  }
}
