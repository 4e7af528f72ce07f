/** What a version costs on the disk: 2,000 versions of 10 one-field updates of 50,000 entities. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { openUniverse } from '../src/index.js'
import { folder, isQuick } from './support/folder.js'
import { reportValue } from './support/report.js'
import { Story } from './support/story.js'

const versions = isQuick ? 200 : 2_000
const entities = isQuick ? 5_000 : 50_000
const updates = 10

for (const auditLog of [false, true]) {
  const path = join(folder, `storage-${auditLog ? 'on' : 'off'}.db`)
  const options = { durability: 'normal', auditLog } as const
  const story = new Story(7)
  const universe = await openUniverse(path, options)
  await universe.import(story.beginning({ entities, relations: 0 }))
  // Closing takes what is in the log into the file.
  await universe.close()
  const before = statSync(path).size

  const again = await openUniverse(path, options)
  for (let version = 0; version < versions; version++) {
    const operations = Array.from({ length: updates }, () => story.updateField())
    await again.commit('ten fields', operations)
  }
  await again.close()
  const kilobytes = (statSync(path).size - before) / versions / 1_024
  const spread = { p25: kilobytes, p50: kilobytes, p75: kilobytes }
  reportValue(`storage a version, audit log ${auditLog ? 'on' : 'off'}`, spread, 'KB', auditLog ? 9.25 : 5.5)
}
