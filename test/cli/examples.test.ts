/** Every example that the help of a command gives, run as it stands there. */
import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openUniverse } from '../../src/index.js'
import { makeRepository } from '../stream/git/made.js'
import { makeFolder, run } from './run.js'

interface Help {
  commands: { name: string; description: string; examples: { call: string; purpose: string }[] }[]
}

const help: Help = JSON.parse((await run(['help', '--json'])).stdout)
const folder = makeFolder()
const repository = makeRepository()
afterAll(() => {
  folder[Symbol.dispose]()
  repository[Symbol.dispose]()
})

beforeAll(async () => {
  mkdirSync(folder.at('bin'))
  const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
  writeFileSync(folder.at('bin/iu'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`)
  chmodSync(folder.at('bin/iu'), 0o755)
  repository.commit([{ path: 'a.ts', content: '' }])

  await using universe = await openUniverse(folder.at('example.db'))
  const january = await universe.commit(
    'People',
    (draft) => {
      draft.createEntity('Person', { name: 'Ada', age: 36, tags: ['lead'], address: { city: 'Paris' } }, { id: 'ada' })
      draft.createEntity('Person', { name: 'Grace' }, { id: 'grace' })
      draft.createEntity('Company', { name: 'Acme' }, { id: 'acme' })
      draft.createRelation('KNOWS', 'ada', 'grace', {}, { id: 'ada-grace' })
      draft.createRelation('WORKS_AT', 'ada', 'acme', {}, { id: 'job' })
    },
    { timestamp: Date.UTC(2024, 0) },
  )
  await universe.commit('Age', (draft) => draft.updateEntity('ada', { age: 37 }), { timestamp: Date.UTC(2024, 2) })
  writeFileSync(folder.at('receipt.json'), JSON.stringify(january))
  await universe.createBranch('proposal', { from: january.versionId })
  await universe.backup(folder.at('monday.db'))
  const exported = await run(['export', '-o', folder.at('versions.ndjson.gz'), '--db', folder.at('example.db')])
  expect(exported.status).toBe(0)
})

describe('the help of every command', { timeout: 120_000 }, () => {
  it.each(help.commands)('says what $name does, with examples', ({ examples, description }) => {
    expect(description).toMatch(/^[A-Z].*\.$/)
    expect(examples.length).toBeGreaterThan(0)
  })

  // Those of one command in their order: the last may undo the first.
  it.concurrent.each(help.commands)('has examples of $name that run', async ({ name, examples }) => {
    // Its own: what one command undoes another would miss.
    const db = folder.at(`${name}.db`)
    copyFileSync(folder.at('monday.db'), db)
    for (const { call } of examples) {
      const { status, stdout } = await runCall(call, db)
      expect(status, call).toBe(call.includes('--exit-code') ? 6 : 0)
      if (!/ -o /.test(call)) expect(stdout, call).not.toBe('')
    }
  })
})

function runCall(call: string, db: string): Promise<{ status: number; stdout: string }> {
  const env = {
    ...process.env,
    PATH: `${folder.at('bin')}${delimiter}${process.env.PATH}`,
    INNER_UNIVERSE_DB: db,
  }
  const cwd = call.includes('import-git') ? repository.path : folder.at('.')
  return new Promise((resolve) => {
    execFile('bash', ['-euo', 'pipefail', '-c', call], { cwd, env }, (error, stdout) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout })
    })
  })
}
