/**
 * Compiles the benchmarks beside dist and runs them, each in a process of its own: `npm run bench`
 * runs every file directly in bench/, `npm run bench -- commit` bench/commit.ts. Helpers live in
 * folders below bench/. The benchmarks of one run share a folder for their data, gone at its end.
 *
 * `--quick` takes a tenth of the data; `--json <file>` writes what was measured. A figure over its
 * limit is said, and does not fail the run.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiled = join(root, '.bench')
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
  allowPositionals: true,
})
const passedOn = values.quick ? ['--quick'] : []

rmSync(compiled, { recursive: true, force: true })
run([join(typescript, 'bin/tsc'), '-p', 'tsconfig.bench.json'])
run([join(root, 'ci/build.mjs'), '--if-stale'])

const folder = join(compiled, 'bench')
const found = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.js')) : []
const all = found.map((file) => file.slice(0, -'.js'.length)).sort()
const names = positionals.length > 0 ? positionals : all
const unknown = names.filter((name) => !all.includes(name))
if (unknown.length > 0 || names.length === 0) {
  console.error(`No benchmark ${unknown.join(', ')}; there are: ${all.join(', ') || 'none'}`)
  process.exit(2)
}

process.env.INNER_UNIVERSE_BENCH = mkdtempSync(join(tmpdir(), 'inner-universe-bench-'))
process.on('exit', () => rmSync(process.env.INNER_UNIVERSE_BENCH, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
const report = await import(pathToFileURL(join(folder, 'support/report.js')).href)
const notes = report.machineNotes()
for (const [name, value] of Object.entries(notes)) console.log(`${name}: ${value}`)
console.log()
report.printHead()
const start = performance.now()
for (const name of names) run(['--expose-gc', join(folder, `${name}.js`), ...passedOn])
report.printEnd(notes, (performance.now() - start) / 1_000, values.json)

function run(args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
