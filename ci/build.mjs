/**
 * Compiles src, queries and migrations into dist. `--if-stale` does nothing where dist is newer than
 * every source. A failed build leaves the old dist as it was: the new one is made beside it.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = ['src', 'queries', 'migrations', 'tsconfig.json', 'tsconfig.build.json', 'package.json']
const dist = join(root, 'dist')
const programs = ['src/cli/main.js']

if (process.argv.includes('--if-stale') && !isStale()) process.exit(0)

const next = join(root, `.build-${process.pid}`)
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
const { status } = spawnSync(
  process.execPath,
  [join(typescript, 'bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', next, '--noEmitOnError'],
  { cwd: root, stdio: 'inherit' },
)
if (status === 0) {
  for (const program of programs) {
    if (existsSync(join(next, program))) chmodSync(join(next, program), 0o755)
  }
  rmSync(dist, { recursive: true, force: true })
  renameSync(next, dist)
} else {
  rmSync(next, { recursive: true, force: true })
  process.exitCode = status ?? 1
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
