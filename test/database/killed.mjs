/**
 * A process that is killed at its n-th call of the file system. What it did until then stays.
 * Arguments: the built library, what to do, n, and the paths that it needs.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [, , library, task, n, ...paths] = process.argv
const { openUniverse, restoreUniverse } = await import(library)
const names = ['chmodSync', 'closeSync', 'fsyncSync', 'linkSync', 'openSync', 'renameSync', 'rmSync', 'writeSync']
let calls = 0
for (const name of names) {
  const call = fs[name]
  fs[name] = (...given) => {
    if (++calls === Number(n)) process.kill(process.pid, 'SIGKILL')
    return call(...given)
  }
}

if (task === 'restore') {
  syncBuiltinESMExports()
  await restoreUniverse(paths[0], paths[1], { overwrite: true })
} else {
  const universe = await openUniverse(paths[0], { readOnly: true })
  syncBuiltinESMExports()
  await universe.backup(paths[1])
}
process.stdout.write('DONE')
process.kill(process.pid, 'SIGKILL')
