/**
 * Where a run keeps its files. ci/bench.mjs makes the folder and removes it, so that the benchmarks
 * of one run share their data; a benchmark that is run alone has a folder of its own.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A tenth of the data, to try things out. */
export const isQuick = process.argv.includes('--quick')

export const folder = process.env.INNER_UNIVERSE_BENCH ?? ownFolder(tmpdir())

const shared = '/dev/shm'

/** A file system in memory, where there is one. */
export const memoryFolder = existsSync(shared) ? shared : undefined

/** A new folder on the file system in memory, or else on the disk; gone when the process ends. */
export function temporaryInMemory(): string {
  return ownFolder(memoryFolder ?? folder)
}

function ownFolder(parent: string): string {
  const path = mkdtempSync(join(parent, 'inner-universe-bench-'))
  process.on('exit', () => rmSync(path, { recursive: true, force: true }))
  return path
}
