/**
 * The test of the tests: each fault planted by itself, and the law that must find it run against it.
 *
 * Found means that an assertion of the law failed: a product that does not load, or throws where it
 * should answer, says nothing of what the law compares.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../given/folder.js'
import { faults, type Law, longHistories } from './faults.js'
import { noFault } from './plant.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
/** Each run is a process of its own, two at a time; the slowest law takes about 15 s of an idle core. */
const timeout = 240_000

interface Outcome {
  title: string
  status: 'passed' | 'failed'
  failureMessages: string[]
}

describe('without a fault', () => {
  it('every law that is to find one passes', { timeout: 2 * timeout }, async () => {
    const laws = new Map(faults.map(({ foundBy }) => [foundBy.title, foundBy]))
    // It asks for more lives than a tenth of its histories has; `npm test` runs all of them.
    laws.delete(longHistories.title)
    const outcomes = await runLaws([...laws.values()], noFault, 0.1)

    expect(outcomes.filter(({ status }) => status === 'failed')).toEqual([])
    expect(outcomes.map(({ title }) => title).sort()).toEqual([...laws.keys()].sort())
  })
})

describe.concurrent('the laws find', { timeout }, () => {
  it.each(faults)('$name', async ({ name, foundBy }) => {
    const outcomes = await runLaws([foundBy], name)

    expect(outcomes.map(({ title, status }) => ({ title, status }))).toEqual([
      { title: foundBy.title, status: 'failed' },
    ])
    expect(outcomes[0]?.failureMessages.join('\n')).toContain('AssertionError')
  })
})

/** What became of the tests that ran; those of the same files with other titles do not run. */
async function runLaws(laws: readonly Law[], fault: string, scale = 1): Promise<Outcome[]> {
  using folder = temporaryFolder()
  const report = folder.file('report.json')
  const files = [...new Set(laws.map(({ file }) => file))]
  const titles = laws.map(({ title }) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const only = ['--testNamePattern', `(?:${titles.join('|')})$`]
  const options = ['--config', 'test/faults/vitest.config.ts', '--reporter=json', `--outputFile=${report}`]
  const { TEST_REPORT: _report, LAWS_SEED: _seed, ...environment } = process.env
  const env = { ...environment, INNER_UNIVERSE_FAULT: fault, LAWS_SCALE: String(scale) }
  const args = [vitest, 'run', ...files, ...only, ...options]
  const said = await new Promise<string>((resolve) => {
    // It fails when a test does, so what it says matters only where there is no report.
    execFile(process.execPath, args, { cwd: root, env }, (_error, stdout, stderr) => resolve(stdout + stderr))
  })
  return readReport(report, said)
}

function readReport(path: string, said: string): Outcome[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`The laws did not run: ${said}`, { cause: error })
  }
  const { testResults } = JSON.parse(text) as { testResults: { assertionResults: Outcome[] }[] }
  const outcomes = testResults.flatMap(({ assertionResults }) => assertionResults)
  return outcomes.filter(({ status }) => status === 'passed' || status === 'failed')
}
