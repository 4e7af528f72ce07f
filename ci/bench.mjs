/**
 * Compiles the benchmarks beside dist and runs them, each in a process of its own: `npm run bench`
 * runs every file directly in bench/, `npm run bench -- commit` bench/commit.ts; what follows a
 * second `--` goes to the benchmark. Helpers live in folders below bench/.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiled = join(root, '.bench')
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))

const given = process.argv.slice(2)
const divide = given.includes('--') ? given.indexOf('--') : given.length
const passedOn = given.slice(divide + 1)

rmSync(compiled, { recursive: true, force: true })
run([join(typescript, 'bin/tsc'), '-p', 'tsconfig.bench.json'])

const folder = join(compiled, 'bench')
const found = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.js')) : []
const all = found.map((file) => file.slice(0, -'.js'.length)).sort()
const names = divide > 0 ? given.slice(0, divide) : all
const unknown = names.filter((name) => !all.includes(name))
if (unknown.length > 0 || names.length === 0) {
  console.error(`No benchmark ${unknown.join(', ')}; there are: ${all.join(', ') || 'none'}`)
  process.exit(2)
}
for (const name of names) run(['--expose-gc', join(folder, `${name}.js`), ...passedOn])

function run(args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
