/** A long version stream on disk, in segments: each goes on where the one before it ends. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { VersionRecord } from '../../src/index.js'
import { sizes } from './fixture.js'
import { folder, isQuick } from './folder.js'
import { Story } from './story.js'

const operations = isQuick ? 100_000 : 1_000_000
const segments = 10
const inSegment = operations / segments

export interface Segments {
  /** In all of them. */
  operations: number
  inSegment: number
  files: string[]
}

/** The graph's beginning, ordinary versions, and in the middle one version of a tenth of it all. */
export function writeSegments(): Segments {
  const files = Array.from({ length: segments }, (_, segment) => join(folder, `import-${segment}.ndjson`))
  const story = new Story(5)
  const share = operations / 1_000_000
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
  for (const record of story.beginning(sizes.graph)) write(record)
  for (const record of story.middle(2_000 * share)) write(record)
  write(story.version(Array.from({ length: 100_000 * share }, () => story.createEntity())))
  for (const record of story.middle((operations - written) / 100)) write(record)
  return { operations, inSegment, files }
}
