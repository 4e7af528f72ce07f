/**
 * Import: 1,000,000 operations from plain NDJSON on disk, one version of 100,000 among them, against
 * reading the same file into tables without a history; and how much memory it takes, in a process of
 * its own.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, createReadStream, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openUniverse, type VersionRecord } from '../src/index.js'
import { compare } from './support/compare.js'
import { sizes } from './support/fixture.js'
import { Floor } from './support/floor.js'
import { folder, isQuick } from './support/folder.js'
import { report, reportValue } from './support/report.js'
import { Story } from './support/story.js'

const operations = isQuick ? 100_000 : 1_000_000
const segments = 10
const inSegment = operations / segments
const atOnce = 10_000

const files = Array.from({ length: segments }, (_, segment) => join(folder, `import-${segment}.ndjson`))
writeSegments()

const universe = await openUniverse(join(folder, 'import.db'), { durability: 'normal' })
const floor = Floor.create(join(folder, 'import-floor.db'))
const imported = await compare({
  measured: (turn) => universe.import(files[turn] as string),
  against: (turn) => importIntoFloor(files[turn] as string),
  rounds: segments,
  turns: 1,
  time: 'clock',
})
report(`import of ${inSegment.toLocaleString('en')} operations, ${segments} times`, imported, { atLeastOfFloor: 0.3 })
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

/** The graph's beginning, ordinary versions, and in the middle one version of a tenth of it all. */
function writeSegments(): void {
  const story = new Story(5)
  const share = operations / 1_000_000
  const graph = { entities: sizes.graph.entities, relations: sizes.graph.relations }
  let segment = 0
  let written = 0
  let lines: string[] = []
  const write = (record: VersionRecord) => {
    lines.push(`${JSON.stringify(record)}\n`)
    written += record.operations.length
    if (written < inSegment * (segment + 1)) return
    writeFileSync(files[segment++] as string, lines.join(''))
    lines = []
  }
  for (const record of story.beginning(graph)) write(record)
  for (const record of story.middle(2_000 * share)) write(record)
  write(story.version(Array.from({ length: 100_000 * share }, () => story.createEntity())))
  for (const record of story.middle((operations - written) / 100)) write(record)
}

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
