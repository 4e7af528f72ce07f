/**
 * Makes dist: declarations by tsc, which checks the types too, and JavaScript by rolldown, bundled
 * with the packages that it imports, for a program that loads hundreds of files starts late
 * (docs/decisions/0011-dist-is-bundled.md). What package.json has under `dependencies` and `peerDependencies` stays outside.
 *
 * `--if-stale` does nothing where dist is newer than every source. A failed build leaves the old dist
 * as it was: the new one is made beside it.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { licencesOf } from './licences.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)
const sources = [
  'src',
  'queries',
  'migrations',
  'ci/build.mjs',
  'ci/licences.mjs',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  'package-lock.json',
]
const dist = join(root, 'dist')
const library = join(root, 'src/index.ts')
const programs = ['src/cli/main', 'src/cli/tour']
const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Commander loads child_process for commands that are programs of their own, and we have none: 4 ms a start. */
const spawnsNothing = {
  name: 'spawns-nothing',
  transform: {
    filter: { id: /[\\/]commander[\\/]lib[\\/]command[.]js$/ },
    handler(code) {
      const line = "const childProcess = require('node:child_process');"
      if (!code.includes(line)) throw new Error('Commander loads child_process in another way now')
      return code.replace(line, '').replaceAll('childProcess.spawn', "require('node:child_process').spawn")
    },
  },
}

if (process.argv.includes('--if-stale') && !isStale()) process.exit(0)

// Not before: they take longer to load than it takes to see that nothing is to be done.
const { rolldown } = await import('rolldown')
const { dts } = await import('rolldown-plugin-dts')

const next = join(root, `.build-${process.pid}`)
try {
  await declare()
  const chunks = await bundle()
  const modules = chunks.flatMap((chunk) => Object.keys(chunk.modules))
  writeFileSync(
    join(next, 'THIRD-PARTY-LICENSES'),
    licencesOf(modules, dirname(require.resolve('rolldown/package.json'))),
  )
  chmodSync(join(next, 'src/cli/main.js'), 0o755)
  rmSync(dist, { recursive: true, force: true })
  renameSync(next, dist)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(next, { recursive: true, force: true })
}

/** One file with what is public: what stands behind it would ask for the types of packages that are not installed. */
async function declare() {
  const types = join(next, 'types')
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', types], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('The types do not hold: nothing was built')
  const build = await rolldown({
    cwd: types,
    input: { 'src/index': join(types, 'src/index.d.ts') },
    external: /^[^./]/,
    plugins: [dts({ dtsInput: true, tsconfig: false })],
    onLog: refuseWarnings,
  })
  const { output } = await build.write({ dir: next, entryFileNames: '[name].ts' })
  refuseStrangers(output)
  rmSync(types, { recursive: true })
}

async function bundle() {
  const build = await rolldown({
    cwd: root,
    input: { 'src/index': library, ...Object.fromEntries(programs.map((name) => [name, join(root, `${name}.ts`)])) },
    platform: 'node',
    external: Object.keys({ ...dependencies, ...peerDependencies }),
    transform: { target: 'es2023' },
    plugins: [spawnsNothing],
    onLog: refuseWarnings,
  })
  const { output } = await build.write({
    dir: next,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'src/chunks/[name].js',
    // They would be read and passed over at each start.
    comments: false,
    codeSplitting: {
      groups: [
        { name: 'commander', test: /[\\/]node_modules[\\/]commander[\\/]/ },
        // What a command needs of the library before it opens a universe.
        { name: 'model', test: /[\\/]src[\\/]model[\\/](errors|entity|id|json|pointer|text)[.]ts$/ },
        // And all that it imports: one file, for each costs as long as a hundred kilobytes in it.
        { name: 'library', test: (id) => id === library },
      ],
    },
  })
  refuseStrangers(output)
  return output
}

function refuseWarnings(level, log) {
  if (level === 'warn') throw new Error(log.message)
}

/** A file that imports what is not installed with the package would fail at its users alone. */
function refuseStrangers(chunks) {
  const imported = /^(?:import|export) .*"([^"]+)";$|\b(?:import|__require)\("([^"]+)"\)/gm
  for (const { fileName, code } of chunks) {
    for (const [, name, later] of code.matchAll(imported)) {
      const wanted = name ?? later
      if (wanted.startsWith('.') || isBuiltin(wanted) || Object.hasOwn(dependencies, wanted)) continue
      // An optional one is loaded where it is used, and told of where it is missing.
      if (later !== undefined && Object.hasOwn(peerDependencies, wanted)) continue
      throw new Error(`${fileName} imports ${wanted}, which is not in the package`)
    }
  }
}

/** Folders count too: their time tells of a file that was removed. */
function isStale() {
  if (!existsSync(dist)) return true
  return sources.some((source) => newest(join(root, source)) > statSync(dist).birthtimeMs)
}

function newest(path) {
  if (!existsSync(path)) return 0
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
