/** How long it takes until one can begin: opening a large file, and whole processes. */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openUniverse } from '../src/index.js'
import { spreadOf } from './support/compare.js'
import { openFixture } from './support/fixture.js'
import { note, reportValue } from './support/report.js'

const rounds = 25
const root = fileURLToPath(new URL('../..', import.meta.url))

const fixture = await openFixture()
await fixture.close()
const times: number[] = []
for (let round = 0; round < rounds; round++) {
  const start = performance.now()
  const universe = await openUniverse(fixture.path)
  times.push(performance.now() - start)
  await universe.close()
}
const megabytes = Math.round(statSync(fixture.path).size / 2 ** 20)
reportValue(`openUniverse of a file of ${megabytes} MB`, spreadOf(times), 'ms', 20)

const bare = spreadOf(processTimes(['-e', '']))
note(`a Node process that does nothing: ${bare.p50.toFixed(1)} ms`)
const program = 'dist/src/cli/main.js'
if (existsSync(`${root}${program}`)) {
  reportValue('iu --help, whole process', spreadOf(processTimes([program, '--help'])), 'ms', 100)
} else note(`no iu --help: there is no ${program} yet`)
if (existsSync(`${root}dist/src/index.js`)) {
  const script = "import 'inner-universe'"
  const importing = processTimes(['--input-type=module', '-e', script])
  reportValue("import 'inner-universe', whole process", spreadOf(importing), 'ms', 60)
} else note("no import 'inner-universe': there is no dist")

function processTimes(args: string[]): number[] {
  return Array.from({ length: rounds }, () => {
    const start = performance.now()
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root })
    if (status !== 0) throw new Error(`node ${args.join(' ')} failed: ${stderr}`)
    return performance.now() - start
  })
}
