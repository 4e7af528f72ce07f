/**
 * Import: 1,000,000 operations from plain NDJSON on disk, one version of 100,000 among them, against
 * reading the same file into tables without a history; and how much memory it takes, in a process of
 * its own.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, createReadStream, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openUniverse, type VersionRecord } from '../src/index.js'
import { compare } from './support/compare.js'
import { Floor } from './support/floor.js'
import { folder } from './support/folder.js'
import { report, reportValue } from './support/report.js'
import { writeSegments } from './support/segments.js'

const atOnce = 10_000
const { operations, inSegment, files } = writeSegments()

const universe = await openUniverse(join(folder, 'import.db'), { durability: 'normal' })
const floor = Floor.create(join(folder, 'import-floor.db'))
const imported = await compare({
  measured: (turn) => universe.import(files[turn] as string),
  against: (turn) => importIntoFloor(files[turn] as string),
  rounds: files.length,
  turns: 1,
  time: 'clock',
})
report(`import of ${inSegment.toLocaleString('en')} operations, ${files.length} times`, imported, {
  atLeastOfFloor: 0.3,
})
floor.close()
await universe.close()

const whole = join(folder, 'import.ndjson')
for (const file of files) appendFileSync(whole, readFileSync(file))
const child = spawnSync(
  process.execPath,
  ['--expose-gc', fileURLToPath(new URL('support/import-alone.js', import.meta.url)), whole, join(folder, 'alone.db')],
  { encoding: 'utf8' },
)
if (child.status !== 0) throw new Error(`The import in a process of its own failed: ${child.stderr}`)
const megabytes = Number(child.stdout)
const name = `memory grown by an import of ${operations.toLocaleString('en')} operations`
reportValue(name, { p25: megabytes, p50: megabytes, p75: megabytes }, 'MB', 300)
for (const file of [...files, whole]) rmSync(file)

async function importIntoFloor(file: string): Promise<void> {
  let inTransaction = 0
  floor.driver.exec('begin immediate')
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const record = JSON.parse(line) as VersionRecord
    for (const operation of record.operations) floor.apply(operation, record.timestamp)
    inTransaction += record.operations.length
    if (inTransaction < atOnce) continue
    floor.driver.exec('commit')
    floor.driver.exec('begin immediate')
    inTransaction = 0
  }
  floor.driver.exec('commit')
}
