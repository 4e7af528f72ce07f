/** The examples, run as a user of the built package runs them: each prints what its comments say. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openUniverse } from '../../src/index.js'
import { printedBy, root } from '../docs/papers.js'
import { temporaryFolder } from '../given/folder.js'

const names = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.mjs'))

describe.each(names)('examples/%s', { timeout: 60_000 }, (name) => {
  const code = readFileSync(join(root, 'examples', name), 'utf8')

  it('is short, and says what it is for', () => {
    expect(code.split('\n').length).toBeLessThan(100)
    expect(code).toMatch(/^\/\*\*\n \* \S/)
  })

  it('prints what it says, and leaves a universe that proves itself', async () => {
    using folder = temporaryFolder()
    const path = folder.file('example.db')
    const said = execFileSync(process.execPath, [join(root, 'examples', name), path], { encoding: 'utf8' })
    expect(said.trimEnd().split('\n')).toEqual(printedBy(code))
    await using universe = await openUniverse(path, { readOnly: true })
    expect(await universe.verify()).toMatchObject({ ok: true, findings: [] })
  })
})

it('the examples were found', () => {
  expect(names.length).toBeGreaterThan(3)
})
