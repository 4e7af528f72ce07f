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

if (existsSync(`${root}dist/src/index.js`)) measureProcesses()
else note('no processes: there is no dist')

/** In turns, so that a slow moment of the machine hits all of them. */
function measureProcesses(): void {
  const bare: number[] = []
  const helping: number[] = []
  const importing: number[] = []
  const inside: number[] = []
  const timed =
    "const start = performance.now(); await import('inner-universe'); console.log(performance.now() - start)"
  for (let round = 0; round < rounds; round++) {
    bare.push(processOf(['-e', '']).ms)
    helping.push(processOf(['dist/src/cli/main.js', '--help']).ms)
    importing.push(processOf(['--input-type=module', '-e', "import 'inner-universe'"]).ms)
    inside.push(Number(processOf(['--input-type=module', '-e', timed]).said))
  }
  reportValue('iu --help, whole process', spreadOf(helping), 'ms', 100)
  // What Node takes to start is not ours to shorten; it is more than the limit on some machines.
  reportValue("import 'inner-universe', in process", spreadOf(inside), 'ms', 60)
  const [nothing, whole] = [bare, importing].map((ms) => spreadOf(ms).p50.toFixed(1))
  note(`whole processes: import 'inner-universe' ${whole} ms, a Node process that does nothing ${nothing} ms`)
}

function processOf(args: string[]): { ms: number; said: string } {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  const ms = performance.now() - start
  if (status !== 0) throw new Error(`node ${args.join(' ')} failed: ${stderr}`)
  return { ms, said: stdout }
}
